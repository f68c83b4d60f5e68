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

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_nas.codegen import lanes
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.fast_convolution import FastConvolution, Rescaling
from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.program import (
    MOST_CHANNELS,
    InstructionSet,
    Kernel,
    Layout,
    LayoutKind,
    Reading,
    Rows,
    Table,
    rounded_up,
)
from edge_nas.codegen.tables import table
from edge_nas.core.config import Optimize
from edge_nas.int8.arithmetic import INT8_MIN, Integers

_WORD_BYTES = 4
_VECTOR_BYTES = 16  # of Helium
_MOST_HELD_VECTORS = 4  # of weights, in registers of Helium
# So many pairs of weights stay in registers beside all constants of a channel (dsp/pointwise_sums_two_pairs.inc); and
# so many once multiplier and rounding are on the stack (dsp/pointwise_sums_four_pairs.inc).
_PAIRS_BESIDE_CONSTANTS, _PAIRS_IN_REGISTERS = 2, 4
# From so many weights on, lanes are as good for speed; fewer in words save about a twentieth of the instructions.
_MANY_WEIGHTS = 2048
# Output channels that portable C takes at a time.
_BLOCK = 4
# Of lanes, groups of four pairs are unrolled, 23 instructions or 92 bytes each: up to so many, all of them, which is a
# kilobyte for each such function; ...
_MOST_GROUPS = 12
# ... of more, so many make a round of a loop, which costs three instructions beside the 184 of its groups.
_ROUND_GROUPS = 8
# Of the stack, for the caller's r4 to r11 and lr.
_SAVED_BYTES = 9 * _WORD_BYTES
Storage = Literal["words", "bytes", "lanes"]


@dataclass(frozen=True)
class Variant:
    """What tells one function of the source from another.

    Which file makes the sums, all `pointwise_...inc`:

        pairs      storage   dsp/              helium/        portable C
        1, 2       words     sums_two_pairs    sums_narrow    few
        3, 4       words     sums_four_pairs   sums_narrow    few
        5 to 8     words     sums_words        sums_narrow    many
                   bytes     sums_bytes        sums_narrow    many
                   lanes     lanes             sums_narrow    many
        9 to 32    any       as 5 to 8         sums_held      many
        33 ...     any       as 5 to 8         sums_wide      many

    On cores with the first Thumb instructions alone `many` has sums of its own (thumb/). Helium's weights are bytes
    whatever the storage: those of a pixel fit into one vector (narrow), stay in several (held), or are loaded for each
    four pixels anew (wide).

    Attributes:
        layout: of the rows it writes.
        optimize: "speed", or "size" of the code.
        rounding: "relu" or "linear", see `Rescaling`.
        shift: N of "relu", 0 of "linear".
        pairs: of input channels.
        storage: how weights lie in flash.
        full_range: whether no output is clipped but by the limits of its codes.
    """

    layout: Layout
    optimize: Optimize
    rounding: Literal["relu", "linear"]
    shift: int
    pairs: int
    storage: Storage
    full_range: bool

    @property
    def constants(self) -> tuple[str, ...]:
        """Which constants of an output channel its header holds, in this order."""
        factor = () if self.storage == "words" else ("factor",)
        shift = ("shift",) if self.rounding == "linear" else ()
        return ("bias", "multiplier", "rounding", *factor, *shift)

    def kernel(self) -> Kernel:
        """Returns the function: its parameters stand in its name, places follow from them (see `program.Kernel`)."""
        stride = pair_stride(self.layout, self.optimize)
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
        if self._has_odd_rows:
            parameters["rows"] = "odd"
        # Those of the stride: how pairs follow each other, and how often the loop is written.
        places = {**stride.places, **self._places(), **self._dsp_places(), **self._helium_places()}
        # The assembly of DSP cores clips linear outputs to the codes' own limits only: others are left to portable C.
        is_left_to_c = self.rounding == "linear" and not self.full_range
        without: frozenset[InstructionSet] = frozenset({"dsp"}) if is_left_to_c else frozenset()
        return Kernel("pointwise", parameters, places, without)

    @property
    def _has_odd_rows(self) -> bool:
        """Whether the last pixel of a row takes code of its own.

        It does in portable C and in the lanes' assembly, and more pairs than registers hold make that long: even rows
        do without it. (Other assembly has the same text for both.)
        """
        return self.pairs > _PAIRS_IN_REGISTERS and self.layout.width % 2 == 1

    def _places(self) -> dict[str, str]:
        """Returns the places of portable C, some of which the assembly of DSP cores has too."""
        weights_at_once = _WORD_BYTES if self.storage == "bytes" else 2
        return {
            "weights": self.storage,
            "few": "yes" if self.pairs <= _PAIRS_IN_REGISTERS else "no",
            "rows": "odd" if self._has_odd_rows else "even",
            "code": "uint16_t" if self.layout.kind == "pairs" else "uint8_t",
            "stores": "4" if self.optimize == "speed" else "1",
            "weight": "int16_t" if self.storage == "words" else "int8_t",
            "weights_per_output": str(rounded_up(2 * self.pairs, weights_at_once)),
            "header": ", ".join(self.constants),
        }

    def _dsp_places(self) -> dict[str, str]:
        """Returns the further places of assembly for DSP cores."""
        loop = self._lane_loop() if self.storage == "lanes" else self._registers()
        return {"sums": self._sums, "constants": str(len(self.constants)), **loop}

    def _helium_places(self) -> dict[str, str]:
        """Returns the places of assembly for Helium."""
        pixel_bytes = _helium_pixel_bytes(self.pairs)
        is_linear = self.rounding == "linear"
        # Eight pixels at a time are stored from lanes of 16 bits, four from lanes of 32.
        lanes_log2 = 3 if pixel_bytes <= _VECTOR_BYTES else 2
        return {
            "helium_sums": _helium_sums(pixel_bytes),
            "helium_constants": "4" if is_linear else "3",
            "zero_noted": ", zero point as code + 128" if is_linear else "",
            "helium_weights_per_output": str(_helium_weights_per_output(pixel_bytes)),
            "pixel_bytes": str(pixel_bytes),
            "vectors": str(rounded_up(pixel_bytes, _VECTOR_BYTES) // _VECTOR_BYTES),
            "lanes": str(2**lanes_log2),
            "lanes_log2": str(lanes_log2),
            "lane_bits": str(_VECTOR_BYTES * 8 // 2**lanes_log2),
            "pixels_per_load": _pixels_per_load(pixel_bytes),
        }

    @property
    def _sums(self) -> Literal["two_pairs", "four_pairs", "words", "bytes", "lanes"]:
        """Which DSP assembly makes the sums, see above."""
        if self.pairs <= _PAIRS_BESIDE_CONSTANTS:
            return "two_pairs"
        return "four_pairs" if self.pairs <= _PAIRS_IN_REGISTERS else self.storage

    def _lane_loop(self) -> dict[str, str]:
        """Returns how the assembly goes through the pairs of two outputs, and how many bytes its frame has.

        Groups of four pairs are unrolled; of many, eight at a time are rounds of a loop.
        """
        groups = self.pairs // 4
        rounds = groups // _ROUND_GROUPS if groups > _MOST_GROUPS else 0
        # The constants of two outputs; where the weights of the rounds end, where the output is, what is to do.
        words = 2 * len(self.constants) + 3
        return {
            "rounds": str(rounds),
            "groups": str(groups - _ROUND_GROUPS * rounds),
            "frame": str(_WORD_BYTES * words),
        }

    def _registers(self) -> dict[str, str]:
        """Returns where the assembly keeps the constants of a channel; dsp/pointwise_rows.inc draws its stack."""
        # Behind none; multiplier and rounding; bias, multiplier and rounding; and the factor.
        shift_at = {"two_pairs": 0, "four_pairs": 8, "words": 12, "bytes": 16}[self._sums]
        pushed = shift_at + (_WORD_BYTES if self.rounding == "linear" else 0)
        return {
            "multiplier": "r7" if self._sums == "two_pairs" else "r9",
            "rounded": "r8" if self._sums == "two_pairs" else "r10",
            "shift_at": str(shift_at),
            "count_at": str(pushed + _SAVED_BYTES),
            "distance_at": str(pushed + _SAVED_BYTES + _WORD_BYTES),
            "pushed": str(pushed),
        }


class Pointwise(FastConvolution):
    """1 x 1 taps with stride 1."""

    # The bias is added to scaled sums: it need not be a multiple of the factor (`scaling`).
    fractions = True

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether it is a convolution of one pixel whose sums can be scaled, of not too many channels.

        Of channels `is_exact` asks, by `has_fast_window`.
        """
        return self.is_pointwise and self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input: no border, and a row of pairs has room for all loads (`Layout.row_bytes`)."""
        yield Demand(self.operator.index, self.operator.input, "pairs")

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
        # What is shifted is code + 128, and flat rows hold codes. The rounding takes 128 off; not for linear words,
        # whose kernels clip codes + 128 first and take 128 off then.
        is_clipped_first = rescaling.rounding == "linear" and variant.storage == "words"
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
        return table(_blocks(rescaling.scaled.weights), "int16", helium=helium)

    def _storage(self, rescaling: Rescaling, optimize: Optimize) -> Storage:
        """Returns how the weights lie in flash, the table at the top."""
        # Few of one output are held in registers: there is nothing to widen in the loop, and little to save.
        if self._pairs <= _PAIRS_IN_REGISTERS:
            return "words"
        if optimize == "speed" and self.taps.size < _MANY_WEIGHTS:
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
        missing = _helium_weights_per_output(_helium_pixel_bytes(self._pairs)) - inputs.shape[1]
        return table(np.pad(inputs, ((0, 0), (0, missing))), "int8")


def _even(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros where either number is odd."""
    return np.pad(weights, ((0, weights.shape[0] % 2), (0, weights.shape[1] % 2)))


def _blocks(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros up to a whole block of outputs, and an even number of inputs."""
    return np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, weights.shape[1] % 2)))


def _helium_pixel_bytes(pairs: int) -> int:
    """Returns the bytes of a pixel with Helium: a code each of an even number of channels."""
    return 2 * pairs


def _helium_weights_per_output(pixel_bytes: int) -> int:
    """Returns one for each byte that is loaded of a pixel: of a long one, in whole vectors."""
    return pixel_bytes if pixel_bytes <= _VECTOR_BYTES else rounded_up(pixel_bytes, _VECTOR_BYTES)


def _helium_sums(pixel_bytes: int) -> Literal["narrow", "held", "wide"]:
    """Returns which assembly sums pixels of so many bytes: up to four vectors of weights stay in registers."""
    if pixel_bytes <= _VECTOR_BYTES:
        return "narrow"
    return "held" if pixel_bytes <= _MOST_HELD_VECTORS * _VECTOR_BYTES else "wide"


def _pixels_per_load(pixel_bytes: int) -> str:
    """Returns of how many pixels one vector of Helium holds all bytes: a power of two, 4 at most."""
    if 4 * pixel_bytes <= _VECTOR_BYTES:
        return "4"
    return "2" if 2 * pixel_bytes <= _VECTOR_BYTES else "1"


def _interchanged(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) in whole words, the middle two bytes of each interchanged, in whole blocks.

    Every second byte of a word, each widened to 16 bits, then are the weights of two channels that follow each other.
    """
    words = np.pad(weights, ((0, -weights.shape[0] % _BLOCK), (0, -weights.shape[1] % _WORD_BYTES)))
    return words.reshape(-1, _WORD_BYTES)[:, [0, 2, 1, 3]]
