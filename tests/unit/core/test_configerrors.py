"""Golden messages: what people read for the common mistakes, word for word."""

from pathlib import Path

import pytest

from edge_nas.core.config import BuildConfig, FitSpec, PruneSpec, TrainSpec
from edge_nas.core.configfile import load_config
from edge_nas.errors import ConfigError

FIT_KEYS = ", ".join(FitSpec.model_fields)
TRAIN_KEYS = ", ".join(TrainSpec.model_fields)
PRUNE_KEYS = ", ".join(PruneSpec.model_fields)
TOP_KEYS = ", ".join(BuildConfig.model_fields)

OVERRIDES = [
    (
        "train.epoch=30",
        f"unknown key 'train.epoch' (seen: 30); did you mean 'train.epochs'? keys of train: {TRAIN_KEYS}",
    ),
    ("epochs=3", f"unknown key 'epochs' (seen: 3); did you mean 'train.epochs'? keys at the top: {TOP_KEYS}"),
    ("prune.steps=3", f"unknown key 'prune.steps' (seen: 3); did you mean 'prune.rounds'? keys of prune: {PRUNE_KEYS}"),
    ("ratio=0.5", f"unknown key 'ratio' (seen: 0.5); did you mean 'prune.ratio'? keys at the top: {TOP_KEYS}"),
    (
        "prune.epochs=3",
        f"unknown key 'prune.epochs' (seen: 3); did you mean 'prune.fine_tune.epochs'? keys of prune: {PRUNE_KEYS}",
    ),
    (
        "prun.ratio=1",
        f"unknown key 'prun' (seen: {{\"ratio\": 1}}); did you mean 'prune'? keys at the top: {TOP_KEYS}",
    ),
    (
        "prune.fine_tune.epoch=1",
        f"unknown key 'prune.fine_tune.epoch' (seen: 1); did you mean 'prune.fine_tune.epochs'? "
        f"keys of prune.fine_tune: {FIT_KEYS}",
    ),
    (
        "train.teacher={nam: bu_net}",
        "unknown key 'train.teacher.nam' (seen: \"bu_net\"); did you mean 'train.teacher.name'? "
        "keys of train.teacher: name, arguments, custom_objects, trust",
    ),
    ("zzz=3", f"unknown key 'zzz' (seen: 3). keys at the top: {TOP_KEYS}"),
    ("prune.ratio=2", "prune.ratio is 2; allowed: a number >= 0 and < 1"),
    ("prune.ratio=half", 'prune.ratio is "half"; allowed: a number >= 0 and < 1'),
    ("prune.ratio=-0.1", "prune.ratio is -0.1; allowed: a number >= 0 and < 1"),
    ("train.learning_rate=0", "train.learning_rate is 0; allowed: a number > 0 and <= 1"),
    ("train.decov_weight=-1", "train.decov_weight is -1; allowed: a number >= 0 and <= 1000000"),
    ("train.distillation_weight=1.5", "train.distillation_weight is 1.5; allowed: a number >= 0 and <= 1"),
    ("train.epochs=60.0", "train.epochs is 60.0; allowed: a whole number >= 0 and <= 1000000"),
    ("train.epochs=true", "train.epochs is true; allowed: a whole number >= 0 and <= 1000000"),
    ("train.epochs='60'", 'train.epochs is "60"; allowed: a whole number >= 0 and <= 1000000'),
    ("train.epochs=", "train.epochs is null; allowed: a whole number >= 0 and <= 1000000"),
    ("train.batch_size=0", "train.batch_size is 0; allowed: a whole number >= 1 and <= 1000000000"),
    ("train.patience=0", "train.patience is 0; allowed: a whole number >= 1 and <= 1000000 or null"),
    (f"train.epochs={10**24}", f"train.epochs is {10**24}; allowed: a whole number >= 0 and <= 1000000"),
    ("seed=-1", "seed is -1; allowed: a whole number >= 0 and < 2147483648"),
    ("augmentation.flip=no", 'augmentation.flip is "no"; allowed: true or false'),
    (
        "data.source=foldr",
        'data.source is "foldr"; allowed: "classes", "folder", "function", "keywords", "motion", "npz", '
        '"presence", "terrain"',
    ),
    (
        "data.input_shape=[48, 64]",
        "data: data.input_shape is [48, 64], but data.source 'terrain' holds pictures: give [height, width, channels], "
        "with 3 (RGB) channels; sources npz and function take samples of other shapes",
    ),
    (
        "data.input_shape=[]",
        "data.input_shape is []; allowed: a list of 1 to 3: [a whole number >= 1 and <= 8192, ...]",
    ),
    ("data.scale=[1, -1]", "data: data.scale is [1.0, -1.0]; the first of the two has to be below the second"),
    (
        "data.scale=full",
        'data.scale is "full"; allowed: a list of 2: [a number >= -1000000000 and <= 1000000000, a number >= '
        '-1000000000 and <= 1000000000] or "standard", "none" or null',
    ),
    ("data.input_shape=[48, x, 3]", 'data.input_shape[1] is "x"; allowed: a whole number >= 1 and <= 8192'),
    (
        "data.input_shape=48",
        "data.input_shape is 48; allowed: a list of 1 to 3: [a whole number >= 1 and <= 8192, ...]",
    ),
    (
        "data.input_shape=[48, 64, 1]",
        "data: data.input_shape is [48, 64, 1], but data.source 'terrain' holds pictures: give [height, width, "
        "channels], with 3 (RGB) channels; sources npz and function take samples of other shapes",
    ),
    (
        "data.root=x",
        "unknown key 'data.root' (seen: \"x\"); it belongs to data.source classes or folder or npz. "
        "keys of data: source, classes, class_weights, input_shape, scale, sensor_range, holdout_group, "
        "calibration_images, terrain",
    ),
    ("train=4", f"train is 4; allowed: a mapping with the keys {TRAIN_KEYS}"),
    ("name=a/b", 'name is "a/b"; allowed: text matching ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ or null'),
    ("schema_version=2", "schema_version is 2; allowed: 1"),
    (
        "train.distillation_weight=0.5",
        "train: distillation_weight is 0.5 but no teacher is named: set teacher",
    ),
    (
        "prune.fine_tune=null",
        f"prune.fine_tune is null; allowed: a mapping with the keys {FIT_KEYS}",
    ),
]


@pytest.mark.parametrize(("override", "message"), OVERRIDES, ids=[override for override, _ in OVERRIDES])
def test_a_wrong_override(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(None, [override])
    assert str(error.value) == f"argument {override!r}: {message}"


@pytest.mark.parametrize("override", ["=3", "a..b=1", ".a=1", "train epochs=3", "epochs"])
def test_what_is_no_override_at_all(override: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(None, [override])
    assert str(error.value) == f"{override!r} is no override: write key=value, for example train.epochs=30"


def test_mistakes_in_a_file_have_its_lines_and_come_together(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("seed: x\ntrain:\n  epochs: -1\n  batchsize: 4\nprune:\n  ratio: 0.5\n")
    with pytest.raises(ConfigError) as error:
        load_config(str(path), ["prune.ratio=1"])
    assert str(error.value).splitlines() == [
        f'{path}:1: seed is "x"; allowed: a whole number >= 0 and < 2147483648',
        f"{path}:3: train.epochs is -1; allowed: a whole number >= 0 and <= 1000000",
        f"{path}:4: unknown key 'train.batchsize' (seen: 4); did you mean 'train.batch_size'? keys of train: "
        f"{TRAIN_KEYS}",
        "argument 'prune.ratio=1': prune.ratio is 1; allowed: a number >= 0 and < 1",
    ]


def test_only_the_first_ten_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("".join(f"key{number}: 1\n" for number in range(13)))
    with pytest.raises(ConfigError) as error:
        load_config(str(path))
    lines = str(error.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "(and 3 more)"


def test_a_rule_over_several_keys_points_at_the_last_of_them(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("train:\n  epochs: 3\n  distillation_weight: 0.5\n")
    with pytest.raises(ConfigError, match=r"own\.yaml:3: train: distillation_weight is 0\.5 but no teacher"):
        load_config(str(path))


def test_long_values_are_cut() -> None:
    with pytest.raises(ConfigError) as error:
        load_config(None, [f"seed={'x' * 500}"])
    assert f'seed is "{"x" * 76}...; allowed' in str(error.value)


def test_a_file_that_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("- a\n")
    with pytest.raises(ConfigError, match="a configuration is a mapping of keys to values; seen: list"):
        load_config(str(path))


def test_an_unknown_preset_gets_the_nearest() -> None:
    with pytest.raises(ConfigError) as error:
        load_config("nano_u_48")
    assert str(error.value) == (
        "no preset 'nano_u_48'; did you mean 'nano_u_48x64'? presets: grey_96x96, keywords_49x10, motion_128x3, "
        "nano_u_48x64, terrain_48x64; or give the path of a .yaml file"
    )
