"""Random networks of fully connected layers: depths and outputs that fill blocks and that do not."""

import numpy as np
from int8graphs import Draft, RandomGraph
from int8graphs.draft import Activation
from int8graphs.random_graphs import finish

_DEPTHS = (1, 2, 3, 4, 7, 8, 16, 31, 64, 129, 511, 512, 513, 1030)
_SPREAD = 74.0  # standard deviation of uniform codes


def dense_network(seed: int, layers: int = 4) -> RandomGraph:
    """Returns the network of a seed: weights of -127 to 127 as converters write them, one scale or one per output."""
    draft = Draft(np.random.default_rng([seed, 2]))
    rows = draft.integer(1, 3)
    source = draft.activation((1, rows, int(draft.generator.choice(_DEPTHS))))
    last = source
    for _ in range(layers):
        last = _layer(draft, last, units=int(draft.generator.choice(_DEPTHS[:-4])))
    return finish(draft, [source], [last])


def _layer(draft: Draft, source: Activation, *, units: int) -> Activation:
    depth = source.shape[-1]
    scales = [draft.uniform(0.001, 0.01) for _ in range(units if draft.chance(0.5) else 1)]
    data = draft.generator.integers(-127, 128, (units, depth), dtype=np.int8)
    weights = draft.writer.tensor(data.shape, scales, [0] * len(scales), dimension=0, data=data)
    bias_scales = [float(np.float32(source.scale * scale)) for scale in scales]
    bias = draft.generator.integers(-9000, 9000, units, dtype=np.int32)
    biases = draft.writer.tensor([units], bias_scales, [0] * len(scales), dtype="int32", data=bias)
    spread = float(np.median(scales)) * source.scale * _SPREAD * _SPREAD * depth**0.5
    clipped = draft.chance(0.5)
    zero_point = -128 if clipped and draft.chance(0.8) else None
    output = draft.activation((*source.shape[:-1], units), spread / draft.uniform(15, 150), zero_point)
    options = {"FusedActivationFunction": int(clipped), "KeepNumDims": 1, "WeightsFormat": 0}
    return draft.operator("FULLY_CONNECTED", [source.index, weights, biases], output, options)
