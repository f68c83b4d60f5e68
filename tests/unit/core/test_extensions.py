"""Every built-in task and source is where it is named, by the name that it has itself."""

import pytest

from edge_nas.core.config import DataSpec
from edge_nas.core.extensions import BUILT_IN_SOURCES, BUILT_IN_TASKS, SOURCES, TASKS
from edge_nas.tasks import Task


@pytest.mark.parametrize("name", BUILT_IN_TASKS)
def test_a_task_goes_by_its_name(name: str) -> None:
    assert issubclass(TASKS.get(name), Task)
    assert TASKS.get(name).name == name


@pytest.mark.parametrize("name", BUILT_IN_SOURCES)
def test_a_source_goes_by_its_name(name: str) -> None:
    source = SOURCES.get(name)
    assert issubclass(source, DataSpec)
    assert source.model_fields["source"].default == name
    assert source.phrase != DataSpec.phrase


@pytest.mark.parametrize("name", BUILT_IN_SOURCES)
def test_every_source_teaches_a_task(name: str) -> None:
    assert any(SOURCES.get(name).teaches(TASKS.get(task)) for task in BUILT_IN_TASKS)
