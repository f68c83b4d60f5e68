"""Weights that are int8 already before the converter rounds them, and biases that make up for what that costs.

The converter's codes of a kernel are w / (max|w| / 127) per output, rounded. Where every weight is a whole multiple of
that, and the largest is 127 of them, it finds exactly the codes that were chosen here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.config import Rounding
from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.rounding import channel_scales, compensated_codes, nearest_codes
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.errors import GateError
from edge_nas.graph.stepping import Stepper
from edge_nas.graph.substitute import Link, substitute
from edge_nas.graph.surgery import copy
from edge_nas.int8.graph import Int8Graph
from edge_nas.layers.blocks import block_rows, has_blocks, joined, kernel_blocks, with_blocks
from edge_nas.layers.patches import sample_positions
from edge_nas.quantization.layers import simplify

L = tf_keras.layers
Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32]
_POSITIONS = 20_000
_POSITIONS_PER_ROW = 10
"""Positions per kernel: 20,000, a choice, and ten per row of it where those are more, because moments between as many
inputs as there are rows need several observations for each row to be known at all."""
_CHUNK = 5_000  # positions gathered at a time: 80 MB in float32 for the longest rows
_LONGEST_ROWS = 4_096
"""Rows whose moments are taken as one matrix, 128 MiB in float64 and inverted in cubic time; the inputs of longer
kernels count as uncorrelated across pieces of this length."""


class Rounded(NamedTuple):
    """A float network whose kernels hold int8 codes times a scale, and those codes as a .tflite file stores them."""

    network: tf_keras.Model
    codes: Mapping[str, npt.NDArray[np.int8]]


def round_weights(
    model: tf_keras.Model, inputs: NetworkInputs, *, rounding: Rounding, bias_correction: bool, seed: int = 0
) -> Rounded:
    """Returns an equal network with rounded kernels, one layer after the other in the order of the forward pass.

    What a kernel is rounded against is what the network sees there whose kernels before are rounded already. With
    bias correction, b' = b + E[W x] − E[Q x'] over the float network's inputs x and the rounded one's x' (empirical
    bias correction, Nagel et al. 2019, arXiv 1906.04721, section 4.2): the output's mean is right again, so that
    rounding has its covariance left to keep; without, it works on second moments about zero. Activations stay in float
    here: their rounding has no mean error as long as calibration has seen their range.

    A layer that is called several times is rounded at its first call. A layer with two kernels of its own, such as
    SeparableConv1D, is left to the converter.

    Args:
        model: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32.
        rounding: how codes are chosen.
        bias_correction: whether biases are changed.
        seed: of the choice of positions.
    """
    original = simplify(model)
    if bias_correction:
        original = substitute(original, _with_bias)
    rounded = copy(original)
    codes: dict[str, npt.NDArray[np.int8]] = {}
    original_run, rounded_run = Stepper(original, inputs), Stepper(rounded, inputs)
    rng = np.random.default_rng(seed)
    for original_call, call in zip(original_run.calls, rounded_run.calls, strict=True):
        layer = call.layer
        if has_blocks(layer) and layer.name not in codes:
            problem = _Problem(layer, original_run.input_of(original_call), rounded_run.input_of(call), rng)
            codes[layer.name] = _round(problem, rounding, bias_correction=bias_correction)
        original_run.run(original_call)
        rounded_run.run(call)
    return Rounded(rounded, codes)


def check_codes(codes: Mapping[str, npt.NDArray[np.int8]], graph: Int8Graph) -> None:
    """Checks that the file holds the codes that were chosen.

    Raises:
        GateError: names the layers whose kernels the converter has changed.
    """
    stored = {tensor.data.tobytes() for tensor in graph.tensors if tensor.data is not None and tensor.dtype == "int8"}
    changed = [name for name, chosen in codes.items() if chosen.tobytes() not in stored]
    if changed:
        raise GateError(
            f"quantize: the int8 file holds other weights than were chosen, in layers {', '.join(changed[:5])}: the "
            "converter has joined them with what follows, or changed their scale; use rounding 'nearest' without bias "
            "correction"
        )


class _Problem:
    """One layer, its kernel by blocks, and what both networks see at the same positions."""

    def __init__(self, layer: Any, original_inputs: Inputs, rounded_inputs: Inputs, rng: np.random.Generator) -> None:
        self.layer = layer
        self.kernel: Array = np.asarray(kernel_blocks(layer), np.float64)
        self._original_inputs, self._rounded_inputs = original_inputs, rounded_inputs
        most = max(_POSITIONS, _POSITIONS_PER_ROW * self.kernel.shape[1])
        self._positions = sample_positions(layer, rounded_inputs, most, rng)

    def moments(self, piece: slice) -> list[StreamingCovariance]:
        """Returns per block the moments of the rounded network's rows, or of a piece of each."""
        size = len(range(self.kernel.shape[1])[piece])
        moments = [StreamingCovariance(size) for _ in self.kernel]
        for rows in self._rows(self._rounded_inputs):
            for moment, block in zip(moments, rows[..., piece], strict=True):
                moment.update(block)
        return moments

    def means(self) -> tuple[Array, Array]:
        """Returns the means (blocks, rows) of what the original and the rounded network see."""
        return self._mean(self._original_inputs), self._mean(self._rounded_inputs)

    def _mean(self, inputs: Inputs) -> Array:
        total: Array = np.zeros(self.kernel.shape[:2])
        for rows in self._rows(inputs):
            total += rows.sum(axis=1, dtype=np.float64)
        return total / len(self._positions[0])

    def _rows(self, inputs: Inputs) -> Iterator[npt.NDArray[np.floating]]:
        """Yields the rows (blocks, positions, rows) that the kernel multiplies, a chunk of positions at a time."""
        for first in range(0, len(self._positions[0]), _CHUNK):
            chunk = tuple(axis[first : first + _CHUNK] for axis in self._positions)
            yield block_rows(self.layer, inputs, chunk)


def _round(problem: _Problem, rounding: Rounding, *, bias_correction: bool) -> npt.NDArray[np.int8]:
    """Rounds a layer's kernel in place, corrects its bias if asked, and returns the codes as a file stores them."""
    layer, kernel = problem.layer, problem.kernel
    scales = channel_scales(kernel)
    if rounding == "nearest":
        codes = nearest_codes(kernel, scales)
    else:
        codes = _compensated(problem, scales, centred=bias_correction)
    rounded_kernel = codes * scales
    weights = with_blocks(layer, rounded_kernel)
    if bias_correction:
        original_mean, rounded_mean = problem.means()
        wanted = np.einsum("br,bro->bo", original_mean, kernel)
        present = np.einsum("br,bro->bo", rounded_mean, rounded_kernel)
        weights[-1] = weights[-1] + (wanted - present).ravel()
    layer.set_weights(weights)
    matrix = np.asarray(joined(layer, codes), np.int8)
    # A file has outputs first, but for depthwise kernels, where they are last.
    stored = matrix if type(layer) is L.DepthwiseConv2D else matrix.T
    return np.ascontiguousarray(stored)


def _compensated(problem: _Problem, scales: Array, *, centred: bool) -> npt.NDArray[np.int8]:
    """Returns codes chosen against covariances or, where the mean counts as well, second moments."""
    pieces = []
    rows = problem.kernel.shape[1]
    for first in range(0, rows, _LONGEST_ROWS):
        piece = slice(first, first + _LONGEST_ROWS)
        moments = [_second_moments(block, centred=centred) for block in problem.moments(piece)]
        pieces.append(compensated_codes(problem.kernel[:, piece], scales, np.stack(moments)))
    return np.concatenate(pieces, axis=1)


def _second_moments(statistics: StreamingCovariance, *, centred: bool) -> Array:
    """Returns the second moments (rows, rows) about the mean, or about zero."""
    covariance = statistics.covariance()
    return covariance if centred else covariance + np.outer(statistics.mean, statistics.mean)


def _with_bias(layer: tf_keras.layers.Layer) -> list[Link] | None:
    """Returns the layer with a bias of zeros where it has none."""
    if not has_blocks(layer) or layer.use_bias:
        return None
    (kernel,) = layer.get_weights()
    blocks, _, outputs = kernel_blocks(layer).shape
    with_bias = type(layer).from_config({**layer.get_config(), "use_bias": True})
    return [Link(with_bias, [kernel, np.zeros(blocks * outputs, np.float32)])]
