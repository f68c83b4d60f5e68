"""Runs an int8 network in numpy, byte for byte as TFLite's reference kernels, without TensorFlow."""

from collections.abc import Sequence

import numpy as np

from edge_nas.errors import ArtifactError
from edge_nas.int8.ends import Stored
from edge_nas.int8.graph import Int8Graph, Tensor
from edge_nas.int8.network import network_of
from edge_nas.int8.operands import CODE_RANGES, ParsedOperator
from edge_nas.int8.operators import parse_operator
from edge_nas.int8.operators.arg_extremum import PLACES

# Sums of products take eight bytes each: more samples would need much memory and are not faster.
_SAMPLES_AT_ONCE = 16


class Int8Interpreter:
    """An int8 network ready to run on batches of any size.

    Attributes:
        graph: the network on int8 codes, without what converts its ends.
        inputs, outputs: how the file's own inputs become codes and its outputs come of them.
        operators: what each operator computes, in execution order.
    """

    def __init__(self, graph: Int8Graph) -> None:
        """Parses every operator.

        Raises:
            ArtifactError: an operator, a dtype or a shape is not supported; the message names it.
        """
        network = network_of(graph)
        self.graph = graph = network.body
        self.inputs, self.outputs = network.inputs, network.outputs
        self.operators: tuple[ParsedOperator, ...] = tuple(
            parse_operator(graph, operator) for operator in graph.operators
        )
        self._constants = {
            tensor.index: tensor.data
            for tensor in graph.tensors
            if tensor.data is not None and tensor.dtype in CODE_RANGES
        }
        for side, indices in (("input", graph.inputs), ("output", graph.outputs)):
            for index in indices:
                self._check_end(side, index)
        self._check_order()

    def run(self, batch: Stored) -> Stored:
        """Returns what the file gives (N, ...) for what it takes (N, ...), of a network with one input and one output.

        Raises:
            ArtifactError: the network has several inputs or outputs, or the batch does not fit the input.
        """
        if len(self.graph.outputs) != 1:
            raise ArtifactError(
                f"{self.graph.source}: {len(self.graph.outputs)} outputs; `run` returns one, use `run_all`"
            )
        return self.run_all([batch])[0]

    def run_all(self, batches: Sequence[Stored]) -> list[Stored]:
        """Returns one (N, ...) per output of the file, for one (N, ...) per input, each of the file's own dtype.

        Of a network that keeps something from call to call, samples are successive calls, the first after a reset.

        Raises:
            ArtifactError: the batches do not fit the inputs.
        """
        self._check_batches(batches, [end.outside for end in self.inputs])
        parts = []
        memory = self.first_memory()
        at_once = 1 if memory else _SAMPLES_AT_ONCE
        for start in range(0, max(len(batches[0]), 1), at_once):
            codes = [end.codes(batch[start : start + at_once]) for end, batch in zip(self.inputs, batches, strict=True)]
            tensors = self.tensors(codes, memory)
            parts.append([end.stored(tensors[end.inside.index]) for end in self.outputs])
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def first_memory(self) -> dict[int, Stored]:
        """Returns what the network keeps from call to call as it is after a reset, by tensor; empty for most."""
        return {state.tensor: state.initial.copy() for state in self.graph.states}

    def tensors(self, batches: Sequence[Stored], memory: dict[int, Stored] | None = None) -> dict[int, Stored]:
        """Returns every tensor the network computes, (N, ...) codes by index, its inputs among them.

        Args:
            batches: (N, ...) for each input.
            memory: what the network keeps from call to call, which is changed; default: as after a reset. With it, N
                is 1.

        Raises:
            ArtifactError: the batches do not fit the inputs.
        """
        self._check_batches(batches, [end.inside for end in self.inputs])
        memory = self.first_memory() if memory is None else memory
        values = {**memory, **dict(zip(self.graph.inputs, batches, strict=True))}
        for operator in self.operators:
            kept = [memory[index] for index in operator.states]
            inputs = (
                values[index] if index in values else self._constants[index].reshape(1, *shape)
                for index, shape in zip(operator.inputs, operator.input_shapes, strict=True)
            )
            # All values are integers, exact in floats. OpenBLAS' kernels compute on lanes beyond a small matrix too,
            # whatever lies there, and may raise the processor's flag for it; numpy 2.4 warns of the flag.
            with np.errstate(invalid="ignore"):
                values[operator.output] = operator.run(*inputs, *kept)
            if operator.output in memory:
                memory[operator.output] = values[operator.output]
        return values

    def _check_end(self, side: str, index: int) -> None:
        tensor = self.graph.tensors[index]
        allowed = {*CODE_RANGES, *(PLACES if side == "output" else ())}
        if tensor.dtype not in allowed or tensor.shape[:1] != (1,) or tensor.data is not None:
            what = "a constant" if tensor.data is not None else f"{tensor.dtype} of shape {tensor.shape}"
            raise ArtifactError(
                f"{self.graph.source}: network {side} {tensor.name!r} is {what}; "
                "computed int8 or int16 with batch 1 is expected"
            )

    def _check_order(self) -> None:
        """Refuses a file whose operators read what nothing has written yet."""
        known = {*self.graph.inputs, *self._constants, *(state.tensor for state in self.graph.states)}
        for operator in self.operators:
            for index in operator.inputs:
                if index not in known:
                    number, name = self.graph.operators[operator.index].number, self.graph.tensors[index].name
                    raise ArtifactError(
                        f"{self.graph.source}: operator {number} ({operator.kind}) reads tensor {index} {name!r} "
                        "before it exists"
                    )
            known.add(operator.output)
        for index in self.graph.outputs:
            if index not in known:
                raise ArtifactError(f"{self.graph.source}: network output {index} is written by no operator")

    def _check_batches(self, batches: Sequence[Stored], inputs: Sequence[Tensor]) -> None:
        source = self.graph.source
        if len(batches) != len(inputs):
            raise ArtifactError(f"{source}: {len(batches)} input batches for {len(inputs)} network inputs")
        for tensor, batch in zip(inputs, batches, strict=True):
            expected = tensor.shape[1:]
            if batch.dtype != tensor.dtype or batch.shape[1:] != expected or len(batch) != len(batches[0]):
                raise ArtifactError(
                    f"{source}: input {tensor.name!r} got {batch.dtype} of shape {batch.shape}; "
                    f"{tensor.dtype} of shape {(len(batches[0]), *expected)} is expected"
                )
