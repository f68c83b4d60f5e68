"""What others can add to a build by a name of its own: tasks and data sources.

    [project.entry-points."edge_nas.sources"]        # pyproject.toml of another package; or, from Python:
    squares = "my_package.squares:SquaresSource"     # SOURCES.register("squares")(SquaresSource)

The built-in ones are named as entry points are, too: configurations are checked here, below the packages that read data
and score networks.
"""

from typing import TYPE_CHECKING

from edge_nas.core.registry import Registry

if TYPE_CHECKING:
    from edge_nas.core.config import DataSpec
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
}

TASKS: "Registry[type[Task]]" = Registry("task", "edge_nas.tasks", BUILT_IN_TASKS)
SOURCES: "Registry[type[DataSpec]]" = Registry("data source", "edge_nas.sources", BUILT_IN_SOURCES)
