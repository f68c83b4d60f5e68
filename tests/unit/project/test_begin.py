"""What `edge-nas init` begins is what a build takes: its configuration is loaded, its data read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.core.configfile import load_config
from edge_nas.data.images import open_mask, upright_size
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError, DataError
from edge_nas.project import begin
from edge_nas.tasks.segmentation import Segmentation


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pictures(folder: str, count: int, values: tuple[int, ...]) -> None:
    for part in ("images", "masks"):
        Path(folder, part).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(rng.integers(0, 256, (60, 80, 3), np.uint8)).save(f"{folder}/images/{number}.png")
        mask = np.array(values, np.uint8)[(np.arange(60 * 80) // 100 % len(values)).reshape(60, 80)]
        Image.fromarray(mask).save(f"{folder}/masks/{number}.png")


def loaded(name: str) -> Any:
    config = load_config(f"{name}.yaml")
    return config, load_dataset(config.data, config.task)


def test_without_data_forty_pictures_are_drawn() -> None:
    begun = begin("lanes", None, task=None, board="nrf52840")
    config, dataset = loaded("lanes")
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (24, 8, 8)
    assert (config.name, config.deploy.board, config.data.root) == ("lanes", "nrf52840", "lanes_data")
    assert begun.next_command == "edge-nas check lanes.yaml"
    assert len([line for line in Path("lanes.yaml").read_text().splitlines() if "  #" in line]) == 10


def test_three_values_are_three_classes_and_every_picture_is_linked() -> None:
    pictures("raw", 20, (0, 128, 255))
    begun = begin("three", Path("raw"), task=None, board=None)
    config, dataset = loaded("three")
    assert (begun.task, config.task, dataset.task.outputs) == ("segmentation", "segmentation", 3)
    assert begun.splits == {"train": 14, "val": 3, "test": 3}
    assert set(np.unique(dataset.train.labels)) == {0, 1, 2}
    assert config.data.input_shape == (56, 80, 3)
    assert sum(path.stat().st_nlink == 2 for path in Path("three_data").rglob("img/*.png")) == 20
    assert "128 -> 1, 255 -> 2; name them in three.yaml: data.classes" in " ".join(begun.notes)
    assert config.data.classes == ("value_0", "value_128", "value_255")


def test_a_class_of_a_single_mask_keeps_its_number() -> None:
    pictures("raw", 130, (0, 128, 255))
    Image.fromarray(np.full((60, 80), 64, np.uint8)).save("raw/masks/1.png")  # not one of those that tell the task
    begin("rare", Path("raw"), task=None, board=None)
    assert loaded("rare")[0].data.classes == ("value_0", "value_64", "value_128", "value_255")
    counts = sum(
        np.bincount(np.asarray(Image.open(path)).ravel(), minlength=4) for path in Path("rare_data").rglob("mask/*")
    )
    assert counts[1] == 60 * 80


def test_numbers_of_classes_are_kept_and_named() -> None:
    pictures("raw", 6, (0, 1, 2))
    begin("kept", Path("raw"), task=None, board=None)
    assert loaded("kept")[0].data.classes == ("class_0", "class_1", "class_2")
    assert all(path.stat().st_nlink == 2 for path in Path("kept_data").rglob("*.png"))


def test_two_values_of_which_none_is_0_become_background_and_foreground() -> None:
    pictures("raw", 6, (10, 20))
    begun = begin("two", Path("raw"), task=None, board=None)
    assert begun.task == "binary_segmentation"
    assert "0 for background: 10 -> 0, 20 -> 255" in " ".join(begun.notes)
    assert set(np.unique(loaded("two")[1].train.labels)) == {0, 1}


def coloured(palette: tuple[tuple[int, int, int], ...], count: int = 6) -> None:
    pictures("raw", count, tuple(range(len(palette))))
    for path in Path("raw/masks").iterdir():
        Image.fromarray(np.array(palette, np.uint8)[np.asarray(Image.open(path))]).save(path)


def test_colours_become_numbers_and_name_their_classes() -> None:
    coloured(((255, 0, 0), (0, 0, 0), (200, 200, 200)))
    begun = begin("roads", Path("raw"), task=None, board=None)
    config, dataset = loaded("roads")
    assert begun.task_because == "masks hold 3 colours (000000, c8c8c8, ff0000)"
    assert config.data.classes == ("colour_000000", "colour_c8c8c8", "colour_ff0000")
    assert "c8c8c8 -> 1, ff0000 -> 2" in " ".join(begun.notes)
    before = np.asarray(Image.open("raw/masks/0.png"))
    (written,) = Path("roads_data").rglob("mask/0.png")
    assert (
        np.asarray(Image.open(written)) == np.where(before[..., 1] == 200, 1, np.where(before[..., 0] == 255, 2, 0))
    ).all()
    assert set(np.unique(dataset.train.labels)) == {0, 1, 2}


def test_two_colours_are_background_and_foreground() -> None:
    coloured(((0, 0, 0), (0, 255, 0)))
    assert "000000 -> 0, 00ff00 -> 255" in " ".join(begin("two", Path("raw"), task=None, board=None).notes)
    assert loaded("two")[1].train.labels.max() == 1


def test_more_colours_than_classes_are_refused() -> None:
    rng = np.random.default_rng(0)
    coloured(tuple(map(tuple, rng.integers(0, 256, (48, 3)))), count=3)
    Image.fromarray(rng.integers(0, 256, (60, 80, 3), np.uint8)).save("raw/masks/0.png")
    with pytest.raises(DataError, match=r"masks hold 4,\d+ colours, .*smooth edges"):
        begin("x", Path("raw"), task=None, board=None)


def test_masks_that_a_jpeg_blurred_are_refused_with_the_way_out() -> None:
    pictures("raw", 6, (0, 128, 255))
    for path in list(Path("raw/masks").iterdir()):
        Image.open(path).save(path.with_suffix(".jpg"))
        path.unlink()
    with pytest.raises(DataError, match=r"\.jpg: the mask holds \d+ values and is a JPEG, which .* as PNG or BMP"):
        begin("x", Path("raw"), task=None, board=None)
    assert not Path("x.yaml").exists()


def test_two_values_are_binary_and_keep_their_files() -> None:
    pictures("raw", 6, (0, 7))
    assert begin("two", Path("raw"), task=None, board=None).task == "binary_segmentation"
    assert all(path.stat().st_nlink == 2 for path in Path("two_data").rglob("*.png"))
    assert loaded("two")[1].train.labels.max() == 1


def test_smaller_masks_under_other_names_are_written_at_the_size_of_their_pictures() -> None:
    pictures("raw", 8, (0, 255))
    Path("raw/images").rename("raw/photos")
    Path("raw/masks").rename("raw/labels")
    for number in range(8):
        mask = open_mask(Path(f"raw/labels/{number}.png"), Segmentation)
        Path(f"raw/labels/{number}.png").unlink()
        size = (40, 30) if number % 2 else (80, 60)
        mask.resize(size, Image.Resampling.NEAREST).save(f"raw/labels/{number}_mask.png")
    begun = begin("mine", Path("raw"), task=None, board=None)
    assert "4 masks had another size than their picture" in " ".join(begun.notes)
    sizes = {path.name: upright_size(path) for path in Path("mine_data").rglob("mask/*.png")}
    assert sizes == {f"{number}.png": (80, 60) for number in range(8)}
    assert sum(path.stat().st_nlink == 2 for path in Path("mine_data").rglob("mask/*.png")) == 4
    assert loaded("mine")[1].train.labels.max() == 1


def test_masks_of_another_cut_are_refused_before_anything_is_written() -> None:
    pictures("raw", 4, (0, 255))
    Image.new("L", (60, 60)).save("raw/masks/2.png")
    with pytest.raises(DataError, match=r"2\.png: the mask is 60x60 but its picture .*2\.png is 80x60, of other prop"):
        begin("mine", Path("raw"), task=None, board=None)
    assert not Path("mine_data").exists()


def test_a_folder_that_is_not_known_is_told_with_what_was_seen() -> None:
    pictures("raw", 2, (0, 255))
    Path("raw/masks/0.png").rename("raw/0.png")
    Path("raw/masks/1.png").unlink()
    told = r"seen: images/ with 2 pictures, masks/, 1 pictures, such as 0\.png\. A build takes .* photos"
    with pytest.raises(DataError, match=told):
        begin("mine", Path("raw"), task=None, board=None)


def test_class_folders_are_split_each_with_its_share() -> None:
    for name in ("cat", "dog"):
        Path("pets", name).mkdir(parents=True)
        for number in range(8):
            Image.new("RGB", (40, 30), (number, 0, 0)).save(f"pets/{name}/{number}.png")
    begun = begin("pets", Path("pets"), task=None, board=None)
    _, dataset = loaded("pets")
    assert begun.task == "classification"
    for split in (dataset.train, dataset.val, dataset.test):
        assert np.bincount(split.labels).tolist() == [len(split) // 2] * 2


def test_arrays_are_taken_as_they_are() -> None:
    Path("signals").mkdir()
    for split in ("train", "val"):
        rng = np.random.default_rng(len(split))
        samples = rng.integers(-9, 9, (12, 16, 3), np.int16)
        np.savez(f"signals/{split}.npz", samples=samples, labels=np.arange(12) % 3)
    begun = begin("signals", Path("signals"), task=None, board=None)
    config, dataset = loaded("signals")
    assert (begun.data, begun.task, config.data.input_shape) == ("signals", "classification", (16, 3))
    assert dataset.task.outputs == 3


def test_what_is_refused() -> None:
    pictures("raw", 6, (0, 1, 2))
    with pytest.raises(ConfigError, match="masks hold 3 values"):
        begin("x", Path("raw"), task="binary_segmentation", board=None)
    with pytest.raises(ConfigError, match="cannot be a name"):
        begin("../x", None, task=None, board=None)
    with pytest.raises(ConfigError, match="did you mean"):
        begin("x", None, task=None, board="nrf5284")
    with pytest.raises(DataError, match="no data set that is known"):
        begin("x", Path("raw/images"), task=None, board=None)
    Path("x.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        begin("x", None, task=None, board=None)
    assert Path("x.yaml").read_text() == "mine"
    assert not Path("x_data").exists()
