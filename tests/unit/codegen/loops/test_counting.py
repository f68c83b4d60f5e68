from importlib import resources

import pytest

from benchmarks.lib.rare import recurrent_layer
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.loops import LOOPS, CountedStep, Loops, loops, loops_of
from edge_nas.codegen.loops.runloop import run_loops
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import InstructionSet
from edge_nas.errors import EdgeNasError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import HALVING, Sketch, SketchTensor, Window, tiles


@pytest.fixture(scope="module")
def plan() -> Plan:
    net = Sketch((8, 10, 3))
    x = net.convolution(net.input, 6, HALVING)
    x = net.convolution(net.depthwise(x), 7)
    return plan_network(Int8Interpreter(read_tflite(net.finish(net.dense(net.mean(x), 5)), "sketch"))).plan


def counted(plan: Plan, source: str, instructions: InstructionSet | None = "dsp") -> Loops:
    step = [step for step in plan.program.steps if step.kernel.source == source][-1]
    return loops_of(CountedStep(step, plan.program.buffers, instructions))


def test_every_kernel_says_how_often_its_loops_run() -> None:
    files = resources.files("edge_nas.codegen.kernels").iterdir()
    texts = {file.name[:-2]: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".c")}
    # Others are parts of a kernel, or the network's own file.
    assert set(LOOPS) == {name for name, text in texts.items() if "/* function */" in text}


def test_loops_of_a_depthwise_convolution(plan: Plan) -> None:
    # 4 rows of 6 channels, 5 pixels: three pairs, the loop of which is written twice.
    loops = counted(plan, "depthwise3").counts
    assert loops["calls"] == 4
    assert {name.split(": ")[1]: count for name, count in loops.items() if ": " in name} == {
        "planes": 24,
        "pixels": 72,
        "jumps": 48,
    }


def test_loops_of_a_pointwise_convolution_depend_on_the_instruction_set(plan: Plan) -> None:
    # 4 rows, 7 outputs of 3 pairs, 5 pixels: three pairs of pixels where they are flat two calls.
    dsp = counted(plan, "pointwise").counts
    assert dsp["four_pairs: two pairs"] == 4 * 7 * 3
    assert dsp["four_pairs: single pairs"] == 4 * 7 * 3
    portable = counted(plan, "pointwise", None).counts
    assert portable["3 pairs: pixels"] == 4 * 7 * 3
    assert counted(plan, "pointwise", "helium").counts["narrow 2: pixels"] == 4 * 7


def _made(net: Sketch, last: SketchTensor, arena_limit: int | None = None) -> Plan:
    network = Int8Interpreter(read_tflite(net.finish(last), "sketch"))
    return plan_network(network, arena_limit=arena_limit).plan


@pytest.mark.parametrize(("outputs", "form"), [(8, "full "), (9, ""), (3, "few ")])
def test_blocks_of_four_outputs_that_the_compiler_knows(outputs: int, form: str) -> None:
    """Of a step that alone calls its function, whose last block has four as well, or of which there is no loop."""
    net = Sketch((4, 6, 5))
    plan = _made(net, net.convolution(net.input, outputs, Window((3, 3))), arena_limit=0)
    (step,) = (step for step in plan.program.steps if step.kernel.source == "convolution_patches")
    for is_only, expected in ((True, form), (False, "")):
        counts = loops_of(CountedStep(step, plan.program.buffers, None, is_only)).counts
        assert counts[f"{expected}outputs"] == 4 * 6 * outputs
        assert counts[f"{expected}blocks"] == 4 * 6 * -(-outputs // 4)


@pytest.mark.parametrize(("outputs", "form"), [(3, "few "), (4, "one "), (8, "full "), (9, "")])
def test_blocks_of_four_outputs_of_a_kernel_in_every_step(outputs: int, form: str) -> None:
    """One row, whose windows lie in one stretch of 5 * 6 codes: two rounds of twelve steps of two codes."""
    net = Sketch((1, 12, 6))
    x = net.convolution(net.input, outputs, Window((1, 5)), "relu")
    plan = _made(net, net.logistic(x), arena_limit=1 << 20)
    (step,) = (step for step in plan.program.steps if step.kernel.source == "dense")
    four = -(-outputs // 4)
    for is_only in (True, False):
        counts = loops_of(CountedStep(step, plan.program.buffers, "dsp", is_only)).counts
        assert counts["window rows"] == counts["stretches"] == 1
        assert counts["block stretches"] == counts[f"{form}flat relu: blocks"] == 6 * four
        assert counts["rounds"] == 6 * four * 2
        assert counts["two codes"] == 6 * four * 15
        assert counts[f"{form}flat relu: second outputs"] == 6 * outputs
    portable = loops_of(CountedStep(step, plan.program.buffers, None)).counts
    assert portable["flat relu: blocks"] == 6 * four


@pytest.mark.parametrize("clip", [0.0, 10.0])
def test_cells_that_are_clipped_at_each_moment(clip: float) -> None:
    data = recurrent_layer(0, (3, 5), 7, 3, "small", clip=clip).data
    plan = plan_network(Int8Interpreter(read_tflite(data, "one layer"))).plan
    (step,) = plan.program.steps
    for is_only, name in ((True, "known clips"), (False, "clips")):
        counts = loops_of(CountedStep(step, plan.program.buffers, None, is_only)).counts
        assert counts[name] == (3 * 7 if clip else 0)


@pytest.mark.parametrize(
    ("window", "form"), [((1, 1), "one column "), ((2, 1), "one column "), ((1, 2), "two columns "), ((3, 3), "")]
)
def test_few_columns_of_a_pool_are_no_loop(window: tuple[int, int], form: str) -> None:
    net = Sketch((6, 12, 4))
    plan = _made(net, net.max_pool(net.input, tiles(*window)), arena_limit=0)
    outputs = (6 // window[0]) * (12 // window[1])
    assert counted(plan, "max_pool").counts[f"{form}all codes: groups"] == outputs


@pytest.mark.parametrize("classes", [4, 10])
def test_the_largest_of_four_classes_at_a_time(classes: int) -> None:
    net = Sketch((classes,))
    plan = _made(net, net.softmax(net.input))
    own = {name: count for name, count in counted(plan, "softmax").counts.items() if "classes" in name}
    assert own == {"classes": classes, "four classes": classes // 4, "single classes": classes % 4}
    assert "four classes" not in counted(plan, "softmax", None).counts


def test_what_is_not_declared_is_an_error(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LOOPS, "mean")
    with pytest.raises(EdgeNasError, match="kernel mean does not say how often its loops run"):
        counted(plan, "mean")


def test_loops_are_declared_once() -> None:
    with pytest.raises(ValueError, match="the loops of mean are declared twice"):
        loops("mean")(lambda step: Loops({"calls": step.runs}))


def test_edge_model_run_counts_its_turns(plan: Plan) -> None:
    counts = run_loops(plan).counts
    strips = plan.schedule.strips
    alone = sum(strips[start].runs for start, stop in plan.schedule.segments if stop - start == 1)
    assert counts["runs alone"] == alone
    assert counts["turns"] + alone == sum(strip.runs for strip in strips)
    assert counts["strips looked at"] >= counts["turns"]
