"""The table: every file with a declaration, in order, without TensorFlow."""

import subprocess
import sys

import pytest

from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import flat_settings
from edge_nas.stages.table import STAGES

NAMES = ("train", "analyze", "prune", "quantize", "export", "compile", "verify", "benchmark", "deploy", "report")


def test_the_table_is_in_order_and_reads_settings_that_exist() -> None:
    assert tuple(stage.name for stage in STAGES) == NAMES
    assert [stage.folder for stage in STAGES] == [f"{number:02d}_{name}" for number, name in enumerate(NAMES, 1)]
    settings = flat_settings(BuildConfig().to_data())
    for position, stage in enumerate(STAGES):
        assert set(stage.needs) <= set(NAMES[:position])
        for read in stage.reads:
            assert any(key == read or key.startswith(f"{read}.") for key in settings), read


@pytest.mark.parametrize("module", ["edge_nas.stages.table", "edge_nas.results.result", "edge_nas.pipeline"])
def test_declarations_and_results_load_no_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print({{'tensorflow', 'tf_keras', 'keras'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
