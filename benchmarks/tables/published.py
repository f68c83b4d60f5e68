"""What MLPerf Tiny's published rows say of cycles: other engines' code, on chips of the boards here.

Three things are known of a row: its throughput, the clock, and the network. Of CMSIS-NN, whose instructions were
recorded (`benchmarks.tables.recorded`), they are held against

    cycles = cycles_per_instruction * instructions + cycles_per_flash_byte * bytes of weights read

The bytes follow from how CMSIS-NN goes through weights: once for two pixels of a convolution, once for each pixel of a
depthwise layer, once for a dense layer. What its instructions take by the Cortex-M4's timings is known of its inner
loop only, so that the factor between timings and the chip has a range of its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from benchmarks.tables.recorded import RECORDED
from edge_nas.emulation.timing import TABLES, Instruction, instruction_times


@dataclass(frozen=True)
class PublishedNetwork:
    """A network of MLPerf Tiny: its .tflite file, and the bytes of weights that CMSIS-NN reads of it in a call."""

    sha256: str
    weight_bytes: int


@dataclass(frozen=True)
class PublishedRows:
    """Inferences a second of one engine on one chip, the median of each performance run's results.txt.

    Attributes:
        engine, chip: what ran, and on what.
        clock_mhz: of the system's description.
        place: in the repository mlcommons/tiny_results_v1.1.
        per_second: by network.
    """

    engine: str
    chip: str
    clock_mhz: int
    place: str
    per_second: Mapping[str, float]

    @property
    def cycles(self) -> dict[str, float]:
        """Of one inference, by network."""
        return {name: 1e6 * self.clock_mhz / rate for name, rate in self.per_second.items()}


NETWORKS = MappingProxyType(
    {
        "ad": PublishedNetwork("87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24", 264_192),
        "ic": PublishedNetwork("3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415", 6_251_136),
        "kws": PublishedNetwork("aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae", 1_472_768),
        "vww": PublishedNetwork("597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b", 4_144_256),
    }
)
CMSIS_NN_ON_M4 = PublishedRows(
    "microTVM + CMSIS-NN", "STM32L4R5, Cortex-M4", 120, "closed/Krai, NUCLEO-L4R5ZI_MICROTVM-CMSIS-NN",
    MappingProxyType({"ad": 116.212, "ic": 2.567, "kws": 10.019, "vww": 3.324}),
)  # fmt: skip
CMSIS_NN_ON_M33 = PublishedRows(
    "microTVM + CMSIS-NN", "nRF5340, Cortex-M33", 128, "closed/Krai, NRF5340-DK_MICROTVM-CMSIS-NN",
    MappingProxyType({"ad": 159.020, "ic": 3.146, "kws": 13.074, "vww": 4.286}),
)  # fmt: skip
CUBE_ON_M4 = PublishedRows(
    "X-CUBE-AI 8.0", "STM32L4R5, Cortex-M4", 120, "closed/Krai, NUCLEO-L4R5ZI_X-CUBE-AI-8.0",
    MappingProxyType({"ad": 131.950, "ic": 4.505, "kws": 13.759, "vww": 4.522}),
)  # fmt: skip
CUBE_ON_M7 = PublishedRows(
    "X-CUBE-AI 8.0", "STM32H7A3, Cortex-M7", 280, "closed/Krai, NUCLEO-H7A3ZI-Q_X-CUBE-AI-8.0",
    MappingProxyType({"ad": 547.234, "ic": 18.215, "kws": 60.988, "vww": 19.867}),
)  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """What makes relative errors over rows least, in squares; errors are predicted / published - 1, by network.

    Attributes:
        cycles_per_instruction, cycles_per_flash_byte: of all rows.
        errors: of the rows that were fitted.
        left_out: of each row by a fit to the others.
    """

    cycles_per_instruction: float
    cycles_per_flash_byte: float
    errors: Mapping[str, float]
    left_out: Mapping[str, float]

    @property
    def worst(self) -> float:
        """The largest error of a row that was not fitted to."""
        return max(map(abs, self.left_out.values()))


def fit_of(rows: PublishedRows) -> Fit:
    """Returns the fit to the rows of CMSIS-NN on a core that executes the Cortex-M4's instructions."""
    cycles = rows.cycles

    def predicted(coefficients: tuple[float, float], name: str) -> float:
        return (coefficients[0] * _instructions(name) + coefficients[1] * NETWORKS[name].weight_bytes) / cycles[
            name
        ] - 1

    def fitted(names: list[str]) -> tuple[float, float]:
        matrix = np.array([(_instructions(name), NETWORKS[name].weight_bytes) for name in names], np.float64)
        matrix /= np.array([cycles[name] for name in names])[:, np.newaxis]
        each, byte = np.linalg.lstsq(matrix, np.ones(len(names)), rcond=None)[0]
        return float(each), float(byte)

    whole = fitted(list(cycles))
    return Fit(
        *whole,
        {name: predicted(whole, name) for name in cycles},
        {name: predicted(fitted([other for other in cycles if other != name]), name) for name in cycles},
    )


def _instructions(network: str) -> int:
    """Returns what TFLM with CMSIS-NN was recorded to take on a Cortex-M4."""
    sha256 = NETWORKS[network].sha256
    return next(row.instructions for row in RECORDED if row.sha256 == sha256 and row.core == "cortex-m4")


# Two outputs by two pixels, four inputs a round: what a kernel of this kind has to do with int8 weights and 16-bit
# inputs. A compiler may put loads beside each other, where they overlap, or between other instructions.
_LOADS = [("ldr", "r0, [r8], #4"), ("ldr", "r1, [r9], #4"), *[("ldr", f"r{n}, [r10], #4") for n in (2, 3, 4, 5)]]
_WIDENING = [("sxtb16", "r6, r0"), ("sxtb16", "r7, r0"), ("pkhbt", "r0, r6, r7"), ("pkhtb", "r6, r6, r7")] * 2
_SUMS = [("smlad", "r11, r6, r2, r11")] * 8
_END = [("subs", "r12, r12, #1"), ("bne", "")]


def loop_pace(core: str) -> tuple[float, float]:
    """Returns the least and the most cycles per instruction of such a loop by the timings of a core."""
    together = [*_LOADS, *_WIDENING, *_SUMS, *_END]
    others = iter([*_WIDENING, *_SUMS])
    apart = [instruction for load in _LOADS for instruction in (load, next(others))]
    paces = []
    for listing in (together, [*apart, *others, *_END]):
        instructions = [Instruction(4 * place, *named) for place, named in enumerate(listing)]
        times = instruction_times(TABLES[core], instructions)
        jump = times[instructions[-1].address].jump
        paces.append((sum(time.cycles for time in times.values()) + jump) / len(listing))
    return paces[0], paces[1]


def table_factor(fit: Fit, core: str) -> float:
    """Returns the cycles of the chip for each of the timings, in the middle of what the loop may take."""
    least, most = loop_pace(core)
    return fit.cycles_per_instruction / math.sqrt(least * most)


def error_percent(fit: Fit, core: str, *ratios: "Ratio") -> float:
    """Returns by how much an estimate may be off: a row that was left out, and the range of what its code takes."""
    least, most = loop_pace(core)
    together = (1 + fit.worst) * math.sqrt(most / least)
    for ratio in ratios:
        together *= 1 + ratio.worst
    return 100 * (together - 1)


@dataclass(frozen=True)
class Ratio:
    """Cycles on one chip for each on another, by the same engine: the geometric mean, by network, worst left out."""

    mean: float
    by_network: Mapping[str, float]
    worst: float


def ratio_of(rows: PublishedRows, other: PublishedRows) -> Ratio:
    """Returns the cycles of rows for each of other ones, of the same engine on another chip."""
    ratios = {name: count / other.cycles[name] for name, count in rows.cycles.items()}
    errors = []
    for name, ratio in ratios.items():
        rest = [math.log(value) for key, value in ratios.items() if key != name]
        errors.append(abs(math.exp(sum(rest) / len(rest)) / ratio - 1))
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    return Ratio(mean, ratios, max(errors))
