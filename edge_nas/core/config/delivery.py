"""What is shipped, proven, measured and deployed."""

from typing import Annotated, Literal

from pydantic import Field

from edge_nas.core.config.ranges import Count, Positive
from edge_nas.core.frozen import Frozen

Optimize = Literal["speed", "size"]


class ExportSpec(Frozen):
    """The files that are shipped."""

    onnx_batch: Literal["fixed", "dynamic"] = Field(
        default="fixed", description="of the ONNX files: fixed takes one image at a time, dynamic any number"
    )


class CompileSpec(Frozen):
    """The int8 file as C."""

    optimize: Optimize = Field(default="speed", description="what the C is made for: speed, or size (bytes of flash)")
    arena_limit: Positive | None = Field(
        default=None,
        description="bytes that the arena may take for fast kernels; null: what the interpreter for microcontrollers "
        "needs",
    )
    esp32s3_vectors: bool = Field(
        default=False,
        description="dense layers and convolutions of one pixel for the ESP32-S3's vector instructions, which also "
        "want -DEDGE_ESP32S3=1 of the compiler; unverified, since no emulator runs them; slower on every other core",
    )

    @property
    def not_predicted(self) -> str | None:
        """Says which setting makes the C another than that whose costs are predicted before; None where none does."""
        if self.optimize != "speed":
            return f"compile.optimize is {self.optimize}, and what C takes is predicted of C made for speed"
        if self.arena_limit is not None:
            return (
                f"compile.arena_limit is {self.arena_limit}, and what C takes is predicted of C in the memory that "
                "the interpreter for microcontrollers needs"
            )
        if self.esp32s3_vectors:
            return "compile.esp32s3_vectors is true, and what C takes is predicted of C without vectors"
        return None


class VerifySpec(Frozen):
    """Proof that generated code computes the reference kernels' bytes."""

    inputs: Positive = Field(default=1000, description="frames for the generated C on this machine")
    slow_inputs: Positive = Field(
        default=50, description="frames for numpy, tflite-micro and the C with sanitizers, which are slower"
    )
    core_inputs: Positive = Field(default=10, description="frames for each emulated core")
    cores: tuple[str, ...] | None = Field(
        default=None, description="cores that must be emulated; null: all whose tools are installed"
    )
    step_cores: tuple[str, ...] = Field(
        default=("cortex-m4",), description="of those, the cores on which the instructions of each step are counted"
    )


class DeploySpec(Frozen):
    """The bundle for a board."""

    board: str = Field(default="stm32l4r5", description="a board, or a .yaml file that describes one")


class GatesSpec(Frozen):
    """What a whole build has to come to; stages have gates of their own."""

    trivial: bool = Field(
        default=True,
        description="a build ends with exit code 4 where the shipped network scores no better than a trivial "
        "predictor, which looks at no image",
    )


class BenchmarkSpec(Frozen):
    """Latency on this machine: batch 1, rounds interleaved between the runtimes."""

    runs: Positive = Field(default=300, description="timed inferences of each runtime, one image each")
    warmup: Count = Field(default=20, description="inferences before them that are not timed, in each round")
    threads: Annotated[int, Field(ge=1, le=1024)] = Field(
        default=1, description="threads of a runtime, each on a processor core of its own"
    )
