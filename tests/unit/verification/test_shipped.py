import json
from pathlib import Path
from typing import Any

import pytest

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.atomic import write_json
from edge_nas.errors import GateError
from edge_nas.results.compile import CompiledModel
from edge_nas.runs.folder import open_run
from edge_nas.runs.record import StageRecord
from edge_nas.verification.shipped import shipped_c


@pytest.fixture(scope="module")
def compiled(tiny_models: Any) -> CompiledModel:
    return compile_tflite(tiny_models.int8_tflite)


@pytest.fixture
def run_folder(compiled: CompiledModel, tmp_path: Path) -> Path:
    path = tmp_path / "run"
    with open_run(path) as run:
        write_compiled(compiled, run.begin("06_compile"))
        run.finish("06_compile", compiled, stage="compile", key="k", seconds=1.0, versions={}, published={})
    return path


def test_the_c_of_a_run_is_read_back(run_folder: Path, compiled: CompiledModel) -> None:
    assert shipped_c(run_folder) == compiled


def test_a_run_that_has_not_been_compiled_ships_none(tmp_path: Path) -> None:
    assert shipped_c(tmp_path) is None


def test_a_record_that_is_not_the_files_is_refused(run_folder: Path) -> None:
    path = run_folder / "06_compile/stage.json"
    record = json.loads(path.read_text())
    record["output"]["files"][0]["text"] += "/* more */"
    path.write_text(json.dumps(record))
    with pytest.raises(GateError, match="its seal is broken"):
        shipped_c(run_folder)
    write_json(path, StageRecord.from_data(record).sealed().to_data())
    with pytest.raises(GateError, match="in the record is not the file in the folder"):
        shipped_c(run_folder)
    path.write_text("{}")
    with pytest.raises(GateError, match=r"06_compile/stage.json cannot be read"):
        shipped_c(run_folder)
