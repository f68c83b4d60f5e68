import itertools

from benchmarks.lib.rare import foreign_network, recurrent_network, short_network
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.plan import Plan
from edge_nas.costs import cost_of_plan, known_cores
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


def plan_of(data: bytes) -> Plan:
    return plan_network(Int8Interpreter(read_tflite(data, "rare"))).plan


def sources_of(*networks: bytes) -> set[str]:
    return {step.kernel.source for data in networks for step in plan_of(data).program.steps}


def test_two_networks_hold_every_kernel_of_other_people_s_files() -> None:
    assert sources_of(*(foreign_network(seed).data for seed in range(2))) >= {
        *("fully_connected", "squared_difference", "batch_matmul", "channel_lines", "grouped_convolution"),
        *("arg_extremum", "l2_normalization", "log_softmax", "reduced_extremum", "selection", "svdf"),
    }


def test_two_networks_hold_every_kernel_of_int16_codes() -> None:
    assert sources_of(*(short_network(seed).data for seed in range(2))) >= {
        *("short_convolution", "short_fully_connected", "short_addition", "short_multiplication", "short_pool"),
        *("short_function", "short_softmax", "short_mean", "short_requantization", "short_resize_bilinear"),
    }


def test_recurrent_networks_take_either_kernel_with_any_gates() -> None:
    plans = [plan_of(recurrent_network(seed).data) for seed in range(9)]
    kernels = [step.kernel for plan in plans for step in plan.program.steps]
    recurrent = [(kernel.source, kernel.parameters.get("gates")) for kernel in kernels if "lstm" in kernel.source]
    assert set(recurrent) == {
        ("sequence_lstm", None),
        ("sequence_lstm_blocks", "narrowed"),
        ("sequence_lstm_blocks", "scaled"),
    }


def test_recurrent_layers_of_every_kind_are_among_them() -> None:
    """In steps that alone call their function and in others: what the compiler knows then, it makes other code of."""
    plain, blocks = set(), set()
    for seed in range(36):
        program = plan_of(recurrent_network(seed).data).program
        for step in program.steps:
            kernel, is_only = step.kernel, step.kernel.function in program.only_functions
            if kernel.source == "sequence_lstm":
                plain.add((is_only, step.fields["cell_clip"] != 0))
            elif kernel.source == "sequence_lstm_blocks":
                blocks.add((is_only, kernel.parameters["gates"], int(kernel.parameters["cell_bits"])))
    both = (False, True)
    assert plain == set(itertools.product(both, both))
    assert blocks == set(itertools.product(both, ("narrowed", "scaled"), range(6)))


def test_what_they_cost_is_known_on_every_core() -> None:
    for data in (
        family(seed).data for family in (foreign_network, short_network, recurrent_network) for seed in (20, 21)
    ):
        plan = plan_of(data)
        for core in known_cores():
            assert cost_of_plan(plan, core).instructions > 0
