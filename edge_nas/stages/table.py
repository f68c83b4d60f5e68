"""The stages of a build in their order, as the files of this package declare them."""

import importlib
import pkgutil

from edge_nas import stages
from edge_nas.stages.contract import Stage


def declared_stages() -> tuple[Stage, ...]:
    """Returns the `STAGE` of every module of this package that has one, in the order of their numbers."""
    declared = []
    for file in pkgutil.iter_modules(stages.__path__, f"{stages.__name__}."):
        module = importlib.import_module(file.name)
        if hasattr(module, "STAGE"):
            declared.append(module.STAGE)
    return tuple(sorted(declared, key=lambda stage: stage.number))


STAGES: tuple[Stage, ...] = declared_stages()
