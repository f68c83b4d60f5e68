from pathlib import Path

import pytest

from edge_nas.checks.names import check_names
from edge_nas.cli.build import STAGES
from edge_nas.core.configfile import load_config
from edge_nas.errors import ConfigError, EdgeNasError, InputError

WRONG = {
    "model=nano_y": "^model.name: unknown model 'nano_y'.*'nano_u'",
    "model=net.keras": "model.name: net.keras: no such model file",
    "model=not_there:net": "no module 'not_there'",
    "model.custom_objects=[a]": "'a' names no class or function",
    "model.custom_objects=['not_there:A']": "no module 'not_there'",
    "train.teacher=bu_ned": "^train.teacher.name: unknown model 'bu_ned'.*'bu_net'",
    "train.teacher=teacher.npz": "train.teacher.name: teacher.npz: no such model file",
    "prune.criterion=covarance": "unknown criterion 'covarance'.*'covariance'",
    "verify.cores=[cortex-m9]": "^verify.cores: unknown core 'cortex-m9'",
    "verify.step_cores=[x]": "^verify.step_cores: unknown core 'x'",
    "deploy.board=nope": "^deploy.board: unknown board 'nope'",
    "deploy.board=nope.yaml": "^deploy.board: nope.yaml: no such file",
}


@pytest.mark.parametrize("setting", WRONG)
def test_a_name_that_there_is_not(setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EdgeNasError, match=WRONG[setting]) as refused:
        check_names(load_config(None, [setting]), STAGES)
    assert isinstance(refused.value, ConfigError | InputError)


def test_only_what_the_stages_use_is_looked_at() -> None:
    config = load_config(None, ["deploy.board=nope", "verify.cores=[x]", "prune.criterion=y"])
    check_names(config, ("train", "analyze"))


def test_names_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nets").mkdir()
    Path("nets/wide.py").write_text("raise SystemExit('it was imported')")
    Path("nets/__init__.py").write_text("raise SystemExit('it was imported')")
    for model in ("fast_u", "nets.wide:make"):
        check_names(load_config(None, [f"model={model}", "train.teacher=bu_net", "verify.cores=[cortex-m4]"]), STAGES)
