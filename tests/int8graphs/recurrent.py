"""Files of one recurrent layer, drawn at random."""

import numpy as np

from int8graphs.draft import Draft
from int8graphs.random_graphs import RandomGraph
from int8graphs.writer import Options

_UNITS_AT_MOST = 9


def lstm_graph(seed: int) -> RandomGraph:
    """Returns a UNIDIRECTIONAL_SEQUENCE_LSTM of a few units over a few moments, with and without a clipped cell."""
    draft = Draft(np.random.default_rng(seed))
    moments, inputs, units = draft.integer(1, 4), draft.integer(1, 12), draft.integer(1, _UNITS_AT_MOST)
    source = draft.activation((1, moments, inputs))
    hidden_scale, hidden_zero_point = draft.uniform(0.004, 0.02), draft.zero_point()
    writer = draft.writer

    def matrix(columns: int) -> int:
        return writer.tensor((units, columns), draft.uniform(0.002, 0.05), 0, data=draft.codes((units, columns)))

    def bias() -> int:
        data = draft.generator.integers(-(2**14), 2**14, units).astype(np.int32)
        return writer.tensor((units,), 1e-4, 0, dtype="int32", data=data)

    slots = [source.index, *(matrix(inputs) for _ in range(4)), *(matrix(units) for _ in range(4)), -1, -1, -1]
    slots += [*(bias() for _ in range(4)), -1, -1]
    slots.append(writer.tensor((1, units), hidden_scale, hidden_zero_point, variable=True))
    slots.append(writer.tensor((1, units), 2.0 ** -draft.integer(10, 15), 0, dtype="int16", variable=True))
    slots += [-1] * 4
    intermediates = [writer.tensor((0,), dtype="float32") for _ in range(4)]
    intermediates.append(writer.tensor((0,), hidden_scale, hidden_zero_point))
    output = draft.activation((1, moments, units), hidden_scale, hidden_zero_point)
    options: Options = {"FusedActivationFunction": 4, "CellClip": draft.uniform(0.1, 8) if draft.chance(0.5) else 0.0}
    writer.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", slots, [output.index], options, intermediates)
    data = writer.finish([source.index], [output.index])
    return RandomGraph(data, ("UNIDIRECTIONAL_SEQUENCE_LSTM",), (source.shape,), (output.shape,))
