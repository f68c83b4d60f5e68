"""The reference networks, the registry of models, and model files."""

from edge_nas.models.bu_net import BUNet
from edge_nas.models.fast_u import FastU
from edge_nas.models.files import load_model, save_model
from edge_nas.models.layers import DepthwiseSepConv, TripleConv
from edge_nas.models.nano_u import NanoU
from edge_nas.models.registry import MODELS, create_model

Nano_U = NanoU
BU_Net = BUNet
Fast_U = FastU

__all__ = [
    "MODELS",
    "BUNet",
    "BU_Net",
    "DepthwiseSepConv",
    "FastU",
    "Fast_U",
    "NanoU",
    "Nano_U",
    "TripleConv",
    "create_model",
    "load_model",
    "save_model",
]
