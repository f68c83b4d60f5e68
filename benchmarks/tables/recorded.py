"""What interpreters with optimised kernels took for the networks of the table, measured elsewhere and not again here.

TFLM 90b983c, with CMSIS-NN 4ab83cc or with muRISCV-NN, its Makefile's flags, on the frames and by the counting of
`benchmarks.mcu`. On the Cortex-M4 to a thousand instructions; on other cores it was noted how many times what our C
took then, with two digits, and the figures below are that product.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_CMSIS_NN = "TFLM 90b983c + CMSIS-NN 4ab83cc (recorded)"
_MURISCV_NN = "TFLM 90b983c + muRISCV-NN (recorded)"


@dataclass(frozen=True)
class Recorded:
    """A figure of another engine for the network of a hash; flash and RAM are None where nobody noted them."""

    sha256: str
    engine: str
    core: str
    instructions: int
    flash_bytes: int | None = None
    ram_bytes: int | None = None


# Thousand instructions, by the file's hash and the core.
_THOUSANDS: Mapping[str, Mapping[str, int]] = {
    # nano_u_TinyAgri
    "49d2036350e3422abafb4bafb8dc836d5591480cabeb90a0335dc819c527e519": {
        "cortex-m4": 23_315, "cortex-m55": 12_000, "cortex-m3": 25_000, "cortex-m0plus": 81_000,
    },
    # default_48x64
    "c7a6675cd7d12b1809240a489c92e2e0096fdb1ad72e22bf4a691e1d05bdc54b": {"cortex-m4": 14_660},
    # kws_ref_model
    "aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae": {
        "cortex-m4": 7_578, "cortex-m55": 1_800, "cortex-m3": 10_000, "cortex-m0plus": 29_000, "rv32imac": 14_900,
    },
    # ad01_int8
    "87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24": {
        "cortex-m4": 583, "cortex-m55": 149, "cortex-m3": 950, "cortex-m0plus": 1_770, "rv32imac": 1_340,
    },
    # pretrainedResnet_quant
    "3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415": {
        "cortex-m4": 29_781, "cortex-m55": 4_900, "cortex-m3": 41_000, "cortex-m0plus": 97_000, "rv32imac": 52_500,
    },
    # vww_96_int8
    "597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b": {
        "cortex-m4": 23_776, "cortex-m55": 6_400, "cortex-m3": 31_000, "cortex-m0plus": 85_000, "rv32imac": 44_600,
    },
    # tflm_person_detect, with its quantized_dimension put right as it is read
    "77cac99d46416295fc3ec9cf752dec8e0c8aafd9421475da6c86439aee22e1c4": {"cortex-m4": 22_573},
}  # fmt: skip
# Flash of the Cortex-M4, beyond that of an empty image, in kilobytes of 1,000, as far as it was noted.
_FLASH_BYTES = {
    "49d2036350e3422abafb4bafb8dc836d5591480cabeb90a0335dc819c527e519": 74_544,
    "597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b": 389_000,
    "77cac99d46416295fc3ec9cf752dec8e0c8aafd9421475da6c86439aee22e1c4": 346_000,
}

RECORDED = tuple(
    Recorded(
        sha256,
        _MURISCV_NN if core == "rv32imac" else _CMSIS_NN,
        core,
        1000 * thousands,
        _FLASH_BYTES.get(sha256) if core == "cortex-m4" else None,
    )
    for sha256, cores in _THOUSANDS.items()
    for core, thousands in cores.items()
)
