"""What a network keeps from call to call, as tensors: `Int8Graph.states`.

A file has it in two forms. A variable tensor is changed by the operator that reads it. Other variables have handles:

    CALL_ONCE           runs a subgraph before the first call, which gives variables their first values
    VAR_HANDLE          -> handle
    READ_VARIABLE       handle -> a        the values of the last call
    ASSIGN_VARIABLE     handle, b          those of the next one

Here `a` is a state, and what is left of all this is one operator, ASSIGN_VARIABLE b -> a, behind the last one that
reads `a`. A variable that is read after it was assigned is the assigned tensor; one that nobody assigns is a constant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator, State, Tensor

ASSIGN = "ASSIGN_VARIABLE"
# Of no bytes of their own: in generated C their outputs are the bytes of what they read.
_ALIASES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")


def with_states(graph: Int8Graph) -> Int8Graph:
    """Returns a graph whose states are tensors, without handles.

    Raises:
        ArtifactError: a variable has no first values or no int8 ones, variables exchange their values, or what runs
            before the first call does more than set variables.
    """
    # What a caller or an operator writes anew in each call keeps nothing, whatever the file says of it.
    written = {*graph.inputs, *(index for operator in graph.operators for index in operator.outputs)}
    variable = [tensor for tensor in graph.tensors if tensor.variable and tensor.index not in written]
    states = [State(tensor.index, _zeros(tensor)) for tensor in variable]
    if not any(operator.kind == "VAR_HANDLE" for operator in graph.operators):
        return replace(graph, states=tuple(states))
    variables = _Variables(graph)
    operators = variables.without_handles()
    first_values = _first_values(graph)
    tensors = list(graph.tensors)
    pending: dict[int, int] = {}
    for name, tensor in variables.read.items():
        initial = _checked(graph, tensors[tensor], name, first_values)
        if name in variables.assigned:
            states.append(State(tensor, initial))
            pending[tensor] = variables.assigned[name]
        else:
            tensors[tensor] = replace(tensors[tensor], data=initial)
    outputs = tuple(variables.same.get(index, index) for index in graph.outputs)
    if set(outputs) & _spread(operators, pending):
        raise ArtifactError(f"{graph.source}: a network output is the last value of a variable; copy it in the network")
    return replace(
        graph,
        tensors=tuple(tensors),
        operators=_with_assignments(graph, operators, pending),
        outputs=outputs,
        states=tuple(states),
    )


@dataclass
class _Variables:
    """Who reads and assigns variables, in the order of the operators.

    Attributes:
        read: the tensor that holds a variable's last values, by the variable's name.
        assigned: the tensor that becomes its next ones.
        same: outputs of READ_VARIABLE that are one of these, and which.
    """

    graph: Int8Graph
    read: dict[str, int] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)

    def without_handles(self) -> list[Operator]:
        """Returns the operators that compute something, and fills the attributes."""
        names: dict[int, str] = {}
        kept = []
        for operator in self.graph.operators:
            inputs = tuple(self.same.get(index, index) for index in operator.inputs)
            if operator.kind == "VAR_HANDLE":
                names[operator.outputs[0]] = operator.variable_name
            elif operator.kind == "READ_VARIABLE":
                self._read(self._name(names, inputs), operator.outputs[0])
            elif operator.kind == ASSIGN:
                self.assigned[self._name(names, inputs)] = inputs[1]
            elif operator.kind != "CALL_ONCE":
                kept.append(replace(operator, inputs=inputs))
        return kept

    def _read(self, name: str, output: int) -> None:
        current = self.assigned.get(name, self.read.get(name))
        if current is None:
            self.read[name] = output
        else:
            self.same[output] = current

    def _name(self, names: Mapping[int, str], inputs: tuple[int, ...]) -> str:
        if not inputs or inputs[0] not in names:
            raise ArtifactError(f"{self.graph.source}: a variable is used whose handle no VAR_HANDLE gives")
        return names[inputs[0]]


def _first_values(graph: Int8Graph) -> dict[str, npt.NDArray[Any]]:
    """Returns what the subgraphs of CALL_ONCE give variables, by their names."""
    values: dict[str, npt.NDArray[Any]] = {}
    for number in (
        operator.options["InitSubgraphIndex"] for operator in graph.operators if operator.kind == "CALL_ONCE"
    ):
        names: dict[int, str] = {}
        before = graph.subgraphs[number]
        for operator in before.operators:
            if operator.kind == "VAR_HANDLE":
                names[operator.outputs[0]] = operator.variable_name
                continue
            data = before.tensors[operator.inputs[1]].data if operator.kind == ASSIGN else None
            if data is None or operator.inputs[0] not in names:
                raise ArtifactError(
                    f"{graph.source}: subgraph {number} runs before the first call and has {operator.kind}; "
                    "it may only assign constants to variables"
                )
            values[names[operator.inputs[0]]] = data
    return values


def _checked(graph: Int8Graph, tensor: Tensor, name: str, values: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Returns the first values of a variable that `tensor` reads."""
    where = f"{graph.source}: variable {name!r}, read as tensor {tensor.name!r},"
    if name not in values:
        raise ArtifactError(f"{where} has no first values; a CALL_ONCE that assigns a constant is expected")
    initial = values[name]
    if tensor.dtype != "int8" or initial.dtype != np.int8 or initial.shape != tensor.shape:
        raise ArtifactError(
            f"{where} is {tensor.dtype} of shape {tensor.shape} and begins as {initial.dtype} of shape "
            f"{initial.shape}; int8 of one shape is supported"
        )
    return initial


def _with_assignments(graph: Int8Graph, operators: list[Operator], pending: Mapping[int, int]) -> tuple[Operator, ...]:
    """Returns the operators with an assignment for each state, where nothing reads its last values any more.

    Args:
        graph: for messages.
        operators: what computes.
        pending: the tensor that becomes a state's next values, by the state's tensor.
    """
    result = list(operators)
    left = dict(pending)
    while left:
        # A state that another one takes over is assigned after that.
        free = [state for state in left if state not in {left[other] for other in left if other != state}]
        if not free:
            raise ArtifactError(f"{graph.source}: variables exchange their values, which is not supported")
        state = free[0]
        source = left.pop(state)
        touching = _spread(result, [state]) | {source}
        uses = [place for place, each in enumerate(result) if touching & {*each.inputs, *each.outputs}]
        number = next((each.number for each in graph.operators if each.kind == ASSIGN), -1)
        assignment = Operator(len(result), ASSIGN, (source,), (state,), {}, number=number)
        result.insert(max(uses, default=-1) + 1, assignment)
    return tuple(result)


def _spread(operators: Iterable[Operator], tensors: Iterable[int]) -> set[int]:
    """Returns tensors and those that are their very bytes under other shapes."""
    spread = set(tensors)
    for operator in operators:
        if operator.kind in _ALIASES and operator.inputs[0] in spread:
            spread |= set(operator.outputs)
    return spread


def _zeros(tensor: Tensor) -> npt.NDArray[Any]:
    """Returns what a variable tensor begins with: its zero point, as TFLite's interpreters set it, 0 without one."""
    zero_point = tensor.zero_points[0] if len(tensor.zero_points) == 1 and tensor.dtype == "int8" else 0
    return np.full(tensor.shape, zero_point, tensor.dtype)
