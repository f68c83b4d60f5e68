"""What the arguments of a command mean."""

from pathlib import Path

import pytest

from edge_nas.cli.options import configuration, split_settings
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.errors import ConfigError, UnsafeError


def test_a_configuration_and_its_overrides() -> None:
    assert split_settings(["a.yaml", "train.epochs=3", "seed=1"]) == ("a.yaml", ["train.epochs=3", "seed=1"])
    assert split_settings(["seed=1", "a.yaml"]) == ("a.yaml", ["seed=1"])
    assert split_settings(["./a=b.yaml"]) == ("./a=b.yaml", [])
    assert split_settings([]) == (None, [])


def test_two_configurations_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match=r"one configuration at most, but 'a\.yaml', 'b\.yaml' are given"):
        split_settings(["a.yaml", "b.yaml"])


def test_a_run_keeps_its_settings_unless_a_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(dump_config(load_config(None, ["name=mine", "seed=5"])))
    assert configuration([], tmp_path).seed == 5
    assert configuration(["train.epochs=1"], tmp_path).seed == 5
    assert configuration(["nano_u_48x64"], tmp_path).seed == 0
    assert configuration([], tmp_path / "new").name == "terrain_48x64"
    assert configuration(None, None).seed == 0


def test_a_run_that_lost_its_settings_does_not_get_the_presets(tmp_path: Path) -> None:
    (tmp_path / "01_train").mkdir()
    with pytest.raises(ConfigError, match=r"holds finished stages, but no config\.yaml.*edge-nas build CONFIG --run"):
        configuration(["train.epochs=1"], tmp_path)
    assert configuration(["nano_u_48x64"], tmp_path).name == "nano_u_48x64"


def test_the_settings_of_a_run_are_not_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password: 123")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafeError, match="is a link") as refused:
        configuration([], tmp_path / "run")
    assert "123" not in str(refused.value)
