"""From a file, a preset and overrides to a validated configuration, and back."""

from pathlib import Path

import pytest

from edge_nas.core.config import BuildConfig, SparsitySpec
from edge_nas.core.configfile import (
    DEFAULT_PRESET,
    changed_keys,
    dump_config,
    flat_settings,
    load_config,
    preset_names,
)
from edge_nas.data.terrain import TerrainSource
from edge_nas.errors import ConfigError, InputError


def _write(folder: Path, text: str, name: str = "own.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_default_is_the_terrain_preset() -> None:
    config = load_config()
    assert DEFAULT_PRESET in preset_names()
    assert config == load_config(DEFAULT_PRESET)
    assert (config.name, config.data, config.model.name) == ("terrain_48x64", TerrainSource(), "terrain_net")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid_and_named_after_its_file(name: str) -> None:
    assert load_config(name).name == name


def test_an_empty_file_is_all_defaults_under_the_name_of_the_file(tmp_path: Path) -> None:
    assert load_config(_write(tmp_path, "")) == BuildConfig(name="own")


def test_a_name_in_the_file_wins_over_the_files_name(tmp_path: Path) -> None:
    assert load_config(_write(tmp_path, "name: mine")).name == "mine"


def test_overrides_win_over_the_file_and_the_last_over_the_others(tmp_path: Path) -> None:
    source = _write(tmp_path, "train: {epochs: 1, batch_size: 2}")
    config = load_config(source, ["train.epochs=3", "train.epochs=4", "data.input_shape=[32, 32, 3]"])
    assert (config.train.epochs, config.train.batch_size) == (4, 2)
    assert config.data.input_shape == (32, 32, 3)


def test_one_key_of_a_section_leaves_the_others_at_that_sections_defaults(tmp_path: Path) -> None:
    # prune.fine_tune has other defaults than a bare FitSpec: it distils.
    config = load_config(_write(tmp_path, "prune: {fine_tune: {epochs: 5}}"))
    assert config.prune.fine_tune == BuildConfig().prune.fine_tune.model_copy(update={"epochs": 5})
    assert load_config(None, ["quantize.fit.epochs=1"]).quantize.fit.learning_rate == 3e-4


def test_corrections_of_weights_belong_to_quantization_without_training() -> None:
    corrected = load_config(
        None, ["quantize.scheme=ptq", "quantize.rounding=covariance", "quantize.bias_correction=true"]
    )
    assert (corrected.quantize.rounding, corrected.quantize.bias_correction) == ("covariance", True)
    for setting in ("quantize.rounding=covariance", "quantize.bias_correction=true"):
        with pytest.raises(ConfigError, match=r"set scheme=ptq, or leave them at rounding=nearest"):
            load_config(None, [setting])


def test_activations_of_sixteen_bits_come_from_ranges_alone() -> None:
    wide = load_config(None, ["quantize.scheme=ptq", "quantize.activations=int16"])
    assert wide.quantize.activations == "int16"
    with pytest.raises(ConfigError, match=r"with activations=int16 set scheme=ptq"):
        load_config(None, ["quantize.activations=int16"])
    with pytest.raises(ConfigError, match=r"activations=int16 goes with rounding=nearest"):
        load_config(None, ["quantize.scheme=ptq", "quantize.activations=int16", "quantize.bias_correction=true"])
    with pytest.raises(ConfigError, match=r"prune.budget limits peak_ram_bytes, which are predicted for .* of 8 bits"):
        load_config(None, ["quantize.scheme=ptq", "quantize.activations=int16", "prune.budget.peak_ram_bytes=0.5"])


def test_a_budget_of_the_c_is_of_the_c_that_is_predicted() -> None:
    budget = "prune.budget={instructions: 0.5, core: cortex-m4}"
    with pytest.raises(
        ConfigError, match=r"prune.budget limits instructions, but compile.optimize is size, and what C"
    ):
        load_config(None, [budget, "compile.optimize=size"])
    with pytest.raises(
        ConfigError, match=r"but compile.arena_limit is 9000, and what C takes is .*: limit macs, params"
    ):
        load_config(None, [budget, "compile.arena_limit=9000"])
    assert load_config(None, ["prune.budget={macs: 0.5}", "compile.optimize=size"]).compile.optimize == "size"


def test_a_section_that_is_off_can_be_switched_on() -> None:
    assert load_config(None, ["prune.sparsity={}"]).prune.sparsity == SparsitySpec()
    assert load_config(None, ["prune.sparsity.target=0.7"]).prune.sparsity == SparsitySpec(target=0.7)
    teacher = load_config(
        None, ["train.teacher.name=bu_net", "train.teacher.arguments={widths: [8, 16]}"]
    ).train.teacher
    assert teacher is not None
    assert teacher.arguments == {"widths": [8, 16]}


def test_a_folder_may_come_from_the_command_line_alone(tmp_path: Path) -> None:
    source = _write(tmp_path, "data: {source: folder}")
    assert load_config(source, ["data.root=/some/where"]).data.root == "/some/where"
    with pytest.raises(
        ConfigError, match=r"own\.yaml:1: data\.root, the folder that holds train and val, is missing; allowed: text"
    ):
        load_config(source)


def test_the_resolved_configuration_is_read_back_equal(tmp_path: Path) -> None:
    config = load_config(None, ["model.arguments={a: '1e-3', b: no, c: [1, 2.5e-7]}", "train.learning_rate=1e-05"])
    assert load_config(_write(tmp_path, dump_config(config))) == config


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "x.yaml"
    with pytest.raises(
        InputError, match=r"no such configuration file; presets: grey_96x96, keywords_49x10, motion_128x3, nano_u_48x64"
    ):
        load_config(str(missing))


def test_a_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read: it is a folder"):
        load_config(str(tmp_path / "x.yaml"))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 6\); save the file as UTF-8"):
        load_config(str(tmp_path / "x.yaml"))


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"ends in \.yaml or \.yml"):
        load_config(str(tmp_path / "x.json"))


def test_a_file_whose_name_cannot_name_a_run(tmp_path: Path) -> None:
    source = _write(tmp_path, "", "my own.yaml")
    with pytest.raises(ConfigError, match=r"where it has no key 'name'\): name is \"my own\"; allowed: text matching"):
        load_config(source)
    assert load_config(source, ["name=mine"]).name == "mine"


def test_flat_settings_and_what_changed() -> None:
    assert flat_settings({"a": {"b": 1, "c": {}}, "d": [2]}) == {"a.b": 1, "a.c": {}, "d": [2]}
    before, after = load_config(), load_config(None, ["train.epochs=3", "prune.sparsity={}"])
    assert changed_keys(before, before) == {}
    assert changed_keys(before, after) == {
        "train.epochs": (before.train.epochs, 3),
        "prune.sparsity.target": (None, 0.5),
        "prune.sparsity.epochs": (None, 10),
        "prune.sparsity.pattern": (None, "free"),
    }


def test_text_for_a_model_is_its_name() -> None:
    config = load_config(None, ["model=net.keras", "model.trust=true", "train.teacher=bu_net"])
    assert (config.model.name, config.model.trust, config.train.teacher.name) == ("net.keras", True, "bu_net")
    assert load_config(None, ["model=mine:net", "model.arguments.width=3"]).model.arguments == {"width": 3}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            ["task=classification"],
            r"task 'classification' cannot be learnt from data.source 'terrain'; allowed: classes,",
        ),
        (["task=regression", "data.source=folder", "data.root=x"], "cannot be learnt from data.source 'folder'"),
        (
            ["task=detection"],
            r"task is \"detection\"; allowed: \"binary_segmentation\", \"classification\", \"regression\"",
        ),
        (["data.source=npz"], r"data\.root, the folder that holds train\.npz and val\.npz, is missing"),
        (["data.source=function"], r"data\.function, the function, written module:function, is missing"),
        (
            ["data.function=a:b"],
            r"unknown key 'data\.function' .*; it belongs to data\.source function\. keys of data: source",
        ),
        (
            ["data.root=x"],
            r"unknown key 'data\.root' \(seen: \"x\"\); it belongs to data\.source classes or folder or npz\. keys",
        ),
        (["data.classes=[a,b]"], r"data\.classes names classes, but task 'binary_segmentation' has none"),
        (
            ["task=regression", "data.source=npz", "data.root=x", "prune.fine_tune.dice_weight=1"],
            r"prune\.fine_tune\.dice_weight is 1, but Dice is a loss of masks",
        ),
    ],
)
def test_settings_that_no_task_has_are_refused(settings: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, settings)
