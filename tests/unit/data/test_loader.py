import shutil
from pathlib import Path

import numpy as np
import pytest

from edge_nas.core.configfile import load_config
from edge_nas.data.arrays import ArraysSource
from edge_nas.data.folder import FolderSource
from edge_nas.data.loader import load_dataset, load_evaluation_samples
from edge_nas.data.terrain import TerrainSource, TerrainSpec
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import BINARY_SEGMENTATION, Classification, Regression

SHAPE = (4, 4, 3)


def folder(root: Path, group: str | None = None) -> FolderSource:
    return FolderSource(root=str(root), input_shape=SHAPE, holdout_group=group)


def test_folder_with_the_groups_its_splits_share(drive: Path) -> None:
    data = load_dataset(folder(drive))
    assert (len(data.train), len(data.val), data.test) == (4, 2, None)
    assert data.shared_groups == ("b",)


def test_no_shared_groups_where_none_are_known(drive: Path) -> None:
    (drive / "train/groups.csv").unlink()
    assert load_dataset(folder(drive)).shared_groups == ()


def test_groups_shared_with_test_count(drive: Path) -> None:
    (drive / "train").rename(drive / "test")
    (drive / "val").rename(drive / "train")
    (drive / "test/img/b0.png").rename(drive / "test/img/b2.png")
    for part in ("img", "mask"):
        (drive / "val" / part).mkdir(parents=True)
        for name in ("a0", "a1"):
            (drive / f"test/{part}/{name}.png").rename(drive / f"val/{part}/{name}.png")
    (drive / "test/mask/b0.png").rename(drive / "test/mask/b2.png")
    (drive / "test/groups.csv").write_text("name,group\nb1,b\nb2,b\n")
    assert load_dataset(folder(drive)).shared_groups == ("b",)


def test_a_group_held_out_is_all_of_validation_and_none_of_training(drive: Path) -> None:
    data = load_dataset(folder(drive, "b"))
    assert data.train.names == ("a0", "a1")
    assert data.train.groups == ("a", "a")
    assert data.val.names == ("train-b0", "train-b1", "val-b2")
    assert data.val.groups == ("b", "b", "b")
    assert data.val.images[:, 0, 0, 0].tolist() == [20, 30, 100]
    assert data.val.masks.sum(axis=(1, 2)).tolist() == [6, 8, 2]
    assert data.shared_groups == ()
    assert data.reported[0] == "val"


def test_a_group_of_validation_alone_leaves_training_as_it_is(drive: Path) -> None:
    data = load_dataset(folder(drive, "c"))
    assert len(data.train) == 4
    assert data.val.names == ("val-c0",)


def test_test_is_set_aside_when_a_group_is_held_out(drive: Path) -> None:
    shutil.copytree(drive / "val", drive / "test")
    assert load_dataset(folder(drive)).reported[0] == "test"
    assert load_dataset(folder(drive, "a")).reported[0] == "val"


def test_unknown_group_lists_the_known_ones(drive: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown group 'z'; groups of .*: a, b, c"):
        load_dataset(folder(drive, "z"))


@pytest.mark.parametrize("split", ["train", "val"])
def test_holding_out_needs_the_groups_of_every_split(drive: Path, split: str) -> None:
    (drive / split / "groups.csv").unlink()
    with pytest.raises(ConfigError, match=rf"{split}/groups\.csv is missing: write one with the header name,group"):
        load_dataset(folder(drive, "a"))


def test_the_only_group_cannot_be_held_out(drive: Path) -> None:
    (drive / "train/groups.csv").write_text("name,group\na0,a\na1,a\nb0,a\nb1,a\n")
    with pytest.raises(ConfigError, match=r"'a' is the only group in .*, nothing is left to train"):
        load_dataset(folder(drive, "a"))


def test_terrain() -> None:
    spec = TerrainSource(input_shape=(24, 32, 3), terrain=TerrainSpec(train_images=3, val_images=2, test_images=1))
    data = load_dataset(spec)
    assert [len(data.train), len(data.val)] == [3, 2]
    assert data.reported[1].images.shape == (1, 24, 32, 3)
    with pytest.raises(ConfigError, match="the built-in terrain has no groups"):
        load_config(None, ["data.holdout_group=a"])


@pytest.mark.real_data
def test_camvid_road_by_drive(test_data: Path) -> None:
    root = test_data / "data" / "camvid_road"
    data = load_dataset(FolderSource(root=str(root)))
    assert (len(data.train), len(data.val)) == (367, 101)
    assert data.train.images.shape[1:] == (48, 64, 3)
    assert data.shared_groups == ("0016E5",)
    held = load_dataset(FolderSource(root=str(root), holdout_group="0016E5"))
    assert (len(held.train), len(held.val)) == (163, 305)
    assert np.unique(held.val.masks).tolist() == [0, 1]


def arrays(root: Path, classes: int = 3, **changed: np.ndarray) -> Path:
    for name, count in (("train", 6), ("val", 3)):
        images = np.zeros((count, *SHAPE), np.uint8)
        np.savez(root / f"{name}.npz", **{"images": images, "labels": np.arange(count) % classes, **changed})
    return root


def test_the_task_follows_from_the_training_labels(tmp_path: Path) -> None:
    spec = ArraysSource(root=str(arrays(tmp_path)), input_shape=SHAPE)
    data = load_dataset(spec, "classification")
    assert data.task == Classification(("0", "1", "2"))
    assert data.train.take(np.array([0, 3])).task == data.task
    named = load_dataset(spec.model_copy(update={"classes": ("a", "b", "c")}), "classification")
    assert named.task.facts(named.val.labels)["most frequent"] == "a"
    assert named.sha256 != data.sha256
    with pytest.raises(DataError, match=r"train\.npz: labels hold the class 2; allowed: 0 to 1 \(a, b\)"):
        load_dataset(spec.model_copy(update={"classes": ("a", "b")}), "classification")


def test_groups_of_arrays_are_held_out(tmp_path: Path) -> None:
    root = arrays(tmp_path)
    for name, groups in (("train", ["a", "a", "a", "b", "b", "b"]), ("val", ["b", "c", "c"])):
        held = dict(np.load(root / f"{name}.npz"))
        np.savez(root / f"{name}.npz", **held, groups=np.array(groups))
    spec = ArraysSource(root=str(root), input_shape=SHAPE)
    assert load_dataset(spec, "classification").shared_groups == ("b",)
    data = load_dataset(spec.model_copy(update={"holdout_group": "b"}), "classification")
    assert (len(data.train), len(data.val)) == (3, 4)
    assert data.val.task.name == "classification"


def test_masks_of_class_numbers(drive: Path) -> None:
    data = load_dataset(FolderSource(root=str(drive), input_shape=SHAPE,
                                 classes=tuple(map(str, range(256)))), "segmentation")  # fmt: skip
    assert data.task.outputs == 256
    assert np.unique(data.train.labels).tolist() == [0, 255]
    with pytest.raises(DataError, match="hold the classes 0, 255, but not"):
        load_dataset(folder(drive), "segmentation")


def test_a_split_to_judge_a_model_on(drive: Path, tmp_path: Path) -> None:
    (tmp_path / "arrays").mkdir()
    root = arrays(tmp_path / "arrays")
    task = Classification(("0", "1", "2"))
    for path, split in ((root, "val"), (root / "train.npz", "train")):
        assert load_evaluation_samples(path, SHAPE, task)[0] == split
    assert load_evaluation_samples(drive, SHAPE, BINARY_SEGMENTATION)[1].task == BINARY_SEGMENTATION
    with pytest.raises(DataError, match=r"neither a \.npz file nor a folder with test\.npz or val\.npz"):
        load_evaluation_samples(drive, SHAPE, Regression((0.0,), (1.0,)))


def test_targets_that_do_not_vary_are_refused(tmp_path: Path) -> None:
    for name, targets in (("train", [0.0, 1.0, 2.0]), ("val", [1.0, 1.0])):
        images = np.zeros((len(targets), *SHAPE), np.uint8)
        np.savez(tmp_path / f"{name}.npz", images=images, labels=np.array(targets))
    with pytest.raises(DataError, match="target 0 of val is 1 for every image"):
        load_dataset(ArraysSource(root=str(tmp_path), input_shape=SHAPE), "regression")


def test_grey_masks_signals_and_what_their_build_was_made_for(drive: Path, tmp_path: Path) -> None:
    grey = load_dataset(FolderSource(root=str(drive), input_shape=(8, 8, 1)))
    assert grey.train.images.shape == (4, 8, 8, 1)
    assert grey.format.is_plain
    assert grey.card is None
    for name in ("train", "val"):
        signals = np.arange(12, dtype=np.int16).reshape(4, 3, 1)
        np.savez(tmp_path / f"{name}.npz", samples=signals, labels=np.array([0, 1, 0, 1]))
    built = load_dataset(ArraysSource(root=str(tmp_path), input_shape=(3, 1)), "classification")
    assert built.card is not None
    assert built.card.sample == built.format
    np.testing.assert_allclose(built.train.inputs().mean(), 0.0, atol=1e-6)
    read = load_evaluation_samples(tmp_path, (3, 1), built.task, built.format)[1]
    np.testing.assert_array_equal(read.inputs(), built.val.inputs())
    as_they_are = load_evaluation_samples(tmp_path, (3, 1), built.task)[1]
    np.testing.assert_array_equal(as_they_are.inputs(), built.val.images)
    with pytest.raises(DataError, match=r"samples are int16, but the network was built for float32 ones"):
        load_evaluation_samples(tmp_path, (3, 1), built.task, built.format.model_copy(update={"dtype": "float32"}))
    with pytest.raises(DataError, match=r"takes samples of shape \(3, 1\), which image files are not"):
        load_evaluation_samples(drive, (3, 1), built.task)


def test_splits_of_two_dtypes_are_refused(tmp_path: Path) -> None:
    for name, dtype in (("train", np.int16), ("val", np.float32)):
        np.savez(tmp_path / f"{name}.npz", samples=np.zeros((2, 3), dtype), labels=np.array([0, 1]))
    with pytest.raises(DataError, match="stored as train int16, val float32; allowed: one dtype for all splits"):
        load_dataset(ArraysSource(root=str(tmp_path), input_shape=(3,)), "classification")
