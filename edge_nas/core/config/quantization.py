"""How the float network becomes int8."""

from pydantic import Field, field_validator, model_validator

from edge_nas.core.choices import Activations, Rounding, Scheme
from edge_nas.core.config.ranges import Share
from edge_nas.core.config.training import FitSpec
from edge_nas.core.frozen import Frozen


class QuantizeSpec(Frozen):
    """The int8 file: by TFMOT's quantization-aware training from calibrated ranges (QAT), or without training (PTQ)."""

    scheme: Scheme = Field(default="qat", description="ptq: the converter's own ranges, `fit` is unused")
    fit: FitSpec = Field(
        default=FitSpec(epochs=6, learning_rate=3e-4, decov_weight=0.0, distillation_weight=1.0),
        description="of qat; the teacher is the float network itself",
    )
    activations: Activations = Field(
        default="int8",
        description="of ptq: int16 for activations, inputs and outputs of 16 bits, where 8 lose too much; weights stay "
        "int8, and there is no model_int8.onnx",
    )
    rounding: Rounding = Field(
        default="nearest", description="of ptq: covariance lets weights make up for the errors of others (GPTQ)"
    )
    bias_correction: bool = Field(
        default=False, description="of ptq: biases take up the mean error that rounded weights make"
    )
    max_drop: Share = Field(default=0.01, description="gate: primary score on val that int8 may lose against float")

    @field_validator("fit")
    @classmethod
    def _features_are_float(cls, fit: FitSpec) -> FitSpec:
        if fit.decov_weight > 0:
            raise ValueError(f"decov_weight acts on float features and must be 0 here, not {fit.decov_weight}")
        if fit.decov_layers:
            raise ValueError(f"decov_layers acts on float features and must be empty here, not {fit.decov_layers}")
        return fit

    @model_validator(mode="after")
    def _training_finds_its_own_weights(self) -> "QuantizeSpec":
        if self.scheme == "qat" and (self.rounding != "nearest" or self.bias_correction):
            raise ValueError(
                "rounding 'covariance' and bias_correction correct weights that are not trained any more: set "
                "scheme=ptq, or leave them at rounding=nearest and bias_correction=false"
            )
        return self

    @model_validator(mode="after")
    def _wide_activations_come_from_ranges_alone(self) -> "QuantizeSpec":
        if self.activations == "int8":
            return self
        if self.scheme == "qat":
            raise ValueError(
                "TFMOT trains for activations of 8 bits: with activations=int16 set scheme=ptq, or leave it at int8"
            )
        if self.rounding != "nearest" or self.bias_correction:
            raise ValueError(
                "activations=int16 goes with rounding=nearest and bias_correction=false: rounding against others was "
                "worked out for activations of 8 bits"
            )
        return self
