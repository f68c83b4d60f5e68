"""Convolutions of one pixel, from pairs of channels, two pixels at a time.

A dual multiplication of the DSP cores takes two codes of 16 bits and two weights: what a pair holds for one pixel, and
the weights of one output for these two channels. The weights are scaled beforehand (`scaling`), so that one product and
one shift turn a sum into a code; they take two bytes each. Many weights take one: those of two outputs share lanes, or
where they cannot, and only for size, they are widened; their sums are scaled afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_nas.codegen import lanes
from edge_nas.codegen.builder import Demand, ProgramBuilder, table
from edge_nas.codegen.kernels.fast_convolution import FastConvolution, Rescaling
from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.program import MOST_CHANNELS, InstructionSet, Kernel, Layout, LayoutKind, Reading, Rows, Table
from edge_nas.core.config import Optimize
from edge_nas.int8.arithmetic import INT8_MIN, Integers

_WORD_BYTES = 4
_VECTOR_BYTES = 16  # of Helium
# Weights of two pairs stay in registers beside the constants of a channel; those of four do as well, once two of the
# constants are on the stack.
_FEWEST_PAIRS, _FEW_PAIRS = 2, 4
# Fewer weights take two bytes each in code made for speed, which saves about a twentieth of the instructions.
_MANY_WEIGHTS = 2048
# Output channels that portable C takes at a time.
_BLOCK = 4
# Groups of four pairs that are unrolled at most: an eighth of a kilobyte of code each.
_MOST_GROUPS, _ROUND_GROUPS = 12, 8
Storage = Literal["words", "bytes", "lanes"]
# Bytes that the assembly saves of its caller's registers.
_SAVED_BYTES = 36


class Pointwise(FastConvolution):
    """1 x 1 taps with stride 1."""

    # The bias is scaled before it is added, and may lie between two sums.
    fractions = True

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether it is a convolution of one pixel whose sums can be scaled."""
        return self.is_pointwise and self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input."""
        yield Demand(self.operator.index, self.operator.input, "pairs")

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator, weights = self.operator, self.operator.weights
        rescaling = self.rescaling(builder)
        source = builder.read(operator.input, "pairs")
        target = builder.best_kind(operator.output, ("planar", "pairs", "flat"))
        output = builder.create(operator.output, target)
        variant = Variant(
            layout=builder.buffer(output).layout,
            optimize=builder.optimize,
            rounding=rescaling.rounding,
            shift=rescaling.shift,
            pairs=self._pairs,
            storage=self._storage(rescaling, builder.optimize),
            full_range=self.has_full_range,
        )
        builder.step(
            [operator],
            variant.kernel(),
            {
                "input": Rows(source),
                "output": Rows(output),
                "headers": self._headers(rescaling, variant),
                "weights": self._weights(rescaling, variant),
                "low": weights.activation_min - INT8_MIN,
                "high": weights.activation_max - INT8_MIN,
            },
            [Reading(source)],
            output,
            runs=operator.output_shape[0],
        )

    @property
    def has_fast_window(self) -> bool:
        """Whether the distance between pixels is one that the kernel can add in one instruction."""
        return max(self.operator.input_shape[2], self.operator.output_shape[2]) <= MOST_CHANNELS

    @property
    def _pairs(self) -> int:
        """Pairs of input channels."""
        return -(-self.operator.input_shape[2] // 2)

    def _headers(self, rescaling: Rescaling, variant: "Variant") -> Table:
        """Returns the constants of each output channel, and of zeros up to a whole block of channels.

        bias, multiplier, rounding; then the factor of bytes, or the shift of linear outputs.
        """
        scaled = rescaling.scaled
        roundings = scaled.roundings
        if variant.layout.kind == "flat" and (rescaling.rounding == "clipped" or variant.storage == "lanes"):
            roundings = roundings - (-INT8_MIN << scaled.shifts)  # codes, not codes + 128
        columns = [scaled.bias, scaled.multipliers, roundings]
        if variant.storage != "words":
            columns.append(scaled.factors)
        if rescaling.rounding == "linear":
            columns.append(scaled.shifts)
        headers = np.stack(columns, axis=1)
        return table(
            np.pad(headers, ((0, -len(headers) % _BLOCK), (0, 0))), "int32", helium=self._helium_headers(rescaling)
        )

    def _helium_headers(self, rescaling: Rescaling) -> Table:
        """Returns the constants of each output channel for sums of codes: bias, multiplier, left shift[, zero]."""
        weights = self.operator.weights
        columns: list[npt.ArrayLike] = [
            self.bias_on_codes,
            [multiplier.value for multiplier in weights.multipliers],
            [multiplier.shift for multiplier in weights.multipliers],
        ]
        if rescaling.rounding == "linear":
            columns.append([weights.output_zero_point - INT8_MIN] * len(weights.bias))
        return table(np.array(columns).T, "int32")

    def _weights(self, rescaling: Rescaling, variant: "Variant") -> Table:
        """Returns the weights of each output channel, zeros up to a whole block of channels."""
        helium = self._helium_weights()
        if variant.storage == "lanes":
            even = _even(self.taps)
            both = lanes.packed(even[0::2], even[1::2])
            words = lanes.words(both.reshape(len(both), -1, 2))
            return table(_blocks(self.taps), "int8", dsp=table(words, "uint32"), helium=helium)
        if variant.storage == "bytes":
            return table(_interchanged(self.taps), "int8", helium=helium)
        return table(_blocks(rescaling.scaled.weights), "int16", helium=helium)

    def _storage(self, rescaling: Rescaling, optimize: Optimize) -> Storage:
        """Returns how the weights lie in flash."""
        # Few of one output are held in registers: there is nothing to widen in the loop, and little to save.
        if self._pairs <= _FEW_PAIRS or (optimize == "speed" and self.taps.size < _MANY_WEIGHTS):
            return "words"
        even = _even(self.taps)
        are_exact = lanes.fit(even) and lanes.sums_fit(even[1::2], signed=False)
        # The assembly of DSP cores clips linear outputs to the codes' own limits only.
        if are_exact and (rescaling.rounding == "clipped" or self.has_full_range):
            return "lanes"
        return "bytes" if optimize == "size" and rescaling.rounding == "clipped" else "words"

    def _helium_weights(self) -> Table:
        """Returns the weights of each output channel, one per byte of a pixel, beyond a vector in whole ones."""
        inputs = self.taps.shape[1]
        width = 2 * self._pairs
        if width > _VECTOR_BYTES:
            width = -(-width // _VECTOR_BYTES) * _VECTOR_BYTES
        return table(np.pad(self.taps, ((0, 0), (0, width - inputs))), "int8")


@dataclass(frozen=True)
class Variant:
    """What tells one function of the source from another.

    Attributes:
        layout: of the rows it writes.
        optimize: what it gives up the other for.
        rounding, shift: see `Rescaling`.
        pairs: of input channels.
        storage: how weights lie in flash: `words`, scaled, of 16 bits; `bytes` and `lanes`, whose sums are scaled.
        full_range: whether no output is clipped but by the limits of its codes.
    """

    layout: Layout
    optimize: Optimize
    rounding: Literal["clipped", "linear"]
    shift: int
    pairs: int
    storage: Storage
    full_range: bool

    @property
    def sums(self) -> Literal["two_pairs", "four_pairs", "words", "bytes", "lanes"]:
        """Which assembly sums the products: weights in registers, or read for each two pixels anew."""
        if self.pairs <= _FEWEST_PAIRS:
            return "two_pairs"
        return "four_pairs" if self.pairs <= _FEW_PAIRS else self.storage

    def kernel(self) -> Kernel:
        """Returns the function."""
        stride = pair_stride(self.layout, self.optimize)
        linear = self.rounding == "linear"
        parameters = {
            "pairs": str(self.pairs),
            "target": self.layout.kind,
            "rounding": self.rounding,
            "shift": str(self.shift),
            **stride.parameters,
        }
        if self.storage != "words":
            parameters["weights"] = self.storage
        if not self.full_range:
            parameters["range"] = "limited"
        # The last pixel by itself takes code of its own.
        has_odd_rows = self.pairs > _FEW_PAIRS and self.layout.width % 2 == 1
        if has_odd_rows:
            parameters["rows"] = "odd"
        places = {
            **stride.places,
            "weights": self.storage,
            "sums": self.sums,
            "few": "yes" if self.pairs <= _FEW_PAIRS else "no",
            "rows": "odd" if has_odd_rows else "even",
            "code": "uint16_t" if self.layout.kind == "pairs" else "uint8_t",
            "stores": "4" if self.optimize == "speed" else "1",
            "constants": str(3 + linear + (self.storage != "words")),
            "helium_constants": "4" if linear else "3",
            "width": "wide" if self.pairs > _VECTOR_BYTES // 2 else "narrow",
            "pixels_per_load": _pixels_per_load(self.pairs),
            "weight": "int16_t" if self.storage == "words" else "int8_t",
            "taps": str(4 * -(-self.pairs // 2) if self.storage == "bytes" else 2 * self.pairs),
            **(self._lane_loop() if self.storage == "lanes" else self._registers()),
        }
        # The assembly of DSP cores clips linear outputs to the codes' own limits only.
        without: frozenset[InstructionSet] = frozenset({"dsp"}) if linear and not self.full_range else frozenset()
        return Kernel("pointwise", parameters, places, without)

    def _lane_loop(self) -> dict[str, str]:
        """Returns how the assembly goes through the pairs of two outputs, and how large its stack is.

        Groups of four pairs are unrolled; of many, eight at a time are rounds of a loop.
        """
        groups = self.pairs // 4
        rounds = groups // _ROUND_GROUPS if groups > _MOST_GROUPS else 0
        # Four constants of each output, a shift of each if linear; the weights' end, a pointer, a count.
        words = 2 * (5 if self.rounding == "linear" else 4) + 3
        return {
            "rounds": str(rounds),
            "groups": str(groups - _ROUND_GROUPS * rounds),
            "frame": str(_WORD_BYTES * words),
        }

    def _registers(self) -> dict[str, str]:
        """Returns where the assembly keeps the constants of a channel.

        What registers have no room for is on the stack, the shift of linear outputs above the rest.
        """
        shift_at = {"two_pairs": 0, "four_pairs": 8, "words": 12, "bytes": 16}[self.sums]
        linear_bytes = _WORD_BYTES if self.rounding == "linear" else 0
        pushed = shift_at + linear_bytes
        return {
            "multiplier": "r7" if self.sums == "two_pairs" else "r9",
            "rounded": "r8" if self.sums == "two_pairs" else "r10",
            "shift_at": str(shift_at),
            "count_at": str(_SAVED_BYTES + pushed),
            "distance_at": str(_SAVED_BYTES + _WORD_BYTES + pushed),
            "pushed": str(pushed),
        }


def _even(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros where either number is odd."""
    return np.pad(weights, ((0, weights.shape[0] % 2), (0, weights.shape[1] % 2)))


def _blocks(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros up to a whole block of outputs, and an even number of inputs."""
    return np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, weights.shape[1] % 2)))


def _pixels_per_load(pairs: int) -> str:
    """Returns of how many pixels one vector of Helium holds all bytes: a power of two, 4 at most."""
    pixel_bytes = 2 * pairs
    return "4" if 4 * pixel_bytes <= _VECTOR_BYTES else "2" if 2 * pixel_bytes <= _VECTOR_BYTES else "1"


def _interchanged(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) in whole words, the middle two bytes of each interchanged, in whole blocks.

    Every second byte of a word, each widened to 16 bits, then are the weights of two channels that follow each other.
    """
    words = np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, -weights.shape[1] % _WORD_BYTES)))
    return words.reshape(-1, _WORD_BYTES)[:, [0, 2, 1, 3]]
