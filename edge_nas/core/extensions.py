"""What others can add to a build by a name of its own: tasks, data sources, models and criteria of pruning.

    [project.entry-points."edge_nas.sources"]        # pyproject.toml of another package; or, from Python:
    squares = "my_package.squares:SquaresSource"     # SOURCES.register("squares")(SquaresSource)

The built-in ones are named as entry points are, too: configurations are checked here, below the packages that read
data, build networks and score them, and without TensorFlow, which models and criteria import.
"""

from typing import TYPE_CHECKING

from edge_nas.core.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from edge_nas.core.config import DataSpec
    from edge_nas.pruning.criteria import Criterion
    from edge_nas.tasks import Task

BUILT_IN_TASKS = {
    "binary_segmentation": "edge_nas.tasks.binary_segmentation:BinarySegmentation",
    "segmentation": "edge_nas.tasks.segmentation:Segmentation",
    "classification": "edge_nas.tasks.classification:Classification",
    "regression": "edge_nas.tasks.regression:Regression",
}
BUILT_IN_SOURCES = {
    "terrain": "edge_nas.data.terrain:TerrainSource",
    "folder": "edge_nas.data.folder:FolderSource",
    "classes": "edge_nas.data.classfolders:ClassFoldersSource",
    "npz": "edge_nas.data.arrays:ArraysSource",
    "function": "edge_nas.data.functions:FunctionSource",
    "motion": "edge_nas.data.motion:MotionSource",
    "keywords": "edge_nas.data.keywords:KeywordsSource",
    "presence": "edge_nas.data.presence:PresenceSource",
}
BUILT_IN_MODELS = {
    "nano_u": "edge_nas.models.nano_u:NanoU",
    "bu_net": "edge_nas.models.bu_net:BUNet",
    "fast_u": "edge_nas.models.fast_u:FastU",
    "terrain_net": "edge_nas.models.terrain_net:TerrainNet",
    "motion_net": "edge_nas.models.motion_net:MotionNet",
    "keyword_net": "edge_nas.models.keyword_net:KeywordNet",
    "presence_net": "edge_nas.models.presence_net:PresenceNet",
}
BUILT_IN_CRITERIA = {
    name: f"edge_nas.pruning.criteria:{name}"
    for name in ("covariance", "r2", "l1", "l2", "geometric_median", "batchnorm_scale", "taylor", "random")
}

TASKS: "Registry[type[Task]]" = Registry("task", "edge_nas.tasks", BUILT_IN_TASKS)
SOURCES: "Registry[type[DataSpec]]" = Registry("data source", "edge_nas.sources", BUILT_IN_SOURCES)
MODELS: "Registry[Callable[..., Any]]" = Registry("model", "edge_nas.models", BUILT_IN_MODELS)
CRITERIA: "Registry[Criterion]" = Registry("criterion", "edge_nas.criteria", BUILT_IN_CRITERIA)
