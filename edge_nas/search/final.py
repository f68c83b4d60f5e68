"""The end of a search for one trained network, as a value: what it depends on, and what came out."""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.results.costs import Pace


class Final(Frozen):
    """What decides the outcome.

    Attributes:
        weights_sha256: of the trained float network, as it is stored.
        float_score: its primary score on val.
        cores: emulated cores on which its C is counted; None: all whose tools are installed.
        recipe_sha256: of the settings of quantization, compilation and verification, and of the package's version.
        data_sha256: of the data set.
        seed: of order and augmentation.
    """

    weights_sha256: str
    float_score: float = Field(allow_inf_nan=False)
    cores: tuple[str, ...] | None
    recipe_sha256: str
    data_sha256: str
    seed: int = Field(ge=0)

    @property
    def key(self) -> str:
        """The sha256 of its JSON."""
        return sha256_data(self.to_data())


class CountedCost(Frozen):
    """What the C of a network took on a core, counted while it ran; a `Cost`.

    Attributes:
        instructions: of one inference, the most that a frame took.
        flash_bytes: that the network adds to an image.
        ram_bytes: data and bss, the arena included.
        stack_bytes: the most that one inference used, beside that.
        pace: what an instruction takes, by the kernels of its C; None: no timings of the core are published.
    """

    instructions: int = Field(ge=0)
    flash_bytes: int = Field(ge=0)
    ram_bytes: int = Field(ge=0)
    stack_bytes: int = Field(ge=0)
    pace: Pace | None = None


class FinalResult(Frozen):
    """What came out; nothing that differs from one run to the next, such as a time.

    Attributes:
        key: of the final.
        score: the int8 file's primary score on val by the reference kernels; None: there is no file, and `reason` says
            why.
        model_sha256: of the .tflite file; None where there is none.
        cores: what its C took, on each core that gave the bytes of the reference kernels.
        skipped: why there is no count, by core.
        reason: why there is no file.
    """

    key: str
    score: float | None = Field(allow_inf_nan=False)
    model_sha256: str | None = None
    cores: dict[str, CountedCost] = {}
    skipped: dict[str, str] = {}
    reason: str | None = None
