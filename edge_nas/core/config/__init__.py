"""Every setting of a build, its default, its range, its unit and its meaning: one frozen spec per section.

The settings of a data source are in its own file in `edge_nas.data`.

docs/settings.md shows them all; it is made from the descriptions here by `python -m edge_nas.core.settings`.
"""

from edge_nas.core.choices import Activations, Rounding, Scheme
from edge_nas.core.config.build import BuildConfig
from edge_nas.core.config.data import DataSpec
from edge_nas.core.config.delivery import BenchmarkSpec, CompileSpec, DeploySpec, ExportSpec, Optimize, VerifySpec
from edge_nas.core.config.model import ModelSpec
from edge_nas.core.config.pruning import AnalyzeSpec, BudgetSpec, PruneSpec, SparsitySpec
from edge_nas.core.config.quantization import QuantizeSpec
from edge_nas.core.config.search import SearchSpec
from edge_nas.core.config.training import AugmentationSpec, FitSpec, MonitorSpec, TrainSpec

__all__ = [
    "Activations",
    "AnalyzeSpec",
    "AugmentationSpec",
    "BenchmarkSpec",
    "BudgetSpec",
    "BuildConfig",
    "CompileSpec",
    "DataSpec",
    "DeploySpec",
    "ExportSpec",
    "FitSpec",
    "ModelSpec",
    "MonitorSpec",
    "Optimize",
    "PruneSpec",
    "QuantizeSpec",
    "Rounding",
    "Scheme",
    "SearchSpec",
    "SparsitySpec",
    "TrainSpec",
    "VerifySpec",
]
