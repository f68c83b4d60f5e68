"""The manifest says what a run was made with and nothing private."""

import getpass
import json
import os
import platform
from pathlib import Path

import numpy as np
import pytest

from edge_nas.core.configfile import load_config
from edge_nas.runs.manifest import Manifest, describe


def test_it_holds_versions_seeds_and_hashes() -> None:
    manifest = describe(
        load_config(None, ["seed=7", "data.terrain.seed=3"]),
        dataset_sha256="d" * 64,
        stages={"train": "k"},
        artifacts={"artifacts/model.tflite": "a" * 64},
    )
    assert manifest.seeds == {"seed": 7, "data.terrain.seed": 3}
    assert manifest.packages["numpy"] == np.__version__
    assert manifest.dataset_sha256 == "d" * 64
    assert Manifest.from_data(json.loads(json.dumps(manifest.to_data()))) == manifest


def test_it_names_no_host_user_folder_or_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_TOKEN", "canary-4711")
    monkeypatch.chdir(tmp_path)
    text = json.dumps(describe(load_config(), dataset_sha256=None, stages={}, artifacts={}).to_data())
    values = set(json.loads(text)["machine"].values())
    assert "canary-4711" not in text
    assert str(tmp_path) not in text
    assert os.sep not in json.dumps(sorted(values - {json.loads(text)["machine"]["cpu"]}))
    assert not values & {platform.node(), getpass.getuser()}
