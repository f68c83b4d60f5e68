"""Trials that are really trained, on a few small scenes."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import edge_nas.training as training_package
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.hashing import sha256_file
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError, InputError
from edge_nas.models.files import load_model
from edge_nas.search.space import FAMILIES
from edge_nas.search.training import Training, signature_of, stored
from edge_nas.search.trial import Trial


@pytest.fixture(scope="module")
def config() -> BuildConfig:
    """Three scenes of 16 x 16."""
    scenes = ["data.terrain.train_images=6", "data.terrain.val_images=3", "data.terrain.test_images=1"]
    return load_config(None, ["data.input_shape=[16,16,3]", *scenes])


def _trial(training: Training, config: BuildConfig) -> Trial:
    dataset = load_dataset(config.data, config.task)
    signature = signature_of(dataset)
    assert (signature.input_shape, signature.outputs) == ((16, 16, 3), 1)
    return training.trial(dataset.sha256, FAMILIES.get("fast_u").smallest(signature), epochs=1)


def test_a_trial_gives_the_same_again(config: BuildConfig, tmp_path: Path) -> None:
    training: Training = pickle.loads(pickle.dumps(Training.of(config, tmp_path)))
    trial = _trial(training, config)
    first, again = training(trial), training(trial)
    assert first == again
    assert first.key == trial.key
    assert 0 < (first.score or 0) < 1
    (file,) = tmp_path.iterdir()
    assert file.name == f"{first.weights_sha256}.npz"
    assert sha256_file(file) == first.weights_sha256
    assert load_model(file).output_shape == (None, 16, 16, 1)


def test_workers_may_store_the_same_network_at_a_time(config: BuildConfig, tmp_path: Path) -> None:
    network = FAMILIES.get("fast_u").network(_trial(Training.of(config, tmp_path), config).candidate)
    with ThreadPoolExecutor(8) as workers:
        digests = set(workers.map(lambda _: stored(network, tmp_path), range(64)))
    (file,) = tmp_path.iterdir()
    assert digests == {sha256_file(file)}


def test_the_last_quarter_of_the_epochs_is_scored(
    config: BuildConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored: list[list[int]] = []
    real = training_package.fit

    def told(*arguments: Any, **settings: Any) -> Any:
        records = real(*arguments, **settings)
        scored.append([record.epoch for record in records if "val_miou" in record.values])
        return records

    monkeypatch.setattr(training_package, "fit", told)
    training = Training.of(config, tmp_path)
    trial = _trial(training, config).model_copy(update={"epochs": 5})
    training(trial)
    assert scored == [[4, 5]]


def test_data_that_was_changed_is_refused(config: BuildConfig, tmp_path: Path) -> None:
    training = Training.of(config, tmp_path)
    changed = _trial(training, config).model_copy(update={"data_sha256": "0" * 64})
    with pytest.raises(InputError, match="changed while the search went on"):
        training(changed)
    assert not list(tmp_path.iterdir())


def test_the_recipe_tells_trials_apart(config: BuildConfig, tmp_path: Path) -> None:
    trial = _trial(Training.of(config, tmp_path), config)
    faster = config.train.model_copy(update={"learning_rate": 0.02})
    other = _trial(Training.of(config.model_copy(update={"train": faster}), tmp_path), config)
    assert (other.recipe_sha256 == trial.recipe_sha256, other.key == trial.key) == (False, False)
    longer = config.train.model_copy(update={"epochs": 99})
    same = _trial(Training.of(config.model_copy(update={"train": longer}), tmp_path), config)
    assert same == trial


@pytest.mark.parametrize("setting", ["train.teacher.name=bu_net", "train.decov_layers={'conv*': 0.1}"])
def test_what_trials_do_not_do_is_refused(setting: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="search: train"):
        Training.of(load_config(None, [setting]), tmp_path)
