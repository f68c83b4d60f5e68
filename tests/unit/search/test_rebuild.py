"""Builds of networks that a search found."""

from pathlib import Path

import pytest
from searchresults import BOARD, found

from edge_nas.core.atomic import write_json
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.core.trust import require_trusted
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ArtifactError, ConfigError, DataError, InputError, UnsafeError
from edge_nas.search.publishing import story_of
from edge_nas.search.rebuild import found_network

SETTINGS = [
    "name=numbers", "data.input_shape=[8,8,3]", "data.terrain.train_images=3", "data.terrain.val_images=2",
    "data.terrain.test_images=1", "model=nano_u", "model.arguments.widths=[4,4,4,4,4,4]", "train.epochs=9",
    "prune.budget.macs=0.5", "quantize.fit.epochs=2",
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in which a search of two networks has ended, on three scenes."""
    config = load_config(None, SETTINGS)
    sha256 = load_dataset(config.data, config.task).sha256
    story = story_of(found(), name="numbers", heading="mIoU", dataset_sha256=sha256, seed=0)
    (tmp_path / "search").mkdir()
    write_json(tmp_path / "search/story.json", story.to_data())
    (tmp_path / "search/config.yaml").write_text(dump_config(config))
    return tmp_path


def test_the_build_goes_on_from_the_trained_weights(run: Path) -> None:
    config = found_network(f"{run}/2", [], trust=False).config
    assert (config.model.name, config.model.arguments) == (f"{run}/search/networks/2/trained.npz", {})
    assert (config.name, config.deploy.board) == ("numbers-2", BOARD)
    assert (config.train.epochs, config.prune.ratio, config.prune.budget) == (0, 0, None)
    # What made its int8 file is as it was.
    assert config.quantize.fit.epochs == 2
    assert config.data.input_shape == (8, 8, 3)


def test_settings_of_the_command_line_win(run: Path) -> None:
    config = found_network(f"{run}/1", ["prune.ratio=0.25", "name=mine"], trust=False).config
    assert (config.prune.ratio, config.name) == (0.25, "mine")


def test_the_data_has_to_be_that_of_the_search(run: Path) -> None:
    network = found_network(f"{run}/1", [], trust=False)
    assert len(network.load(network.config.data, network.config.task).train) == 3
    other = found_network(f"{run}/1", ["data.terrain.train_images=4"], trust=False)
    with pytest.raises(DataError, match="not the data that the search trained on"):
        other.load(other.config.data, other.config.task)


def test_a_network_that_is_not_there(run: Path) -> None:
    with pytest.raises(ConfigError, match="has no network 3; it has 1, 2"):
        found_network(f"{run}/3", [], trust=False)
    with pytest.raises(ConfigError, match="allowed: RUN/ID"):
        found_network(f"{run}/0", [], trust=False)
    with pytest.raises(InputError, match="no search has ended there"):
        found_network(f"{run}/search/1", [], trust=False)


@pytest.mark.parametrize("content", ["", "{}", "[1]", "nonsense"])
def test_a_damaged_story_is_told(run: Path, content: str) -> None:
    (run / "search/story.json").write_text(content)
    with pytest.raises(ArtifactError, match="not the story of a search"):
        found_network(f"{run}/1", [], trust=False)


def test_code_that_the_searchs_configuration_names_is_not_run(run: Path) -> None:
    config = load_config(None, [*SETTINGS, "train.teacher.name=stranger:net"])
    (run / "search/config.yaml").write_text(dump_config(config))
    with pytest.raises(UnsafeError, match="stranger:net"):
        require_trusted(found_network(f"{run}/1", [], trust=False).config)
