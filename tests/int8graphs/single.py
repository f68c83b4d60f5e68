"""Files of one operator, given tensor by tensor, and what every operator's tests ask of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.reader import read_tflite
from int8graphs.draft import Draft
from int8graphs.layers import add_layer
from int8graphs.random_graphs import RandomGraph, finish, probe_inputs
from int8graphs.reference import run_reference
from int8graphs.writer import Options, Writer

Numbers = float | Sequence[float]


@dataclass(frozen=True)
class Given:
    """A tensor: an activation unless it has data; its batch of 1 in front."""

    shape: tuple[int, ...]
    scales: Numbers = 0.1
    zero_points: int | Sequence[int] = 0
    dtype: str = "int8"
    dimension: int = 0
    data: np.ndarray | None = None


def indices(values: object, dtype: str = "int32") -> Given:
    """Returns a constant without quantization, such as a shape or axes."""
    data = np.array(values, dtype)
    return Given(data.shape, (), (), dtype, 0, data)


def constant(values: object, scale: Numbers = 0.1, zero_points: int | Sequence[int] = 0, dimension: int = 0) -> Given:
    """Returns an int8 constant."""
    data = np.array(values, np.int8)
    return Given(data.shape, scale, zero_points, "int8", dimension, data)


def single(kind: str, sources: Sequence[Given | None], output: Given, options: Options | None = None) -> RandomGraph:
    """Returns the file of one operator; None among the sources is an optional input left out."""
    writer = Writer()
    slots = [-1 if source is None else _written(writer, source) for source in sources]
    result = _written(writer, output)
    writer.operator(kind, slots, [result], options)
    computed = [
        (slot, source)
        for slot, source in zip(slots, sources, strict=True)
        if source is not None and source.data is None
    ]
    data = writer.finish([slot for slot, _ in computed], [result])
    return RandomGraph(data, (kind,), tuple(source.shape for _, source in computed), (output.shape,))


def parsed(graph: RandomGraph) -> ParsedOperator:
    """Returns the first operator of a file called one.tflite, parsed."""
    return Int8Interpreter(read_tflite(graph.data, "one.tflite")).operators[0]


def run(graph: RandomGraph, *batches: np.ndarray) -> np.ndarray:
    """Returns the output of a file of one operator for int8 batches (N, ...)."""
    codes = [np.asarray(batch, np.int8) for batch in batches]
    return Int8Interpreter(read_tflite(graph.data, "one.tflite")).run_all(codes)[0]


def check_equal(graph: RandomGraph, seed: int = 0, count: int = 5) -> None:
    """Asserts that numpy and the reference kernels give the same bytes, extremes included."""
    batches = probe_inputs(graph, seed, count)
    expected = run_reference(graph.data, batches)
    found = Int8Interpreter(read_tflite(graph.data, f"seed {seed}")).run_all(batches)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == np.int8
        np.testing.assert_array_equal(ours, theirs, err_msg=f"{graph.kinds}, seed {seed}")


def check_random_layers(kind: str, seeds: int = 25) -> None:
    """Asserts it for many random layers of a kind on images of odd sizes, and that the outputs are worth comparing."""
    spread = 0
    for seed in range(seeds):
        draft = Draft(np.random.default_rng(seed))
        shape = (1, draft.integer(1, 9), draft.integer(1, 9), draft.integer(1, 33))
        image = draft.activation(shape)
        output = add_layer(draft, kind, [image])
        if output is None:
            continue
        graph = finish(draft, [image], [output])
        check_equal(graph, seed)
        spread += len(np.unique(run_reference(graph.data, probe_inputs(graph))[0])) > 10
    assert spread > seeds // 4


def _written(writer: Writer, given: Given) -> int:
    return writer.tensor(
        given.shape, given.scales, given.zero_points, dtype=given.dtype, dimension=given.dimension, data=given.data
    )
