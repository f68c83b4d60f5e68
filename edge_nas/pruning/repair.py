"""Least-squares repair: what reads removed channels learns to do with the others, in closed form, without training."""

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.stepping import Stepper
from edge_nas.graph.surgery import Kept, copy
from edge_nas.graph.walk import Call, batchnorm_after, output_keys
from edge_nas.pruning.patches import Positions, patches, sample_positions

Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32]
_CHUNK = 20_000
"""Rows turned to float64 at a time."""


def repair(
    original: tf_keras.Model,
    narrowed: tf_keras.Model,
    graph: ChannelGraph,
    kept: Kept,
    inputs: Inputs,
    *,
    ridge: float,
    samples: int,
    seed: int,
) -> tf_keras.Model:
    """Returns `narrowed` with the kernels and biases of all readers solved anew, in the order of the forward pass.

    With y the original network's pre-activation and p the patches that the narrowed network itself sees, with all
    readers before already repaired: W' = (Cov(p) + λI)⁻¹ (Cov(p, y) + λW), bias' = mean(y) − mean(p) W',
    λ = ridge · tr Cov(p) / dim. Regressing on the narrowed network's own inputs keeps errors from adding up (He et
    al. 2017, arXiv 1707.06168, do the same layer by layer). The bias goes into the layer, or into the moving mean of
    a BatchNorm that reads nothing else and is its only reader; where neither is there, the regression passes through
    the origin.

    Args:
        original: flat network of full width.
        narrowed: what `narrow(original, graph, kept)` made of it.
        graph: the channel groups of `original`.
        kept: per group name the channels that stay.
        inputs: calibration inputs (N, ...) float32.
        ridge: relative to the mean variance of the patches.
        samples: most positions per reader.
        seed: of the choice of positions.
    """
    repaired = copy(narrowed)
    readers = {reader.layer for group in graph.groups for reader in group.readers}
    full, slim = Stepper(original, inputs), Stepper(repaired, inputs)
    rng = np.random.default_rng(seed)
    for wide_call, slim_call in zip(full.calls, slim.calls, strict=True):
        if slim_call.layer.name in readers:
            staying = graph.stays(graph.layers[slim_call.layer.name].output, kept)
            target = wide_call.layer.get_weights()[0][..., staying]
            positions = sample_positions(slim_call.layer, full.input_of(wide_call), samples, rng)
            statistics = _statistics(
                slim_call.layer, slim.input_of(slim_call), full.input_of(wide_call), target, positions
            )
            batchnorm = batchnorm_after(slim_call, slim.calls, output_keys(repaired))
            _solve(slim_call, statistics, batchnorm, ridge)
            readers.discard(slim_call.layer.name)
        full.run(wide_call)
        slim.run(slim_call)
    return repaired


def _statistics(
    layer: tf_keras.layers.Layer, seen: Inputs, wide: Inputs, teacher: Inputs, positions: Positions
) -> StreamingCovariance:
    """Returns mean and covariance of [patches the layer sees | pre-activations of the original layer]."""
    width = teacher.shape[-1]
    joint = StreamingCovariance(int(np.prod(layer.get_weights()[0].shape[:-1])) + width)
    for first in range(0, len(positions[0]), _CHUNK):
        part = tuple(axis[first : first + _CHUNK] for axis in positions)
        target = patches(layer, wide, part) @ teacher.reshape(-1, width)
        joint.update(np.concatenate([patches(layer, seen, part), target], axis=1))
    return joint


def _solve(call: Call, joint: StreamingCovariance, batchnorm: tf_keras.layers.Layer | None, ridge: float) -> None:
    layer = call.layer
    kernel = layer.get_weights()[0]
    start = np.asarray(kernel, np.float64).reshape(-1, kernel.shape[-1])
    solved, bias = _regress(joint, len(start), start, ridge, layer.use_bias or batchnorm is not None)
    _store(layer, batchnorm, solved.reshape(kernel.shape), bias)


def _regress(joint: StreamingCovariance, taps: int, start: Array, ridge: float, with_bias: bool) -> tuple[Array, Array]:
    moments = joint.covariance()
    if not with_bias:
        moments = moments + np.outer(joint.mean, joint.mean)
    inputs, cross = moments[:taps, :taps], moments[:taps, taps:]
    loading = ridge * np.trace(inputs) / taps
    if loading == 0.0:  # nothing reaches the layer: any kernel does as well as the old one
        return start, joint.mean[taps:]
    solved = np.linalg.solve(inputs + loading * np.eye(taps), cross + loading * start)
    return solved, joint.mean[taps:] - joint.mean[:taps] @ solved


def _store(layer: tf_keras.layers.Layer, batchnorm: tf_keras.layers.Layer | None, kernel: Array, bias: Array) -> None:
    """Writes kernel and bias; `bias` is what must be added to the kernel's output, the layer's own bias apart."""
    if layer.use_bias:
        layer.set_weights([kernel, layer.get_weights()[1] + bias])
        return
    layer.set_weights([kernel])
    if batchnorm is not None:
        batchnorm.moving_mean.assign_sub(bias.astype(np.float32))
