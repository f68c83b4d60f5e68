"""The functions of pointwise.c: what tells one from another, and what each asks of its source.

`edge_nas.codegen.kernels.pointwise` chooses among them, and makes the tables that they read.
"""

from dataclasses import dataclass
from typing import Literal

from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.program import InstructionSet, Kernel, Layout, rounded_up
from edge_nas.core.config import Optimize

WORD_BYTES = 4
_VECTOR_BYTES = 16  # of Helium
_MOST_HELD_VECTORS = 4  # of weights, in registers of Helium
# So many pairs of weights stay in registers beside all constants of a channel (dsp/pointwise_sums_two_pairs.inc); and
# so many once multiplier and rounding are on the stack (dsp/pointwise_sums_four_pairs.inc).
_PAIRS_BESIDE_CONSTANTS, PAIRS_IN_REGISTERS = 2, 4
# Of so few outputs, odd in number, too much would be computed for a second one that is not there.
_WASTEFUL_CHANNELS = (1, 3)
# Of lanes, groups of four pairs are unrolled, 23 instructions or 92 bytes each: up to so many, all of them, which is a
# kilobyte for each such function; ...
_MOST_GROUPS = 12
# ... of more, so many make a round of a loop, which costs three instructions beside the 184 of its groups.
_ROUND_GROUPS = 8
# Of the stack, for the caller's r4 to r11 and lr.
_SAVED_BYTES = 9 * WORD_BYTES
Storage = Literal["words", "bytes", "lanes"]


@dataclass(frozen=True)
class Variant:
    """What tells one function of the source from another.

    Which file makes the sums, all `pointwise_...inc`:

        pairs      storage   dsp/              helium/        portable C
        1, 2       words     sums_two_pairs    sums_narrow    few
        3, 4       words     sums_four_pairs   sums_narrow    few
        5 to 8     words     two_outputs *     sums_narrow    many
                   bytes     sums_bytes        sums_narrow    many
                   lanes     lanes             sums_narrow    many
        9 to 32    any       as 5 to 8         sums_held      many
        33 ...     any       as 5 to 8         sums_wide      many

    * For size, and of one or three outputs, sums_words.

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
        elif self.pairs > PAIRS_IN_REGISTERS and self._sums != "two_outputs":
            parameters["sums"] = self._sums
        if self._has_neighbours:
            parameters["distance"] = "1"
        if not self.full_range:
            parameters["range"] = "limited"
        if self._has_odd_rows:
            parameters["rows"] = "odd"
        # Those of the stride: how pairs follow each other, and how often the loop is written.
        places = {**stride.places, **self._places(), **self._dsp_places(), **self._helium_places()}
        without: frozenset[InstructionSet] = frozenset({"dsp"}) if self._is_left_to_c else frozenset()
        return Kernel("pointwise", parameters, places, without)

    @property
    def takes_two_outputs(self) -> bool:
        """Whether assembly of DSP cores makes two outputs of two pixels at a time from words."""
        is_worth_it = self.pairs > PAIRS_IN_REGISTERS and self.layout.channels not in _WASTEFUL_CHANNELS
        return self.optimize == "speed" and self.storage == "words" and is_worth_it and not self._is_left_to_c

    @property
    def _is_left_to_c(self) -> bool:
        """Whether DSP cores run portable C: their assembly clips linear outputs to the codes' own limits only."""
        return self.rounding == "linear" and not self.full_range

    @property
    def _has_neighbours(self) -> bool:
        """Whether the codes of two pixels lie side by side in pairs: flat rows of one channel, even in number."""
        layout = self.layout
        return self.optimize == "speed" and layout.kind == "flat" and layout.channels == 1 and layout.width % 2 == 0

    @property
    def _has_odd_rows(self) -> bool:
        """Whether the last pixel of a row takes code of its own.

        It does in portable C and in the lanes' assembly, and more pairs than registers hold make that long: even rows
        do without it. (Other assembly has the same text for both.)
        """
        return self.pairs > PAIRS_IN_REGISTERS and self.layout.width % 2 == 1

    def _places(self) -> dict[str, str]:
        """Returns the places of portable C, some of which the assembly of DSP cores has too."""
        weights_at_once = WORD_BYTES if self.storage == "bytes" else 2
        return {
            "weights": self.storage,
            "outputs": "two" if self.storage == "lanes" or self.takes_two_outputs else "one",
            "codes": "all" if self.full_range else "limited",
            "few": "yes" if self.pairs <= PAIRS_IN_REGISTERS else "no",
            "rows": "odd" if self._has_odd_rows else "even",
            "code": "uint16_t" if self.layout.kind == "pairs" else "uint8_t",
            "stores": "4" if self.optimize == "speed" else "1",
            "weight": "int16_t" if self.storage == "words" else "int8_t",
            "weights_per_output": str(rounded_up(2 * self.pairs, weights_at_once)),
            "header": ", ".join(self.constants),
        }

    def _dsp_places(self) -> dict[str, str]:
        """Returns the further places of assembly for DSP cores."""
        places = {
            "sums": self._sums,
            "constants": str(len(self.constants)),
            "flat_distance": "one" if self._has_neighbours else "any",
        }
        if self.storage == "lanes":
            return places | self._lane_loop()
        if self.takes_two_outputs:
            # Three constants of two outputs each, what is to be done of the row; then shifts of linear ones.
            words = 10 if self.rounding == "relu" else 12
            return places | {"frame": str(WORD_BYTES * words)}
        return places | self._registers()

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
            "helium_weights_per_output": str(helium_weights_per_output(self.pairs)),
            "pixel_bytes": str(pixel_bytes),
            "vectors": str(rounded_up(pixel_bytes, _VECTOR_BYTES) // _VECTOR_BYTES),
            "lanes": str(2**lanes_log2),
            "lanes_log2": str(lanes_log2),
            "lane_bits": str(_VECTOR_BYTES * 8 // 2**lanes_log2),
            "pixels_per_load": _pixels_per_load(pixel_bytes),
        }

    @property
    def _sums(self) -> Literal["two_pairs", "four_pairs", "two_outputs", "words", "bytes", "lanes"]:
        """Which DSP assembly makes the sums, see above."""
        if self.takes_two_outputs:
            return "two_outputs"
        if self.pairs <= _PAIRS_BESIDE_CONSTANTS:
            return "two_pairs"
        return "four_pairs" if self.pairs <= PAIRS_IN_REGISTERS else self.storage

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
            "frame": str(WORD_BYTES * words),
        }

    def _registers(self) -> dict[str, str]:
        """Returns where the assembly keeps the constants of a channel; dsp/pointwise_rows.inc draws its stack."""
        # Behind none; multiplier and rounding; bias, multiplier and rounding; and the factor.
        shift_at = {"two_pairs": 0, "four_pairs": 8, "words": 12, "bytes": 16}[self._sums]
        pushed = shift_at + (WORD_BYTES if self.rounding == "linear" else 0)
        return {
            "multiplier": "r7" if self._sums == "two_pairs" else "r9",
            "rounded": "r8" if self._sums == "two_pairs" else "r10",
            "shift_at": str(shift_at),
            "count_at": str(pushed + _SAVED_BYTES),
            "distance_at": str(pushed + _SAVED_BYTES + WORD_BYTES),
            "pushed": str(pushed),
        }


def _helium_pixel_bytes(pairs: int) -> int:
    """Returns the bytes of a pixel with Helium: a code each of an even number of channels."""
    return 2 * pairs


def helium_weights_per_output(pairs: int) -> int:
    """Returns one for each byte that is loaded of a pixel: of a long one, in whole vectors."""
    pixel_bytes = _helium_pixel_bytes(pairs)
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
