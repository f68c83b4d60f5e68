"""What every runtime offers: `run(batch)` from network input to logits, and one timed call.

`Runtime` is the protocol. `FileRuntime` implements it for model files of batch 1 with one input and one output, each
float32, int8 or uint8: subclasses say how one inference goes, quantization and batching live here.
"""

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from edge_nas.core.samples import MOST_VALUES
from edge_nas.errors import ArtifactError, ResourceError
from edge_nas.int8.arithmetic import dequantize, quantize
from edge_nas.results.artifacts import TensorSpec

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]


class Runtime(Protocol):
    """Something that runs a network on this machine."""

    @property
    def name(self) -> str:
        """`keras`, `litert`, `litert reference`, `numpy`, `onnxruntime` or `onnxruntime unfused`."""

    @property
    def version(self) -> str:
        """Version of the library that does the work."""

    def run(self, inputs: Floats) -> Floats:
        """Returns the logits (N, H, W, 1) float32 for network inputs (N, H, W, C) float32."""

    def invoke_once(self) -> None:
        """Runs one batch-1 inference on a fixed input, numpy array in, numpy array out: the call to time."""


class FileRuntime(ABC):
    """A model file of batch 1, one input, one output, each float32, int8, uint8 or int16.

    Attributes:
        name: the runtime's name.
        version: version of the library that does the work.
        source: what the file is called in messages.
        input_spec, output_spec: shape with batch 1, dtype, and for integers the scale and zero point.
    """

    name: str
    version: str

    def __init__(self, source: str, input_spec: TensorSpec, output_spec: TensorSpec) -> None:
        self.source = source
        self.input_spec = input_spec
        self.output_spec = output_spec
        for side, spec in (("input", input_spec), ("output", output_spec)):
            _check_spec(spec, f"{source}: {side} {spec.name!r}")
        self._fixed_input = _fixed_input(input_spec)

    @abstractmethod
    def _invoke(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Returns a fresh output of one inference, input and output of the file's own dtype, batch 1."""

    @property
    def is_int8(self) -> bool:
        """True where input and output are int8, so that `run_int8` can be used."""
        return self.input_spec.dtype == self.output_spec.dtype == "int8"

    def run(self, inputs: Floats) -> Floats:
        """Returns the outputs (N, ...) float32 for network inputs (N, ...) float32, quantizing where the file does not.

        Raises:
            ArtifactError: the inputs' shape is not the file's, or the runtime fails on them.
        """
        takes_reals, gives_reals = (spec.dtype == "float32" for spec in (self.input_spec, self.output_spec))
        stored = inputs.astype(np.float32) if takes_reals else self.quantize_input(inputs)
        outputs = self._run_each(stored)
        return outputs.astype(np.float32) if gives_reals else self.dequantize_output(outputs)

    def run_stored(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Returns the outputs (N, ...) for inputs (N, ...), both of the file's own dtypes.

        Raises:
            ArtifactError: the inputs are of another dtype or shape, or the runtime fails.
        """
        if stored.dtype != self.input_spec.dtype:
            raise ArtifactError(f"{self.source}: inputs are {stored.dtype}, the file takes {self.input_spec.dtype}")
        return self._run_each(stored)

    def run_int8(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) int8 for input codes (N, ...) int8.

        Raises:
            ArtifactError: the file's input or output is not int8, the shape is another, or the runtime fails.
        """
        if not self.is_int8:
            raise ArtifactError(
                f"{self.source}: input is {self.input_spec.dtype}, output {self.output_spec.dtype}; both must be int8"
            )
        if codes.dtype != np.int8:
            raise ArtifactError(f"{self.source}: input codes are {codes.dtype}, int8 is expected: use quantize_input")
        return self._run_each(codes).astype(np.int8, copy=False)

    def quantize_input(self, inputs: Floats) -> npt.NDArray[Any]:
        """Returns codes for float inputs: clip(round(x / scale) + zero_point), halves away from zero."""
        scale, zero_point = self._quantization(self.input_spec)
        try:
            if self.input_spec.dtype == "uint8":
                # Codes of 0 to 255 are those of -128 to 127, moved.
                return (quantize(inputs, scale, zero_point - 128).astype(np.int16) + 128).astype(np.uint8)
            return quantize(inputs, scale, zero_point, self.input_spec.dtype)
        except ValueError as error:
            raise ArtifactError(f"{self.source}: {error}") from error

    def dequantize_output(self, codes: Codes) -> Floats:
        """Returns float32 values for output codes: scale * (code - zero_point)."""
        return dequantize(codes, *self._quantization(self.output_spec))

    def invoke_once(self) -> None:
        """Runs one inference on a fixed input, numpy array in, numpy array out."""
        self._invoke(self._fixed_input)

    def _quantization(self, spec: TensorSpec) -> tuple[float, int]:
        if spec.scale is None or spec.zero_point is None:
            raise ArtifactError(f"{self.source}: {spec.name!r} is {spec.dtype} and has no scale and zero point")
        return spec.scale, spec.zero_point

    def _run_each(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Returns the outputs (N, ...) of one inference per input (N, ...), both of the file's own dtype."""
        if stored.shape[1:] != self.input_spec.shape[1:]:
            sizes = ", ".join(str(size) for size in self.input_spec.shape[1:])
            raise ArtifactError(f"{self.source}: inputs have shape {stored.shape}, the file takes (N, {sizes})")
        if not len(stored):
            return np.zeros((0, *self.output_spec.shape[1:]), self.output_spec.dtype)
        return np.concatenate([self._invoke(stored[i : i + 1]) for i in range(len(stored))])


def read_model_file(path: Path) -> bytes:
    """Returns the bytes of a model file.

    Raises:
        ArtifactError: there is no such file, or it is a folder.
        ResourceError: the file may not be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ArtifactError(f"{path}: {error.strerror}; a model file was expected") from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read: {error.strerror}") from error


def _check_spec(spec: TensorSpec, where: str) -> None:
    """Raises ArtifactError for an input or output that is not of batch 1 and float32, int8, uint8 or int16."""
    if spec.dtype not in ("float32", "int8", "uint8", "int16"):
        raise ArtifactError(f"{where} is {spec.dtype}; allowed: float32, int8, uint8, int16")
    if not spec.shape or spec.shape[0] != 1 or min(spec.shape) < 1:
        raise ArtifactError(f"{where} has shape {spec.shape}; a fixed shape with batch 1 is expected")
    if math.prod(spec.shape) > MOST_VALUES:
        raise ArtifactError(f"{where} has shape {spec.shape}; up to {MOST_VALUES:,} values are supported")
    has_scale = spec.scale is not None and spec.scale > 0 and spec.zero_point is not None
    if spec.dtype != "float32" and not has_scale:
        raise ArtifactError(f"{where} is {spec.dtype} but has no scale and zero point: it cannot be read as numbers")


def _fixed_input(spec: TensorSpec) -> npt.NDArray[Any]:
    """Returns noise, always the same: kernels may take short cuts on zeros."""
    generator = np.random.default_rng(0)
    if spec.dtype != "float32":
        limits = np.iinfo(spec.dtype)
        return generator.integers(limits.min, limits.max + 1, spec.shape, dtype=spec.dtype)
    return generator.uniform(-1.0, 1.0, spec.shape).astype(np.float32)
