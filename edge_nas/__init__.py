"""From images, signals or vectors to a small int8 network for a microcontroller, with proof at every step.

    import edge_nas

    result = edge_nas.build(edge_nas.load_config("camvid.yaml", ["train.epochs=30"]))
    print(result.evaluation.int8)

The names below are imported when they are first used, so that `import edge_nas` costs nothing and loads no TensorFlow.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_nas.analysis.model import analyze_model
    from edge_nas.codegen.compile import compile_tflite
    from edge_nas.core.config import BuildConfig
    from edge_nas.core.configfile import load_config
    from edge_nas.covariance.decorrelation import with_decov
    from edge_nas.covariance.decov import covariance_redundancy
    from edge_nas.covariance.extractor import ActivationExtractor
    from edge_nas.covariance.monitor import NASMonitorCallback
    from edge_nas.graph.probes import Probe
    from edge_nas.pipeline import build
    from edge_nas.pruning.model import prune_model
    from edge_nas.quantization.ptq import quantize_model
    from edge_nas.results.result import Result

__version__ = "0.1.0"

# TensorFlow 2.21 turns its oneDNN kernels on by itself only on some processors. Without them a training step of the
# reference networks takes 3.5 times as long (measured on an AMD EPYC with AVX2), and results differ between machines
# that have them on and machines that do not. TensorFlow reads the variable when it is imported.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# ONNX Runtime from 1.29 on writes an identifier of this machine into the home folder when it is imported, and reports
# to its vendor which networks are opened. It reads the variable then; `runtimes.onnxruntime` covers an earlier import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_HOMES = {
    "ActivationExtractor": "edge_nas.covariance.extractor",
    "BuildConfig": "edge_nas.core.config",
    "NASMonitorCallback": "edge_nas.covariance.monitor",
    "Probe": "edge_nas.graph.probes",
    "Result": "edge_nas.results.result",
    "analyze_model": "edge_nas.analysis.model",
    "build": "edge_nas.pipeline",
    "compile_tflite": "edge_nas.codegen.compile",
    "covariance_redundancy": "edge_nas.covariance.decov",
    "load_config": "edge_nas.core.configfile",
    "prune_model": "edge_nas.pruning.model",
    "quantize_model": "edge_nas.quantization.ptq",
    "with_decov": "edge_nas.covariance.decorrelation",
}

__all__ = [
    "ActivationExtractor",
    "BuildConfig",
    "NASMonitorCallback",
    "Probe",
    "Result",
    "__version__",
    "analyze_model",
    "build",
    "compile_tflite",
    "covariance_redundancy",
    "load_config",
    "prune_model",
    "quantize_model",
    "with_decov",
]


def __getattr__(name: str) -> Any:
    """Returns a public name, importing the module it lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
