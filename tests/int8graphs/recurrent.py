"""Files of recurrent layers, drawn at random."""

import numpy as np

from int8graphs.draft import Draft
from int8graphs.random_graphs import RandomGraph
from int8graphs.writer import Options

_UNITS_AT_MOST = 9


def lstm_graph(seed: int) -> RandomGraph:
    """Returns a UNIDIRECTIONAL_SEQUENCE_LSTM of a few units over a few moments, with and without a clipped cell.

    Of three successive seeds, one has weights of -128, which no other one can share a lane of 16 bits with, and another
    one small sums: kernels tell these apart.
    """
    draft = Draft(np.random.default_rng(seed))
    lowest, factor = seed % 3 == 1, 1 / 16 if seed % 3 == 2 else 1.0
    moments, inputs, units = draft.integer(1, 4), draft.integer(1, 12), draft.integer(1, _UNITS_AT_MOST)
    source = draft.activation((1, moments, inputs))
    hidden_scale, hidden_zero_point = draft.uniform(0.004, 0.02), draft.zero_point()
    writer = draft.writer

    def matrix(columns: int) -> int:
        codes = draft.codes((units, columns))
        codes[0, 0] = -128 if lowest else codes[0, 0]
        return writer.tensor((units, columns), draft.uniform(0.002, 0.05) * factor, 0, data=codes)

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


def svdf_graph(seed: int, state: str, *, dense: bool = False) -> RandomGraph:
    """Returns an SVDF of a few units with a state of int8 or int16; `dense`: with a dense layer behind it."""
    draft = Draft(np.random.default_rng(seed))
    rank, units, memory, inputs = draft.integer(1, 3), draft.integer(1, 7), draft.integer(1, 9), draft.integer(1, 20)
    filters, writer = rank * units, draft.writer
    source = draft.activation((1, inputs))
    weights, time_weights = draft.codes((filters, inputs)), draft.codes((filters, memory)).astype(state)
    weight_scale, time_scale = draft.uniform(0.002, 0.05), draft.uniform(0.002, 0.05)
    spread = source.scale * weight_scale * 74.0 * 74.0 * inputs**0.5
    state_scale = float(np.float32(spread / draft.uniform(20, 150) / (256 if state == "int16" else 1)))
    state_zero_point = draft.zero_point() if state == "int8" else 0
    bias = draft.generator.integers(-(2**10), 2**10, units).astype(np.int32)
    slots = [
        source.index,
        writer.tensor(weights.shape, weight_scale, 0, data=weights),
        writer.tensor(time_weights.shape, time_scale, 0, dtype=state, data=time_weights),
        # tflite-micro wants its scale to be the product of both others, within 1e-5.
        writer.tensor((units,), float(np.float32(state_scale * time_scale)), 0, dtype="int32", data=bias),
        writer.tensor((1, filters * memory), state_scale, state_zero_point, dtype=state, variable=True),
    ]
    scale = spread * time_scale * 74.0 * (rank * memory) ** 0.5 / draft.uniform(15, 100)
    output = draft.activation((1, units), scale)
    draft.operator("SVDF", slots, output, {"Rank": rank, "FusedActivationFunction": 1})
    if dense:
        kernel = draft.codes((5, units))
        behind = [writer.tensor(kernel.shape, 0.01, 0, data=kernel)]
        bias_scale = float(np.float32(output.scale) * np.float32(0.01))
        behind.append(writer.tensor((5,), bias_scale, 0, dtype="int32", data=np.arange(5, dtype=np.int32)))
        output = draft.operator(
            "FULLY_CONNECTED",
            [output.index, *behind],
            draft.activation((1, 5), scale),
            {"FusedActivationFunction": 0, "KeepNumDims": 0, "WeightsFormat": 0},
        )
    data = writer.finish([source.index], [output.index])
    return RandomGraph(data, ("SVDF",), (source.shape,), (output.shape,))
