"""Least-squares repair: what reads removed channels learns to do with the others, in closed form, without training."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.covariance.patches import Positions, has_patches, kernel_matrix, patches, sample_positions, with_kernel
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.stepping import Stepper
from edge_nas.graph.surgery import Kept, copy
from edge_nas.graph.walk import batchnorm_after, output_keys
from edge_nas.pruning.regression import Regression, solve_held
from edge_nas.pruning.saturation import Clip, clip_after

Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32]
_CHUNK = 20_000
"""Rows turned to float64 at a time."""
_HELD = 5_000
"""Longest rows whose covariance is taken; of longer ones, at most so many are held and solved at once."""


@dataclass(frozen=True)
class RepairSettings:
    """How readers are solved anew.

    `ridge`: relative to the mean variance of the patches. `samples`: most positions per reader. `passes`: how often a
    layer under a ReLU is solved again with the targets that it then allows. `seed`: of the choice of positions.
    """

    ridge: float = 1e-3
    samples: int = 100_000
    passes: int = 2
    seed: int = 0

    @classmethod
    def of(cls, spec: PruneSpec, seed: int) -> "RepairSettings":
        """Returns the settings that a configuration asks for."""
        return cls(spec.repair_ridge, spec.repair_samples, spec.repair_passes, seed)


def repair(
    original: tf_keras.Model,
    narrowed: tf_keras.Model,
    graph: ChannelGraph,
    kept: Kept,
    inputs: Inputs,
    *,
    settings: RepairSettings,
) -> tf_keras.Model:
    """Returns `narrowed` with the kernels and biases of all readers solved anew, in the order of the forward pass.

    With y the original network's pre-activation and p the patches that the narrowed network itself sees, with all
    readers before already repaired: W' = (Cov(p) + λI)⁻¹ (Cov(p, y) + λW), bias' = mean(y) − mean(p) W',
    λ = ridge · tr Cov(p) / dim. Regressing on the narrowed network's own inputs keeps errors from adding up (He et
    al. 2017, arXiv 1707.06168, do the same layer by layer). The bias goes into the layer, or into the moving mean of
    a BatchNorm that reads nothing else and is its only reader; where neither is there, the regression passes through
    the origin.

    Where a ReLU follows, it does not matter how far below its threshold a pre-activation lies. So the layer is solved
    again with targets that, where the original's ReLU is shut, are whatever the last solution put out below the
    threshold (the response reconstruction of Zhang et al. 2015, arXiv 1505.06798, solves for the same aim).

    A layer that is called several times is solved once, at its first call, for all of its calls together; what it will
    see at the later ones is taken from the original network, as the narrowed one has not come to them.

    Args:
        original: flat network of full width.
        narrowed: what `narrow(original, graph, kept)` made of it.
        graph: the channel groups of `original`.
        kept: per group name the channels that stay.
        inputs: calibration inputs (N, ...) float32.
        settings: how to solve.
    """
    repaired = copy(narrowed)
    readers = {reader.layer for group in graph.groups for reader in group.readers}
    full, slim = Stepper(original, inputs), Stepper(repaired, inputs)
    calls = Counter(call.layer.name for call in slim.calls)
    later = _later_inputs(original, inputs, {name for name in readers if calls[name] > 1})
    rng = np.random.default_rng(settings.seed)
    for wide_call, slim_call in zip(full.calls, slim.calls, strict=True):
        layer = slim_call.layer
        if layer.name in readers and has_patches(layer):
            layouts = graph.layers[layer.name]
            staying, left = graph.kept_channels(layouts.output, kept), graph.kept_channels(layouts.inputs[0], kept)
            pairs = [(slim.input_of(slim_call), full.input_of(wide_call))]
            pairs += [(wide[..., left], wide) for wide in later.get(layer.name, ())]
            samples = settings.samples // len(pairs)
            views = tuple(_View(seen, wide, sample_positions(layer, wide, samples, rng)) for seen, wide in pairs)
            problem = _Problem(layer, wide_call.layer, kernel_matrix(wide_call.layer)[:, staying], views)
            batchnorm = batchnorm_after(slim_call, slim.calls, output_keys(repaired))
            clip = clip_after(slim_call, batchnorm, slim.calls, output_keys(repaired))
            # What follows a later call may be something else than what follows the first.
            known = batchnorm is None or calls[batchnorm.name] == len(views)
            passes = settings.passes if len(views) == 1 else 0
            _solve(problem, batchnorm if known else None, clip, replace(settings, passes=passes))
            readers.discard(layer.name)
        full.run(wide_call)
        slim.run(slim_call)
    return repaired


def _later_inputs(original: tf_keras.Model, inputs: Inputs, shared: set[str]) -> dict[str, list[Inputs]]:
    """Returns what shared layers see at every call but the first, by layer."""
    if not shared:
        return {}
    stepper = Stepper(original, inputs)
    seen: dict[str, list[Inputs]] = {}
    for call in stepper.calls:
        if call.layer.name in shared:
            seen.setdefault(call.layer.name, []).append(stepper.input_of(call))
        stepper.run(call)
    return {name: found[1:] for name, found in seen.items()}


@dataclass(frozen=True)
class _View:
    """One call of a reader: what the narrowed layer sees, what the original one sees, and where it is looked at."""

    seen: Inputs
    wide: Inputs
    positions: Positions


@dataclass(frozen=True)
class _Problem:
    """One reader's least squares: rows that `layer` sees, and pre-activations of the `original` one at its places."""

    layer: tf_keras.layers.Layer
    original: tf_keras.layers.Layer
    teacher: npt.NDArray[np.floating]
    views: tuple[_View, ...]

    def limited(self, count: int) -> "_Problem":
        """Returns the problem at no more than `count` positions, evenly spread."""
        step = -(-sum(len(view.positions[0]) for view in self.views) // count)
        views = (replace(view, positions=tuple(axis[::step] for axis in view.positions)) for view in self.views)
        return replace(self, views=tuple(views))

    def chunks(self) -> Iterator[tuple[Array, Array]]:
        """Yields (rows, pre-activations without bias), float64, some positions at a time."""
        for view in self.views:
            for first in range(0, len(view.positions[0]), _CHUNK):
                part = tuple(axis[first : first + _CHUNK] for axis in view.positions)
                rows = patches(self.layer, view.seen, part).astype(np.float64)
                wanted = patches(self.original, view.wide, part) @ self.teacher
                yield rows, np.asarray(wanted, np.float64)


def _solve(problem: _Problem, batchnorm: tf_keras.layers.Layer | None, clip: Clip, settings: RepairSettings) -> None:
    layer = problem.layer
    start = np.asarray(kernel_matrix(layer), np.float64)
    with_bias = layer.use_bias or batchnorm is not None
    if len(start) > _HELD:
        rows, wanted = map(np.concatenate, zip(*problem.limited(_HELD).chunks(), strict=True))
        _store(layer, batchnorm, *solve_held(rows, wanted, start, settings.ridge, with_bias=with_bias))
        return
    bias = np.asarray(layer.get_weights()[-1], np.float64) if layer.use_bias else np.zeros(start.shape[1])
    moments = StreamingCovariance(sum(start.shape))
    for rows, wanted in problem.chunks():
        moments.update(np.concatenate([rows, wanted], axis=1))
    regression = Regression(moments, start, settings.ridge, with_bias=with_bias)
    kernel, shift = regression.solve(regression.cross, regression.wanted)
    for _ in range(0 if clip.open else settings.passes):
        cross, mean, count = np.zeros_like(start), np.zeros(start.shape[1]), 0
        for rows, wanted in problem.chunks():
            aim = clip.target(wanted + bias, rows @ kernel + shift + bias) - bias
            cross += (rows - regression.mean).T @ aim
            mean += aim.sum(axis=0)
            count += len(rows)
        kernel, shift = regression.solve(cross / count, mean / count)
    _store(layer, batchnorm, kernel, shift)


def _store(layer: tf_keras.layers.Layer, batchnorm: tf_keras.layers.Layer | None, kernel: Array, bias: Array) -> None:
    """Writes kernel and bias; `bias` is what must be added to the kernel's output, the layer's own bias apart."""
    weights = with_kernel(layer, kernel)
    if layer.use_bias:
        weights[-1] = weights[-1] + bias
    layer.set_weights(weights)
    if batchnorm is not None and not layer.use_bias:
        batchnorm.moving_mean.assign_sub(bias.astype(np.float32))
