"""What a model file is and what it costs: the types that name artifacts between stages."""

from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen

ArtifactFormat = Literal["keras", "tflite", "onnx"]


class TensorSpec(Frozen):
    """Shape (batch included), dtype and, for quantized tensors, real = scale * (stored - zero_point)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int | None = None


class ModelArtifact(Frozen):
    """A model file of a run: `path` is relative to the run folder, `parent` the sha256 it was made from."""

    path: str
    format: ArtifactFormat
    sha256: str
    size_bytes: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    stage: str
    parent: str | None = None


class LayerCost(Frozen):
    """One operator or layer: MACs for one input, parameters, and the bytes of its output."""

    name: str
    kind: str
    macs: int = Field(ge=0)
    params: int = Field(ge=0)
    output_bytes: int = Field(ge=0)


class Cost(Frozen):
    """What a network costs for one input (batch 1).

    `macs` counts multiply-accumulates of convolutions and dense layers; `flash_bytes` is the size of the file where
    there is one; `peak_ram_bytes` the largest sum of tensors alive at once, input and output included. `uncounted`:
    layers that multiply by a matrix in a way that cannot be counted here; their MACs are not in `macs`.
    """

    macs: int = Field(ge=0)
    params: int = Field(ge=0)
    flash_bytes: int | None = None
    peak_ram_bytes: int | None = None
    layers: tuple[LayerCost, ...] = ()
    uncounted: tuple[str, ...] = ()
