"""A whole network: bytes, interface, memory, refusals."""

import re
import subprocess

import numpy as np
import pytest
from codegraphs import Case, run_merged, wide_window_network
from int8graphs import Draft, probe_inputs, random_graph, run_reference
from int8graphs.random_graphs import finish

from edge_nas.codegen import compile as compile_module
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.codegen.compile import require_generated
from edge_nas.codegen.memory import interpreter_arena_bytes
from edge_nas.codegen.program import MOST_CHANNELS
from edge_nas.core.hashing import sha256_bytes
from edge_nas.errors import ArtifactError, ResourceError, UnsafeError
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import THREE, Sketch


@pytest.fixture(scope="module")
def compiled(hourglass_graph):
    return compile_tflite(hourglass_graph.data)


def functions(compiled) -> set[str]:
    return {re.sub(r"_\d+", "", step.function) for step in compiled.steps}


@pytest.mark.smoke
def test_fast_kernels_compute_the_bytes_of_the_reference(hourglass_graph, compiled, tmp_path):
    inputs = probe_inputs(hourglass_graph, count=20)[0]
    (output,) = run_merged([Case(compiled, inputs.reshape(len(inputs), -1))], tmp_path)
    np.testing.assert_array_equal(output, run_reference(hourglass_graph.data, [inputs])[0].reshape(len(inputs), -1))
    assert functions(compiled) == {
        "edge_planar_from_flat",
        "edge_depthwise3_s1_pairs",
        "edge_depthwise3_up2_pairs",
        "edge_max_pool2_planar",
        "edge_pointwise_planar_relu",
        "edge_pointwise_pairs_relu",
        "edge_pointwise_flat_linear",
    }


def test_wide_pointwise_layers_keep_bytes_where_size_counts(hourglass_graph, compiled, tmp_path):
    inputs = probe_inputs(hourglass_graph, count=20)[0]
    small = compile_tflite(hourglass_graph.data, optimize="size")
    (output,) = run_merged([Case(small, inputs.reshape(len(inputs), -1))], tmp_path)
    np.testing.assert_array_equal(output, run_reference(hourglass_graph.data, [inputs])[0].reshape(len(inputs), -1))
    assert functions(small) - functions(compiled) == {
        "edge_depthwise3_s1_pairs_any",
        "edge_depthwise3_up2_pairs_any",
        "edge_pointwise_pairs_relu_any_lanes",
    }
    # Rows of different lengths in memory share a kernel.
    assert len({step.function for step in small.steps}) < len({step.function for step in compiled.steps})
    # 16 inputs of 4 outputs: a byte less for each weight, a factor more for each output.
    assert compiled.constant_bytes - small.constant_bytes == 16 * 4 - 4 * 4


@pytest.mark.parametrize(("channels", "in_words"), [(20, True), (24, False)])
def test_many_weights_take_a_byte_each_for_speed_as_well(channels, in_words, append_convolution):
    draft = Draft(np.random.default_rng(2))
    source = draft.activation((1, 4, 4, 46), 0.0078, 0)
    graph = finish(draft, [source], [append_convolution(draft, source, channels)])
    (name,) = (name for name in functions(compile_tflite(graph.data)) if "pointwise" in name)
    assert ("lanes" in name) == (not in_words)


def test_a_flipped_weight_changes_the_bytes(hourglass_graph, tmp_path):
    inputs = probe_inputs(hourglass_graph)[0]
    data = bytearray(hourglass_graph.data)
    graph = read_tflite(bytes(data), "model")
    weights = graph.tensors[graph.operators[0].inputs[1]].data
    place = bytes(data).index(weights.tobytes())
    data[place + weights.size // 2] ^= 0x40
    (output,) = run_merged([Case(compile_tflite(bytes(data)), inputs.reshape(len(inputs), -1))], tmp_path)
    expected = run_reference(hourglass_graph.data, [inputs])[0].reshape(len(inputs), -1)
    assert (output != expected).any()


def test_the_same_file_gives_the_same_text(hourglass_graph, compiled):
    assert compile_tflite(hourglass_graph.data) == compiled


def test_a_path_is_read_and_the_files_are_written(hourglass_graph, compiled, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(hourglass_graph.data)
    assert compile_tflite(path) == compiled
    written = write_compiled(compiled, tmp_path / "new" / "c")
    assert [file.name for file in written] == ["edge_model.c", "edge_model.h", "edge_intrinsics.h"]
    for file, path in zip(compiled.files, written, strict=True):
        assert sha256_bytes(path.read_bytes()) == file.sha256


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ResourceError, match=r"none\.tflite cannot be read"):
        compile_tflite(tmp_path / "none.tflite")


def test_the_header_tells_sizes_scales_and_the_hash(hourglass_graph, compiled):
    header = compiled.files[1].text
    assert f'#define EDGE_MODEL_SHA256 "{sha256_bytes(hourglass_graph.data)}"' in header
    assert "#define EDGE_MODEL_INPUT_BYTES 1152\n" in header
    assert "#define EDGE_MODEL_OUTPUT_BYTES 384\n" in header
    assert f"#define EDGE_MODEL_ARENA_BYTES {compiled.arena_bytes}\n" in header
    assert f"#define EDGE_MODEL_OUTPUT_ZERO_POINT ({compiled.output.zero_point})\n" in header


def test_the_text_has_no_heap_no_floats_and_no_main(compiled):
    code = re.sub(r"/\*.*?\*/", "", compiled.files[0].text, flags=re.DOTALL)
    assert not re.search(r"\b(malloc|calloc|free|float|double|main|math\.h|stdlib\.h)\b", code)


def test_the_header_is_c_plus_plus_as_well(compiled, tmp_path):
    write_compiled(compiled, tmp_path)
    (tmp_path / "user.cpp").write_text('#include "edge_model.h"\nint size() { return EDGE_MODEL_ARENA_BYTES; }\n')
    command = ["g++", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "user.cpp"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def test_the_constants_of_all_steps_are_those_of_the_network(compiled):
    assert sum(step.constant_bytes for step in compiled.steps) == compiled.constant_bytes
    assert max(step.constant_bytes for step in compiled.steps) > 0


def test_operators_with_one_kernel_share_it_and_keep_the_reference_s_bytes(tmp_path):
    net = Sketch((8, 8, 8))
    x = net.convolution(net.input, 8, THREE, kernel="both")
    x = net.convolution(net.max_pool(x), 8, THREE, kernel="both")
    data = net.finish(net.dense(net.mean(x, keep=False), 3))
    compiled = compile_tflite(data)
    inputs = np.random.default_rng(0).integers(-128, 128, (20, 8, 8, 8), np.int8)
    (output,) = run_merged([Case(compiled, inputs.reshape(20, -1))], tmp_path)
    np.testing.assert_array_equal(output, run_reference(data, [inputs])[0].reshape(20, -1))
    least = 8 * 8 * 9
    assert least < compiled.constant_bytes < 2 * least


def test_buffers_lie_inside_the_arena_and_those_alive_together_apart(compiled):
    for buffer in compiled.arena:
        assert buffer.offset + buffer.size_bytes <= compiled.arena_bytes
        assert buffer.rows * buffer.row_bytes == buffer.size_bytes
        for other in compiled.arena:
            together = buffer.first_step <= other.last_step and other.first_step <= buffer.last_step
            if other is not buffer and together:
                before = buffer.offset + buffer.size_bytes <= other.offset
                assert before or other.offset + other.size_bytes <= buffer.offset


@pytest.mark.parametrize("seed", range(40))
def test_no_arena_is_above_the_interpreter_s_plan(seed):
    data = random_graph(seed, single=True).data
    assert compile_tflite(data).arena_bytes <= interpreter_arena_bytes(read_tflite(data, "graph"))


def test_operators_go_flat_where_fast_layouts_take_too_much(hourglass_graph, compiled, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 0)
    slow = compile_tflite(hourglass_graph.data)
    assert functions(slow) == {
        "edge_convolution_patches",
        "edge_depthwise_taps",
        "edge_max_pool",
        "edge_resize_nearest",
    }
    assert {index for step in slow.steps for index in step.operators} == {
        index for step in compiled.steps for index in step.operators
    }


def test_operators_that_memory_slows_are_few_and_listed(hourglass_graph):
    fast = compile_tflite(hourglass_graph.data, arena_limit=1 << 30)
    assert fast.slowed == ()
    tight = compile_tflite(hourglass_graph.data, arena_limit=fast.arena_bytes - 1)
    assert tight.arena_bytes <= tight.arena_limit == fast.arena_bytes - 1
    assert tight.fast_arena_bytes == fast.arena_bytes
    assert 0 < len(tight.slowed) < len(hourglass_graph.kinds)
    for slowed in tight.slowed:
        assert slowed.kind == hourglass_graph.kinds[slowed.index]


@pytest.mark.parametrize(("channels", "fast"), [(MOST_CHANNELS, True), (MOST_CHANNELS + 1, False)])
def test_layers_too_wide_for_one_addition_are_plain(channels, fast, append_convolution, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 2, 2, 2), 0.0078, 0)
    wide = append_convolution(draft, append_convolution(draft, source, channels), channels, depthwise=True)
    graph = finish(draft, [source], [append_convolution(draft, wide, 2)])
    found = functions(compile_tflite(graph.data))
    assert ("edge_convolution" in found) == ("edge_depthwise_convolution" in found) == (not fast)


@pytest.mark.parametrize(("taps", "function"), [(255, "edge_dense_flat_linear"), (256, "edge_convolution")])
def test_borders_too_wide_for_their_field_are_plain(taps, function, tmp_path, monkeypatch):
    monkeypatch.setattr(compile_module, "interpreter_arena_bytes", lambda graph: 1 << 30)
    graph = wide_window_network(taps)
    compiled = compile_tflite(graph.data)
    assert function in functions(compiled)
    inputs = probe_inputs(graph)[0]
    (output,) = run_merged([Case(compiled, inputs.reshape(len(inputs), -1))], tmp_path)
    np.testing.assert_array_equal(output, run_reference(graph.data, [inputs])[0].reshape(len(inputs), -1))


def test_an_unknown_operator_is_named():
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 4, 4, 2))
    output = draft.operator("SIGN", [source.index], draft.activation((1, 4, 4, 2)), {})
    with pytest.raises(ArtifactError, match=r"operator 0 is SIGN.*supported: ABS"):
        compile_tflite(finish(draft, [source], [output]).data)


def test_a_dimension_beyond_16_bits_is_named():
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 40000))
    output = draft.operator("RELU", [source.index], draft.activation((1, 40000), 0.1, 0), {})
    with pytest.raises(ArtifactError, match=r"\(1, 40000\); dimensions up to 32767"):
        compile_tflite(finish(draft, [source], [output]).data)


def test_a_reshape_may_cut_bytes_into_other_rows(append_convolution, tmp_path):
    """Of the input, in one row of memory; and of what another layer makes row by row."""
    draft = Draft(np.random.default_rng(5))
    source = draft.activation((1, 7 * 6 * 2))
    image = append_convolution(draft, _reshaped(draft, source, (1, 7, 6, 2)), 8)
    output = append_convolution(draft, _reshaped(draft, image, (1, 14, 6, 4)), 4, depthwise=True)
    graph = finish(draft, [source], [output])
    inputs = probe_inputs(graph, count=20)[0]
    (found,) = run_merged([Case(compile_tflite(graph.data), inputs)], tmp_path)
    np.testing.assert_array_equal(found, run_reference(graph.data, [inputs])[0].reshape(len(inputs), -1))


def _reshaped(draft, source, shape):
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator("RESHAPE", [source.index, draft.writer.constant(shape)], output, {})


def test_c_that_is_not_made_of_the_network_is_refused(hourglass_graph, compiled):
    """It would be compiled and run on this machine; what its record says of it and its hash are as good as itself."""
    data = hourglass_graph.data
    for made in (compiled, compile_tflite(data, optimize="size"), compile_tflite(data, arena_limit=1)):
        require_generated(made, data, "a run")
    file = compiled.files[0]
    text = file.text + '__attribute__((constructor)) static void run(void) { system("true"); }\n'
    changed = file.model_copy(update={"text": text, "sha256": sha256_bytes(text.encode())})
    with pytest.raises(UnsafeError, match=r"a run: the C in it is not what .*--from compile"):
        require_generated(compiled.model_copy(update={"files": (changed, *compiled.files[1:])}), data, "a run")
    with pytest.raises(UnsafeError):
        require_generated(compiled.model_copy(update={"arena_bytes": 1}), data, "a run")


def test_a_generated_file_has_a_plain_name(compiled):
    file = compiled.files[0].to_data()
    for name in ("../edge_model.c", "/tmp/edge_model.c", "a/b.c", "", ".."):
        with pytest.raises(ValueError, match="pattern"):
            type(compiled.files[0]).from_data(file | {"name": name})
