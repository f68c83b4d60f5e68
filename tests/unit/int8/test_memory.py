import pytest

from edge_nas.errors import ArtifactError
from edge_nas.int8 import memory
from edge_nas.int8.memory import OperatorNode


def peak_ram_bytes(operators: list[OperatorNode], sizes: dict[int, int], inputs: list[int], outputs: list[int]) -> int:
    return memory.peak_ram_bytes(operators, sizes, inputs, outputs, "hand.tflite")


def chain(*steps: tuple[tuple[int, ...], tuple[int, ...]]) -> list[OperatorNode]:
    return [OperatorNode(f"op{i}", "ANY", reads, writes, 0, 0) for i, (reads, writes) in enumerate(steps)]


def test_a_chain_needs_two_neighbours_at_a_time() -> None:
    operators = chain(((0,), (1,)), ((1,), (2,)), ((2,), (3,)))
    assert peak_ram_bytes(operators, {0: 10, 1: 100, 2: 40, 3: 5}, [0], [3]) == 140


def test_a_skip_keeps_its_tensor_alive_over_the_detour() -> None:
    operators = chain(((0,), (1,)), ((1,), (2,)), ((2,), (3,)), ((1, 3), (4,)))
    sizes = {0: 1, 1: 50, 2: 20, 3: 30, 4: 10}
    assert peak_ram_bytes(operators, sizes, [0], [4]) == 50 + 20 + 30
    without_skip = chain(((0,), (1,)), ((1,), (2,)), ((2,), (3,)), ((3,), (4,)))
    assert peak_ram_bytes(without_skip, sizes, [0], [4]) == 50 + 20


def test_an_early_output_lives_to_the_end() -> None:
    operators = chain(((0,), (1,)), ((0,), (2,)), ((2,), (3,)))
    sizes = {0: 1, 1: 100, 2: 10, 3: 10}
    assert peak_ram_bytes(operators, sizes, [0], [1, 3]) == 100 + 10 + 10
    assert peak_ram_bytes(operators, sizes, [0], [3]) == 1 + 100 + 0  # freed at once where nobody wants it


def test_a_late_input_is_alive_from_the_start() -> None:
    operators = chain(((0,), (2,)), ((2,), (3,)), ((1, 3), (4,)))
    assert peak_ram_bytes(operators, {0: 10, 1: 1000, 2: 10, 3: 10, 4: 1}, [0, 1], [4]) == 1000 + 10 + 10


def test_an_operator_in_place_adds_nothing() -> None:
    operators = chain(((0,), (1,)), ((1,), (1,)), ((1,), (2,)))
    assert peak_ram_bytes(operators, {0: 10, 1: 20, 2: 30}, [0], [2]) == 50


def test_no_operator_at_all_leaves_the_inputs() -> None:
    assert peak_ram_bytes([], {0: 7}, [0], [0]) == 7


def test_reading_what_nobody_wrote_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"hand\.tflite: operator 'op0'.*tensor 5"):
        peak_ram_bytes(chain(((5,), (1,))), {1: 1, 5: 1}, [0], [1])
    with pytest.raises(ArtifactError, match=r"hand\.tflite: network output 9"):
        peak_ram_bytes(chain(((0,), (1,))), {0: 1, 1: 1}, [0], [9])
