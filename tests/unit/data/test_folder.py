import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_nas.data import folder
from edge_nas.data.dataset import ImageSet
from edge_nas.data.folder import FolderSource, list_images, read_evaluation_folder
from edge_nas.data.loader import load_dataset
from edge_nas.errors import DataError, ResourceError, UnsafeError
from edge_nas.tasks import BINARY_SEGMENTATION

SHAPE = (4, 4, 3)


def read_folder(root: Path, shape: tuple[int, int, int]) -> dict[str, ImageSet]:
    return {name: raw.of_task(BINARY_SEGMENTATION) for name, raw in folder.read_folder(root, shape).items()}


def message(root: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_folder(root, SHAPE)
    return str(caught.value).replace(os.path.realpath(root), "ROOT")


def test_pairs_are_read_resized_and_sorted(drive: Path) -> None:
    splits = read_folder(drive, SHAPE)
    assert list(splits) == ["train", "val"]
    train = splits["train"]
    assert train.names == ("a0", "a1", "b0", "b1")
    assert train.groups == ("a", "a", "b", "b")
    assert train.images.shape == (4, 4, 4, 3)
    assert train.images[:, 0, 0, 0].tolist() == [0, 10, 20, 30]
    assert train.masks[1].tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]


def test_a_test_split_is_read_where_there_is_one(drive: Path) -> None:
    shutil.copytree(drive / "val", drive / "test")
    assert list(read_folder(drive, SHAPE)) == ["train", "val", "test"]


def test_image_and_mask_may_differ_in_format(drive: Path) -> None:
    with Image.open(drive / "train/img/a0.png") as image:
        image.save(drive / "train/img/a0.JPG")
    (drive / "train/img/a0.png").unlink()
    assert read_folder(drive, SHAPE)["train"].names[0] == "a0"


def test_an_all_background_mask_is_valid_and_counted(drive: Path, save) -> None:
    save("drive/train/mask/a0.png", np.zeros((8, 8), np.uint8))
    assert (~read_folder(drive, SHAPE)["train"].masks.any(axis=(1, 2))).sum() == 1


def test_groups_are_optional_and_hidden_files_ignored(drive: Path) -> None:
    (drive / "train/groups.csv").unlink()
    (drive / "train/img/.DS_Store").write_bytes(b"x")
    splits = read_folder(drive, SHAPE)
    assert splits["train"].groups is None
    assert splits["val"].groups == ("b", "c")


def test_every_problem_of_both_splits_is_told(drive: Path, save) -> None:
    (drive / "train/mask/a0.png").unlink()
    (drive / "train/img/a1.png").unlink()
    (drive / "train/img/b0.png").write_bytes(b"no image")
    save("drive/train/mask/b0.png", np.array([[1, 2, 3]], np.uint8))
    save("drive/train/mask/b1.png", np.zeros((8, 4), np.uint8))
    (drive / "val/img/notes.txt").write_text("x")
    (drive / "val/mask/more").mkdir()
    Image.new("L", (8, 8)).save(drive / "val/mask/b2.bmp")  # sorts before b2.png
    told = message(drive)
    cannot = next(line for line in told.splitlines() if "cannot be decoded" in line)
    assert cannot.startswith("  train/img/b0.png: cannot be decoded as PNG, JPEG or BMP (cannot identify image file")
    assert [line for line in told.splitlines() if line != cannot] == [
        "8 problems in ROOT:",
        "  train/img/a0.png: no partner in train/mask; names must be equal",
        "  train/mask/a1.png: no partner in train/img; names must be equal",
        "  train/mask/b0.png: the mask holds 3 values (1, 2, 3); allowed: 0 for background and one other value for "
        "foreground. Values that are numbers of classes: task=segmentation",
        "  train/mask/b1.png: the mask is 4x8 but its image is 8x8 (EXIF orientation applied); they must be equal",
        "  val/img/notes.txt: neither PNG nor JPEG nor BMP; convert it or move it away",
        "  val/mask/b2.png: the same name as b2.bmp; keep one of them",
        "  val/mask/more: not a file; images lie in the folder itself",
    ]


def test_the_first_ten_problems_are_listed_with_their_number(drive: Path, save) -> None:
    for index in range(12):
        mask = np.zeros((8, 8), np.uint8)
        mask[0, :3] = index, index + 1, index + 2
        save(f"drive/train/mask/z{index:02}.png", mask)
        save(f"drive/train/img/z{index:02}.png", np.zeros((8, 8, 3), np.uint8))
    (drive / "train/groups.csv").unlink()
    lines = message(drive).splitlines()
    assert lines[0] == "12 problems in ROOT; the first 10:"
    assert len(lines) == 11
    assert lines[10].startswith("  train/mask/z09.png: the mask holds 4 values (0, 9, 10, 11);")


def test_what_is_to_be_said_of_many_files_is_said_once(drive: Path, save) -> None:
    for index in range(12):
        save(f"drive/train/img/z{index:02}.png", np.zeros((8, 8, 3), np.uint8))
    (drive / "train/groups.csv").unlink()
    assert message(drive).splitlines() == [
        "12 problems in ROOT:",
        "  train/img/z00.png, train/img/z01.png, train/img/z02.png and 9 more: no partner in train/mask; names must be "
        "equal",
    ]


def test_masks_of_another_size_and_images_without_a_group_are_told_once(drive: Path, save) -> None:
    for name in ("a0", "a1", "b0", "b1"):
        save(f"drive/train/mask/{name}.png", np.zeros((4, 4), np.uint8))
    (drive / "train/groups.csv").write_text("name,group\n")
    assert message(drive).splitlines() == [
        "5 problems in ROOT:",
        "  train/mask/a0.png, train/mask/a1.png, train/mask/b0.png and 1 more: the mask is 4x4 but its image is 8x8 "
        "(EXIF orientation applied); they must be equal; edge-nas init NAME --data DIR writes such masks anew at their "
        "picture's size",
        "  train/groups.csv: no valid row for 'a0', 'a1', 'b0' and 1 more; every image needs a group",
    ]


def test_masks_without_any_foreground_are_refused(drive: Path, save) -> None:
    for name in ("a0", "a1", "b0", "b1"):
        save(f"drive/train/mask/{name}.png", np.zeros((8, 8), np.uint8))
    with pytest.raises(DataError, match=r"every pixel of every training mask is background \(0\)"):
        load_dataset(FolderSource(root=str(drive), input_shape=(8, 8, 3)))


def test_another_layout_is_named_with_the_command_that_arranges_it(tmp_path: Path, save) -> None:
    for part, pixels in (("images", np.zeros((8, 8, 3), np.uint8)), ("masks", np.eye(8, dtype=np.uint8))):
        save(f"mine/{part}/a.png", pixels)
    with pytest.raises(DataError, match=r"found: images/ and masks/, not split .* edge-nas init NAME --data"):
        read_folder(tmp_path / "mine", (8, 8, 3))


def test_one_problem_is_one(drive: Path) -> None:
    (drive / "val/groups.csv").write_text("name,group\nb2,b\n")
    assert message(drive) == ("1 problem in ROOT:\n  val/groups.csv: no valid row for 'c0'; every image needs a group")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1 is 'missing'; it must be name,group"),
        (b"name,drive\nb2,b\nc0,c\n", "line 1 is 'name,drive'; it must be name,group"),
        (b"name,group\nb2,b,x\nc0,c\n", "row 2 has 3 fields"),
        (b"name,group\nb2,\nc0,c\n", "row 2 has 2 fields ['b2', '']"),
        (b"name,group\nb2,b\nc0,c\nd9,d\n", "row 4 names 'd9', which has no image"),
        (b"name,group\nb2.png,b\nc0,c\n", "names go without suffix"),
        (b"name,group\nb2,b\nb2,c\nc0,c\n", "row 3 names 'b2' a second time"),
        (b"name,group\nb2,\xff\n", "cannot be read as CSV in UTF-8"),
        (b'name,group\nb2,"b\n', "cannot be read as CSV in UTF-8"),
    ],
)
def test_bad_groups_are_problems(drive: Path, content: bytes, told: str) -> None:
    (drive / "val/groups.csv").write_bytes(content)
    lines = message(drive).splitlines()
    assert any(line.startswith("  val/groups.csv: ") and told in line for line in lines)


def test_groups_with_a_byte_order_mark_are_read(drive: Path) -> None:
    path = drive / "val/groups.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_folder(drive, SHAPE)["val"].groups == ("b", "c")


def test_missing_folders_are_named(drive: Path) -> None:
    shutil.rmtree(drive / "val")
    shutil.rmtree(drive / "train/mask")
    assert message(drive) == (
        "ROOT: no folder train/mask, val/img, val/mask; a data set is root/{train,val[,test]}/{img,mask}, an image and "
        "its mask sharing their name"
    )


def test_no_root(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none: no such folder"):
        read_folder(tmp_path / "none", SHAPE)


def test_an_empty_split_is_a_problem(drive: Path) -> None:
    for file in (drive / "val").glob("*/*.png"):
        file.unlink()
    (drive / "val/groups.csv").unlink()
    assert message(drive) == "1 problem in ROOT:\n  val: holds no image"


@pytest.mark.parametrize("what", ["image", "folder", "groups"])
def test_links_that_leave_the_root_are_refused(drive: Path, tmp_path: Path, what: str) -> None:
    place = {"image": "train/img/a0.png", "folder": "train/mask", "groups": "train/groups.csv"}[what]
    (drive / place).rename(tmp_path / "outside")
    (drive / place).symlink_to(tmp_path / "outside")
    with pytest.raises(UnsafeError, match=rf"{place}: a link to .*/outside, outside the data set") as caught:
        read_folder(drive, SHAPE)
    assert caught.value.exit_code == 7


def test_links_within_the_root_are_followed(drive: Path) -> None:
    (drive / "train/img/a0.png").rename(drive / "kept.png")
    (drive / "train/img/a0.png").symlink_to(drive / "kept.png")
    (drive.parent / "alias").symlink_to(drive)
    assert read_folder(drive.parent / "alias", SHAPE)["train"].sha256 == read_folder(drive, SHAPE)["train"].sha256


def test_a_link_in_a_circle_is_a_problem(drive: Path) -> None:
    (drive / "val/img/c0.png").unlink()
    (drive / "val/img/c0.png").symlink_to("c0.png")
    assert "val/img/c0.png: not a file" in message(drive)


def test_folders_that_may_not_be_listed(drive: Path, monkeypatch) -> None:
    def refuse(_: Path) -> None:  # a file mode would not stop root
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ResourceError, match="no permission to list it"):
        read_folder(drive, SHAPE)


@pytest.mark.parametrize("stem", ["with space", "-x", "na\nme", "emoji 🌱", "x" * 200, os.fsdecode(b"caf\xe9")])
def test_odd_names_work(drive: Path, stem: str) -> None:
    for part in ("img", "mask"):
        (drive / f"train/{part}/a0.png").rename(drive / f"train/{part}/{stem}.png")
    (drive / "train/groups.csv").unlink()
    train = read_folder(drive, SHAPE)["train"]
    assert len(train) == 4
    assert len(train.sha256) == 64
    assert all(name.isprintable() for name in train.names)


class TestEvaluationFolder:
    def test_a_folder_of_images_and_masks(self, drive: Path, tmp_path: Path) -> None:
        split, images = read_evaluation_folder(drive / "train", SHAPE)
        assert (split, images.names) == ("train", ("a0", "a1", "b0", "b1"))
        shutil.copytree(drive / "val", tmp_path / "mine")
        split, images = read_evaluation_folder(tmp_path / "mine", SHAPE)
        assert (split, images.names) == ("test", ("b2", "c0"))

    def test_a_data_set_gives_test_else_val(self, drive: Path) -> None:
        assert read_evaluation_folder(drive, SHAPE)[0] == "val"
        shutil.copytree(drive / "train", drive / "test")
        split, images = read_evaluation_folder(drive, SHAPE)
        assert (split, len(images)) == ("test", 4)

    def test_what_is_neither_is_refused(self, drive: Path, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="holds neither img/ and mask/ nor test/ or val/ with them"):
            read_evaluation_folder(tmp_path, SHAPE)
        shutil.rmtree(drive / "val/mask")
        with pytest.raises(DataError, match="holds img/ but no mask/"):
            read_evaluation_folder(drive / "val", SHAPE)

    def test_problems_are_told(self, drive: Path) -> None:
        (drive / "val/mask/c0.png").unlink()
        with pytest.raises(DataError, match="1 problem in"):
            read_evaluation_folder(drive, SHAPE)


class TestListImages:
    def test_one_file_is_itself(self, drive: Path) -> None:
        file = drive / "val/img/c0.png"
        assert list_images(file) == (file,)

    def test_a_folder_gives_its_images_sorted(self, drive: Path) -> None:
        (drive / "val/img/notes.txt").write_text("x")
        (drive / "val/img/more.png").mkdir()
        assert [file.name for file in list_images(drive / "val/img")] == ["b2.png", "c0.png"]

    def test_nothing_to_list(self, drive: Path) -> None:
        with pytest.raises(DataError, match=r"holds no image; looked for \.bmp, \.jpeg, \.jpg, \.png"):
            list_images(drive)
        with pytest.raises(DataError, match="no such folder"):
            list_images(drive / "none")
