"""CONV_2D of 1 x 1 taps with stride 1, on rows of pairs (`program.Layout` draws them), two pixels at a time.

A dual multiplication of the DSP cores takes two codes of 16 bits and two weights: what a pair holds for one pixel, and
the weights of one output for these two channels. How weights lie in flash, their storage, is chosen for DSP cores:

    storage   bytes per weight   weights of one output for two inputs   where
    words     2                  a word of two, scaled (`scaling`)      few pairs; for speed few weights; and wherever
                                                                        the two below are not possible
    lanes     1                  two lanes, shared with another output  the weights can (`lanes`), and outputs have the
                                                                        whole range of codes: what DSP assembly does
    bytes     1                  to be widened as they are read         they cannot, for size, behind a ReLU

Scaled is times 2^e: sums of scaled weights are one product and one shift from their codes, other sums are multiplied by
the factor 2^e first.
"""

from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt

from edge_nas.codegen import lanes
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.fast_convolution import FastConvolution, Rescaling
from edge_nas.codegen.kernels.pointwise_variant import (
    PAIRS_IN_REGISTERS,
    WORD_BYTES,
    Storage,
    Variant,
    helium_weights_per_output,
)
from edge_nas.codegen.program import (
    MOST_CHANNELS,
    LayoutKind,
    Reading,
    Rows,
    Table,
    rounded_up,
)
from edge_nas.codegen.tables import table
from edge_nas.core.config import Optimize
from edge_nas.int8.arithmetic import INT8_MIN, Integers

# Words save about a seventh of the instructions, but are twice the bytes of lanes, and no loop holds their many pairs:
# for speed they are taken for less than so many weights, of at most so many pairs.
_MANY_WEIGHTS, _MOST_PAIRS_OF_WORDS = 1024, 32
# Output channels that portable C takes at a time.
_BLOCK = 4


class Pointwise(FastConvolution):
    """1 x 1 taps with stride 1."""

    # The bias is added to scaled sums: it need not be a multiple of the factor (`scaling`).
    fractions = True

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether it is a convolution of one pixel whose sums can be scaled, of not too many channels.

        Of channels `is_exact` asks, by `has_fast_window`. An image of one pixel is better left to kernels that take it
        flat: half of two pixels would be for nothing.
        """
        rows, columns, _ = self.operator.output_shape
        return self.is_pointwise and rows * columns > 1 and self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input: no border, and a row of pairs has room for all loads (`Layout.row_bytes`)."""
        yield Demand(self.operator.index, self.operator.input, "pairs")

    @property
    def alike(self) -> Hashable:
        """Those of as many pairs, gathered or not."""
        return Pointwise, self._pairs

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator, weights = self.operator, self.operator.weights
        rows, _, _ = operator.output_shape
        rescaling = self.rescaling(builder)
        source = self.pixels(builder)
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
            # Row by row: only a flat buffer can be another tensor's bytes, cut otherwise (`builder.reading`).
            [Reading(source)],
            output,
            runs=rows,
        )

    def pixels(self, builder: ProgramBuilder) -> int:
        """Returns the buffer of pairs that it reads."""
        return builder.read(self.operator.input, "pairs")

    @property
    def taps_in_order(self) -> Integers:
        """The weights as Helium's bytes of a pixel have them."""
        return self.taps

    @property
    def has_fast_window(self) -> bool:
        """Whether input and output have so few channels that each distance is the constant of one instruction.

        Those are 4 bytes a pair, back over an output's weights, and 4 bytes a channel, to the next two pixels of pairs.
        """
        return all(channels <= MOST_CHANNELS for channels in self.taps.shape)

    @property
    def _pairs(self) -> int:
        """Pairs of input channels."""
        return rounded_up(self.taps.shape[1], 2) // 2

    def _headers(self, rescaling: Rescaling, variant: Variant) -> Table:
        """Returns the constants of each output channel, and of zeros up to a whole block of channels."""
        scaled = rescaling.scaled
        column_of = {
            "bias": scaled.bias,
            "multiplier": scaled.multipliers,
            "rounding": scaled.roundings,
            "factor": scaled.factors,
            "shift": scaled.shifts,
        }
        # What is shifted is code + 128, and flat rows hold codes. The rounding takes 128 off; not where linear codes
        # have limits of their own: code + 128 is clipped first, and 128 taken off then.
        is_clipped_first = rescaling.rounding == "linear" and not variant.full_range
        if variant.layout.kind == "flat" and not is_clipped_first:
            column_of["rounding"] = scaled.roundings - (128 << scaled.shifts)
        headers = np.stack([column_of[name] for name in variant.constants], axis=1)
        whole_blocks = np.pad(headers, ((0, -len(headers) % _BLOCK), (0, 0)))
        return table(whole_blocks, "int32", helium=self._helium_headers(rescaling))

    def _helium_headers(self, rescaling: Rescaling) -> Table:
        """Returns the constants of each output channel for sums of codes.

        Bias, multiplier, shift to the left (to the right where it is negative), and of linear outputs the zero point as
        code + 128.
        """
        weights = self.operator.weights
        columns: list[npt.ArrayLike] = [
            self.bias_on_codes,
            [multiplier.value for multiplier in weights.multipliers],
            [multiplier.shift for multiplier in weights.multipliers],
        ]
        if rescaling.rounding == "linear":
            columns.append([weights.output_zero_point - INT8_MIN] * len(weights.bias))
        return table(np.array(columns).T, "int32")

    def _weights(self, rescaling: Rescaling, variant: Variant) -> Table:
        """Returns the weights of each output channel, zeros up to a whole block of channels."""
        helium = self._helium_weights()
        if variant.storage == "lanes":
            even = _even(self.taps)
            first, second = even[0::2], even[1::2]
            both = lanes.packed(first, second)
            words = lanes.words(both.reshape(len(both), -1, 2))
            return table(_blocks(self.taps), "int8", dsp=table(words, "uint32"), helium=helium)
        if variant.storage == "bytes":
            return table(_interchanged(self.taps), "int8", helium=helium)
        scaled = _blocks(rescaling.scaled.weights)
        # (two outputs, output of them, pair, channel of it)
        of_two = scaled.reshape(len(scaled) // 2, 2, -1, 2).transpose(0, 2, 1, 3)
        return table(scaled, "int16", dsp=table(of_two, "int16") if variant.takes_two_outputs else None, helium=helium)

    def _storage(self, rescaling: Rescaling, optimize: Optimize) -> Storage:
        """Returns how the weights lie in flash, the table at the top."""
        # Few of one output are held in registers: there is nothing to widen in the loop, and little to save.
        if self._pairs <= PAIRS_IN_REGISTERS:
            return "words"
        is_small = self.taps.size < _MANY_WEIGHTS and self._pairs <= _MOST_PAIRS_OF_WORDS
        if optimize == "speed" and is_small:
            return "words"
        even = _even(self.taps)
        second = even[1::2]
        share_lanes = lanes.fit(even) and lanes.sums_fit(second, signed=False)
        # Where outputs are linear and their range limited, DSP cores run portable C (`Variant.kernel`).
        if share_lanes and (rescaling.rounding == "relu" or self.has_full_range):
            return "lanes"
        return "bytes" if optimize == "size" and rescaling.rounding == "relu" else "words"

    def _helium_weights(self) -> Table:
        """Returns the weights of each output channel, one for each byte that is loaded of a pixel."""
        inputs = self.taps_in_order
        missing = helium_weights_per_output(self._pairs) - inputs.shape[1]
        return table(np.pad(inputs, ((0, 0), (0, missing))), "int8")


def _even(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros where either number is odd."""
    return np.pad(weights, ((0, weights.shape[0] % 2), (0, weights.shape[1] % 2)))


def _blocks(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros up to a whole block of outputs, and an even number of inputs."""
    return np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, weights.shape[1] % 2)))


def _interchanged(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) in whole words, the middle two bytes of each interchanged, in whole blocks.

    Every second byte of a word, each widened to 16 bits, then are the weights of two channels that follow each other.
    """
    words = np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, -weights.shape[1] % WORD_BYTES)))
    return words.reshape(-1, WORD_BYTES)[:, [0, 2, 1, 3]]
