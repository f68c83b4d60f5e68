"""Choices that a setting and an option of a command share.

They stand beside the settings, because a command names them before anybody asks for it: importing the settings takes a
third of the time in which `edge-nas inspect` answers.
"""

from typing import Literal

Scheme = Literal["qat", "ptq"]
"""How a network becomes int8: trained with fake quantization, or by the converter's own ranges."""

Rounding = Literal["nearest", "covariance"]
"""How weights become int8: each to the nearest, or so that they make up for the errors of others (GPTQ)."""

Activations = Literal["int8", "int16"]
"""Of how many bits what layers hand on is; weights are int8 either way."""
