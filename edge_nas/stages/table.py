"""The stages of a build in their order, as the files of this package declare them."""

import importlib
import pkgutil
from collections.abc import Iterator

from edge_nas import stages
from edge_nas.stages.contract import Stage


def _declared() -> Iterator[Stage]:
    """Yields the `STAGE` of every module that has one."""
    for file in pkgutil.iter_modules(stages.__path__, f"{stages.__name__}."):
        module = importlib.import_module(file.name)
        if hasattr(module, "STAGE"):
            yield module.STAGE


STAGES: tuple[Stage, ...] = tuple(sorted(_declared(), key=lambda stage: stage.number))
