"""Least-squares repair: layers that read removed channels learn to do without them, in closed form, without training.

Of the four channels that `first` makes, channel 2 is removed. `second` multiplied it and now has to come to the same
result from the other three:

    original   image ── first ──[0 1 2 3]── second ── ReLU ── ...    y = p W         p: what `second` sees there
    repaired   image ── first ──[0 1   3]── second ── ReLU ── ...    y ≈ p' W' + b'  p': what it sees here
                                               └─ W' and b' are the least-squares solution over many positions

(The bias that `second` has is in both networks and left out here; b' is added to it.)

`second` is a *reader* of the group of channels that `first` makes. All readers of a network are repaired one after the
other in the order of the forward pass, each on what the repaired network itself computes up to there: a reader then
makes up for what the repair of those before it left wrong, and errors do not add up (He et al. 2017, arXiv 1707.06168,
reconstruct layer by layer in the same way). That is why two networks run side by side here, the original for the
targets y and the repaired one for the rows p'. It is also why readers that lost no channel themselves are repaired:
what reaches them has changed. (Where nothing has, the solution is the kernel that was there, up to rounding.)

Least squares need more rows than they have unknowns. A dense layer behind Flatten has one row per image, and a ridge
then keeps the solution near a *start*: the kernel as it was cut, or one that is put together from how the removed
channels follow from the kept ones (`edge_nas.pruning.merge`).

The rows of a convolution are its patches (im2col): at one output position the inputs under the kernel, one after the
other, so that the kernel is a matrix that multiplies them (edge_nas.layers.patches). Positions are sampled (design note
9; all notes lie in docs/design/).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import tf_keras

from edge_nas.core.arrays import Array, Inputs, Places
from edge_nas.core.config import PruneSpec
from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.stepping import Stepper
from edge_nas.graph.surgery import Kept, copy
from edge_nas.graph.walk import Call, batchnorm_after, layer_calls, output_keys
from edge_nas.layers.patches import has_patches, kernel_matrix, sample_positions, with_kernel
from edge_nas.pruning.evidencerows import ROWS_PER_UNKNOWN, CutLayout, rich_tensors
from edge_nas.pruning.merge import (
    TRIAL_ROWS,
    ChannelPairs,
    StartingKernel,
    channel_pairs,
    merged_kernel,
    starting_kernel,
)
from edge_nas.pruning.readers import Reader, View
from edge_nas.pruning.regression import LONGEST_ROW, Regression, solve_held
from edge_nas.pruning.saturation import ActiveRange, active_range
from edge_nas.results.prune import ReaderRepair, StartName, UnrepairedReader


@dataclass(frozen=True)
class RepairSettings:
    """How readers are repaired; why so is said in `PruneSpec` and in design notes 9 and 10.

    `ridge`: relative to the mean variance of a row's values. `samples`: about so many positions per reader. `passes`:
    how often a reader that a ReLU follows is solved again (`_solve`). `seed`: of the choice of positions.
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
    inputs: NetworkInputs,
    *,
    settings: RepairSettings,
    tell: Callable[[ReaderRepair], None] = lambda _: None,
) -> tf_keras.Model:
    """Returns `narrowed` with the kernels and biases of all readers solved anew, in the order of the forward pass.

    With rows p' of the repaired network and pre-activations y of the original at the same positions:
    W' = (Cov(p') + λI)⁻¹ (Cov(p', y) + λV), b' = mean(y) − mean(p') W', λ = ridge · tr Cov(p') / row length, where V is
    the start, from which W' departs only as far as the rows say, and the ridge that of the settings or the multiple of
    it that was chosen with the start.

    A layer that is called several times is repaired once, at its first call, for all of its calls together (`_views`).
    A reader whose kind has no patches, such as a custom layer, stays as it was cut, see `unrepaired_readers`.

    Args:
        original: flat network with all channels.
        narrowed: what `narrow(original, graph, kept)` made of it.
        graph: the channel groups of `original`.
        kept: per group name the channels that are kept.
        inputs: calibration inputs (N, ...) float32, or one such for each of the network's.
        settings: how to solve.
        tell: told how each reader was repaired.
    """
    networks = _SideBySide(original, copy(narrowed), graph, kept, inputs=inputs, settings=settings)
    to_repair = _reader_layers(graph)
    for original_call, repaired_call in networks.calls:
        layer = repaired_call.layer
        if layer.name in to_repair and has_patches(layer):
            reader = networks.reader_at(original_call, repaired_call)
            start = networks.start_of(reader, original_call)
            kernel, added_bias = _solve(reader, start, settings)
            _store(reader, kernel, added_bias)
            tell(ReaderRepair(name=layer.name, rows=reader.count, start=start.name, ridge=start.ridge))
            to_repair.discard(layer.name)
        # With its new kernel: the next reader is solved on what this one leaves.
        networks.run(original_call, repaired_call)
    return networks.repaired


def unrepaired_readers(original: tf_keras.Model, graph: ChannelGraph, kept: Kept) -> tuple[UnrepairedReader, ...]:
    """Returns the readers of removed channels that `repair` leaves as they were cut, in the order of the network."""
    readers_of_removed: set[str] = set()
    for group in graph.free:
        if len(kept.get(group.name, range(group.channels))) < group.channels:
            readers_of_removed.update(group.reader_layers)
    return tuple(
        UnrepairedReader(
            name=layer.name,
            # Read as "layer 'name' (Class) computes ...".
            reason=f"({type(layer).__name__}) computes in a way of its own, so that what its kernel multiplies is not "
            "known",
        )
        for layer in original.layers
        if layer.name in readers_of_removed and not has_patches(layer)
    )


class _SideBySide:
    """The original and the repaired network, computed on the same inputs, one call of a layer at a time.

    A call is one use of a layer in the forward pass; a shared layer has several. Between two calls a `Stepper` holds
    the activations of all images, so that a reader can be given another kernel just before its turn.
    """

    def __init__(
        self,
        original: tf_keras.Model,
        repaired: tf_keras.Model,
        graph: ChannelGraph,
        kept: Kept,
        *,
        inputs: NetworkInputs,
        settings: RepairSettings,
    ) -> None:
        self.repaired = repaired
        self._graph, self._kept = graph, kept
        # Tensors before a pooling that hold a reader's channels at more places than its input does.
        self._rich = rich_tensors(original, graph, len(inputs))
        counterparts = _counterparts(original, repaired)
        rich_keys = {rich.key for rich in self._rich.values()}
        self._original_run = Stepper(original, inputs, held=rich_keys)
        self._repaired_run = Stepper(repaired, inputs, held={counterparts[key] for key in rich_keys})
        self._counterparts = counterparts
        # Surgery removes channels, never a call: both networks have the same ones in the same order.
        self.calls = tuple(zip(self._original_run.calls, self._repaired_run.calls, strict=True))
        times_called = Counter(call.layer.name for call in self._repaired_run.calls)
        shared = {name for name in _reader_layers(graph) if times_called[name] > 1}
        self._later_inputs = _later_inputs(original, inputs, shared)
        self._settings = settings
        self._rng = np.random.default_rng(settings.seed)

    def run(self, original_call: Call, repaired_call: Call) -> None:
        """Computes one call in both networks."""
        self._original_run.run(original_call)
        self._repaired_run.run(repaired_call)

    def reader_at(self, original_call: Call, repaired_call: Call) -> Reader:
        """Returns the reader whose first call is the next to be computed."""
        layer = repaired_call.layer
        calls = self._repaired_run.calls
        output_tensors = output_keys(self.repaired)
        kept_outputs = self._graph.kept_channels(self._graph.layers[layer.name].output, self._kept)
        views = self._views(original_call, repaired_call)
        batchnorm = batchnorm_after(repaired_call, calls, output_tensors)
        # Behind its later calls a shared layer may have another activation than behind the first: every pre-activation
        # matters.
        active = active_range(repaired_call, batchnorm, calls, output_tensors) if len(views) == 1 else None
        return Reader(
            layer=layer,
            original=original_call.layer,
            original_kernel=kernel_matrix(original_call.layer)[:, kept_outputs],
            views=views,
            batchnorm=batchnorm,
            active_range=active,
        )

    def start_of(self, reader: Reader, original_call: Call) -> StartingKernel:
        """Returns what a reader's kernel is drawn towards.

        Where there are rows enough to solve for it, the kernel as it was cut; the channel merge only where channels are
        lost that follow from kept ones to within the square of the ridge: there the merge is exact, and what the ridge
        keeps of the cut kernel is lost. (Tried: on a MobileNetV2 whose channels are all there twice that is 12 % of the
        output after 35 readers, each of which sees the errors of those before it.)

        Where rows are few, the best of several kernels on images held out.
        """
        starts = self._starts(reader, original_call)
        images, ridge = len(reader.views[0].original_inputs), self._settings.ridge
        if reader.count < ROWS_PER_UNKNOWN * len(starts.cut):
            few_rows = reader.at_most(TRIAL_ROWS).rows()
            return starting_kernel(starts.kernel, few_rows, images, ridge, with_bias=reader.takes_bias)
        loses_channels = self._graph.loses(starts.inputs.layout, self._kept)
        is_merge_exact = all(pairs.unexplained() < ridge**2 for pairs in starts.pairs.values())
        name: StartName = "merge" if loses_channels and is_merge_exact else "cut"
        return StartingKernel(starts.kernel(name, np.arange(images)), name, ridge)

    def _starts(self, reader: Reader, original_call: Call) -> "_Starts":
        graph, kept = self._graph, self._kept
        own_input = original_call.inputs[0]
        # How channels follow from others is learnt where the network has most rows of them, perhaps before a pooling,
        # and applied at the reader's own input.
        rich = self._rich.get(reader.layer.name)
        learnt_at = own_input if rich is None else rich.key
        repaired_values = self._repaired_run.value(self._counterparts[learnt_at])
        original_values = self._original_run.value(learnt_at)
        return _Starts(
            reader=reader,
            cut=np.asarray(kernel_matrix(reader.layer), np.float64),
            inputs=CutLayout(graph, graph.tensors[own_input], kept),
            pairs=channel_pairs(CutLayout(graph, graph.tensors[learnt_at], kept), repaired_values, original_values),
        )

    def _views(self, original_call: Call, repaired_call: Call) -> tuple[View, ...]:
        """Returns a view of every call of a layer, each with its share of the positions."""
        layer = repaired_call.layer
        only_input = self._graph.layers[layer.name].inputs[0]  # what has patches reads one tensor
        kept_inputs = self._graph.kept_channels(only_input, self._kept)
        inputs_of_calls = [(self._repaired_run.input_of(repaired_call), self._original_run.input_of(original_call))]
        # The repaired network has not come to the later calls of a shared layer. What the layer will see there is,
        # nearly, what the original sees there of the kept channels.
        later_inputs = self._later_inputs.get(layer.name, [])
        inputs_of_calls += [(original_inputs[..., kept_inputs], original_inputs) for original_inputs in later_inputs]
        share = self._settings.samples // len(inputs_of_calls)
        views = []
        for repaired_inputs, original_inputs in inputs_of_calls:
            positions = sample_positions(layer, original_inputs, share, self._rng)
            views.append(View(repaired_inputs, original_inputs, positions))
        return tuple(views)


@dataclass(frozen=True)
class _Starts:
    """The kernels that a reader can be drawn towards.

    Attributes:
        reader: whose.
        cut: its kernel as it was cut, (row length, outputs).
        inputs: the channels that it reads.
        pairs: of every group among them, by number, its channels in both networks.
    """

    reader: Reader
    cut: Array
    inputs: CutLayout
    pairs: Mapping[int, ChannelPairs]

    def kernel(self, name: StartName, images: Places) -> Array:
        """Returns one of them as it is learnt from these images (the cut kernel is not learnt)."""
        if name == "cut":
            return self.cut
        merges = {group: pairs.of_images(images).merge(name) for group, pairs in self.pairs.items()}
        return merged_kernel(self.reader.original, self.inputs, merges, self.reader.original_kernel)


def _counterparts(original: tf_keras.Model, repaired: tf_keras.Model) -> dict[str, str]:
    """Returns the key in the repaired network of each tensor of the original."""
    counterparts: dict[str, str] = {}
    for one, other in zip(layer_calls(original), layer_calls(repaired), strict=True):
        counterparts.update(zip(one.outputs, other.outputs, strict=True))
    return counterparts


def _reader_layers(graph: ChannelGraph) -> set[str]:
    """Returns the names of all layers that read a channel group, be it free or not: what reaches them has changed."""
    names: set[str] = set()
    for group in graph.groups:
        names.update(group.reader_layers)
    return names


def _later_inputs(original: tf_keras.Model, inputs: NetworkInputs, shared: set[str]) -> dict[str, list[Inputs]]:
    """Returns what shared layers see in the original network at every call but the first, by layer.

    It takes a pass of its own over the original network, where there are shared layers at all.
    """
    if not shared:
        return {}
    run = Stepper(original, inputs)
    layer_inputs: dict[str, list[Inputs]] = {name: [] for name in shared}
    for call in run.calls:
        if call.layer.name in shared:
            layer_inputs[call.layer.name].append(run.input_of(call))
        run.run(call)
    return {name: of_all_calls[1:] for name, of_all_calls in layer_inputs.items()}


def _solve(reader: Reader, start: StartingKernel, settings: RepairSettings) -> tuple[Array, Array]:
    """Returns the kernel matrix of a reader and what is to be added to its bias.

    Where a ReLU follows, it does not matter how far below its threshold a pre-activation lies. So the first solution is
    followed by `passes` more, each with targets that, where the original's ReLU is shut, are whatever the last solution
    puts out below the threshold: the table at `ActiveRange.targets` (design note 10; the response reconstruction of
    Zhang et al. 2015, arXiv 1505.06798, solves for the same aim). Only the targets change: all of these solutions share
    one matrix, Cov(p') + λI.
    """
    if len(start.kernel) > LONGEST_ROW:
        # The dual system is as large as there are positions: about LONGEST_ROW of them at most, so that it is hardly
        # larger than the other may be. Rows fewer than unknowns meet their targets nearly exactly: the passes below
        # would have nothing to gain.
        rows, targets, _ = reader.at_most(LONGEST_ROW).rows()
        return solve_held(rows, targets, start.kernel, start.ridge, with_bias=reader.takes_bias)
    moments = StreamingCovariance(sum(start.kernel.shape))  # of [row | targets]
    for rows, targets in reader.chunks():
        moments.update(np.concatenate([rows, targets], axis=1))
    regression = Regression(moments, start.kernel, start.ridge, with_bias=reader.takes_bias)
    kernel, added_bias = regression.solve_first()
    if reader.active_range is None or reader.active_range.unbounded:
        return kernel, added_bias
    for _ in range(settings.passes):
        kernel, added_bias = _solve_again(reader, reader.active_range, regression, kernel, added_bias)
    return kernel, added_bias


def _solve_again(
    reader: Reader, active: ActiveRange, regression: Regression, kernel: Array, added_bias: Array
) -> tuple[Array, Array]:
    """Returns the solution for the targets that the activation allows, given what the last solution puts out."""
    own_bias = reader.own_bias
    cross_covariance, target_sum, count = np.zeros_like(kernel), np.zeros_like(added_bias), 0
    for rows, original_outputs in reader.chunks():
        # The active range counts the layer's own bias in, rows and kernels do not.
        current_outputs = rows @ kernel + added_bias
        allowed = active.targets(original_outputs + own_bias, current_outputs + own_bias)
        targets = allowed - own_bias
        # Rows are centred, or about 0 in a reader that takes no bias; then targets need not be.
        cross_covariance += (rows - regression.row_mean).T @ targets
        target_sum += targets.sum(axis=0)
        count += len(rows)
    return regression.solve(cross_covariance / count, target_sum / count)


def _store(reader: Reader, kernel: Array, added_bias: Array) -> None:
    """Writes a kernel matrix and what is to be added to the bias; a layer without bias has its BatchNorm take it.

    Without either, it is 0 (`Reader.takes_bias`).
    """
    layer = reader.layer
    weights = with_kernel(layer, kernel)
    if layer.use_bias:
        weights[-1] = weights[-1] + added_bias
    layer.set_weights(weights)
    if reader.batchnorm is not None and not layer.use_bias:
        # A BatchNorm subtracts its mean: less of it is the same as more bias in front of it.
        reader.batchnorm.moving_mean.assign_sub(added_bias.astype(np.float32))
