"""Variables of a file as states of its graph; the bytes over calls are held against LiteRT by the zoo's mww_vad."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.states import with_states

FIRST = np.array([[5, 7]], np.int8)


def tensor(index: int, data: np.ndarray | None = None) -> Tensor:
    return Tensor(index, f"t{index}", (1, 2), "int8", (0.1,), (0,), 0, data)


def handle(output: int, name: str) -> Operator:
    return Operator(0, "VAR_HANDLE", (), (output,), {}, variable_name=name)


def graph(operators: Sequence[tuple[str, tuple[int, ...], tuple[int, ...]]], outputs: Sequence[int]) -> Int8Graph:
    """Returns a network over tensors 0 (its input) to 9; handles of the variables a and b are tensors 8 and 9."""
    before = Int8Graph(
        (tensor(0), tensor(1, FIRST), tensor(2), tensor(3, FIRST + 1)),
        (
            handle(0, "a"),
            Operator(1, "ASSIGN_VARIABLE", (0, 1), (), {}),
            handle(2, "b"),
            Operator(3, "ASSIGN_VARIABLE", (2, 3), (), {}),
        ),
        (),
        (),
        "before",
    )
    own = [Operator(3 + place, kind, ins, outs, {}) for place, (kind, ins, outs) in enumerate(operators)]
    first = [Operator(0, "CALL_ONCE", (), (), {"InitSubgraphIndex": 1}), handle(8, "a"), handle(9, "b")]
    return Int8Graph(
        tuple(tensor(index) for index in range(10)), (*first, *own), (0,), tuple(outputs), "net", subgraphs={1: before}
    )


def run(network: Int8Graph, calls: Sequence[int]) -> list[list[int]]:
    """Returns the first output's codes for calls with both input codes of a number."""
    batch = np.array([[number, number] for number in calls], np.int8)
    return Int8Interpreter(network).run_all([batch])[0].tolist()


def test_what_is_assigned_is_read_in_the_next_call() -> None:
    network = graph([("READ_VARIABLE", (8,), (1,)), ("RELU", (1,), (2,)), ("ASSIGN_VARIABLE", (8, 0), ())], [2])
    assert run(network, [1, 2, 3]) == [[5, 7], [1, 1], [2, 2]]
    assert run(network, [1]) == [[5, 7]]  # each sequence begins anew


def test_a_variable_that_is_read_behind_its_assignment_is_the_assigned_tensor() -> None:
    network = graph([("ASSIGN_VARIABLE", (8, 0), ()), ("READ_VARIABLE", (8,), (1,)), ("RELU", (1,), (2,))], [2])
    assert with_states(network).states == ()
    assert run(network, [1, 2]) == [[1, 1], [2, 2]]


def test_one_that_nobody_assigns_is_a_constant() -> None:
    states = with_states(graph([("READ_VARIABLE", (8,), (1,)), ("ADD", (0, 1), (2,))], [2]))
    assert states.states == ()
    assert (states.tensors[1].data == FIRST).all()


def test_a_chain_of_two_is_assigned_from_its_end() -> None:
    network = graph(
        [
            ("READ_VARIABLE", (8,), (1,)),
            ("READ_VARIABLE", (9,), (2,)),
            ("ASSIGN_VARIABLE", (8, 0), ()),
            ("ASSIGN_VARIABLE", (9, 1), ()),
            ("RELU", (2,), (3,)),
        ],
        [3],
    )
    assert run(network, [1, 2, 3, 4]) == [[6, 8], [5, 7], [1, 1], [2, 2]]


def test_what_each_call_writes_anew_keeps_nothing_though_a_file_calls_it_variable() -> None:
    marked = [replace(tensor(index), variable=True) for index in range(4)]
    network = Int8Graph(
        tuple(marked), (Operator(0, "RESHAPE", (0,), (1,), {}), Operator(1, "ADD", (1, 2), (3,), {})), (0,), (3,), "net"
    )
    assert [state.tensor for state in with_states(network).states] == [2]


def test_what_is_not_supported_is_named() -> None:
    swapped = [("READ_VARIABLE", (8,), (1,)), ("READ_VARIABLE", (9,), (2,))]
    swapped += [("ASSIGN_VARIABLE", (8, 2), ()), ("ASSIGN_VARIABLE", (9, 1), ())]
    with pytest.raises(ArtifactError, match="variables exchange their values"):
        with_states(graph(swapped, [0]))
    given = [("READ_VARIABLE", (8,), (1,)), ("ASSIGN_VARIABLE", (8, 0), ())]
    with pytest.raises(ArtifactError, match="output is the last value of a variable"):
        with_states(graph(given, [1]))
