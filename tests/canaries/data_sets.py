"""Hostile data sets: links that lead outside, names that are commands, formats that start other programs, bombs."""

import io
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from canaries.case import BAIT, Case
from canaries.int8_files import int8_network

SIZE = "data.input_shape=[8,8,3]"
FOLDER = ("check", "data.source=folder", "data.root=set", SIZE)
ARRAYS = ("check", "data.source=npz", "data.root=set", SIZE)
CLASSES = ("check", "data.source=classes", "data.root=set", SIZE, "task=classification")


def images(folder: Path) -> None:
    """Writes two images of 8x8."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


def segmentation(folder: Path) -> None:
    """Writes a data set of images and masks, two of each in train, val and test."""
    for split in ("train", "val", "test"):
        images(folder / split / "img")
        (folder / split / "mask").mkdir()
        for number in range(2):
            Image.fromarray(255 * np.eye(8, dtype=np.uint8)).save(folder / split / "mask" / f"{number}.png")


def _changed(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Returns what plants the data set, changed, and a network; `change` gets the folder `set`."""

    def plant(folder: Path) -> None:
        (folder / "net.tflite").write_bytes(int8_network())
        segmentation(folder / "set")
        change(folder / "set")

    return plant


def _linked(name: str, target: str) -> Callable[[Path], None]:
    """Returns what puts a link in the place of a file or folder of the set; `target` is seen from the case's folder."""

    def change(root: Path) -> None:
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.symlink_to(os.path.relpath(root.parent / target, path.parent))

    return _changed(change)


def _called(*stems: str) -> Callable[[Path], None]:
    """Returns what gives images and masks names that are commands."""

    def change(root: Path) -> None:
        for stem in stems:
            for kind in ("img", "mask"):
                shutil.copy(root / "train" / kind / "0.png", root / "train" / kind / f"{stem}.png")

    return _changed(change)


def _image(content: bytes) -> Callable[[Path], None]:
    return _changed(lambda root: (root / "train" / "img" / "0.png").write_bytes(content))


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """Returns a PNG whose header says a size, with chunks in front of pixels that are all zero."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes((3 * width + 1) * min(height, 100)))
    parts = ((b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


_POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n(../../bait/canary) (w) file closefile\n%%EOF\n"


def _arrays(write: Callable[[Path], object]) -> Callable[[Path], None]:
    """Returns what plants train.npz by `write`, and a val.npz without fault."""

    def plant(folder: Path) -> None:
        (folder / "set").mkdir()
        pixels, masks = np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 8, 8), np.uint8)
        np.savez(folder / "set" / "val.npz", images=pixels, labels=masks)
        write(folder / "set" / "train.npz")

    return plant


def _declared(path: Path) -> None:
    header = io.BytesIO()
    shape = (40_000, 40_000, 3)
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", header.getvalue())
        archive.writestr("labels.npy", header.getvalue())


def _bomb(path: Path) -> None:
    np.savez_compressed(path, images=np.zeros((1_600_000, 8, 8, 3), np.uint8), labels=np.zeros(2, np.uint8))


def _classes(folder: Path) -> None:
    for split in ("train", "val"):
        images(folder / "set" / split / "$(touch canary)")
        images(folder / "set" / split / "<script>")
    (folder / "set" / "train" / "third").symlink_to(f"../../{BAIT}/folder")


_NAMES = (
    "-rf",
    "a;touch canary",
    "$(touch canary)",
    "`touch canary`",
    "a\ntouch canary",
    "<script>x",
    "x" * 245,
    "ä 🚜",
)

CASES = (
    Case("data", "image outside", _linked("train/img/0.png", f"{BAIT}/secret.bin"), (FOLDER,), frozenset({7}), True),
    Case("data", "mask outside", _linked("val/mask/1.png", f"{BAIT}/secret.bin"), (FOLDER,), frozenset({7})),
    Case("data", "split outside", _linked("val", f"{BAIT}/folder"), (FOLDER,), frozenset({3, 7})),
    Case("data", "groups outside", _linked("train/groups.csv", f"{BAIT}/secret.bin"), (FOLDER,), frozenset({7})),
    Case("data", "postscript in disguise", _image(_POSTSCRIPT), (FOLDER,), frozenset({3}), True),
    Case("data", "photoshop in disguise", _image(b"8BPS\0\1" + bytes(40)), (FOLDER,), frozenset({3})),
    Case("data", "size in the header", _image(_png(15_000, 15_000)), (FOLDER,), frozenset({3})),
    Case("data", "text that unpacks", _image(_png(8, 8, (b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000))))),
         (FOLDER,), frozenset({0, 3})),
    # It passes, so that all of the network is checked: the one with the fewest layers.
    Case("data", "names that are commands", _called(*_NAMES), ((*FOLDER, "model.name=nano_u"),), frozenset({0}), True),
    Case("data", "images to predict outside", _linked("test/img/0.png", f"{BAIT}/secret.bin"),
         (("predict", "net.tflite", "set/test/img", "--out", "out"),), frozenset({7})),
    Case("data", "pickled arrays",
         _arrays(lambda path: np.savez(path, images=np.array([Path], object), labels=np.zeros(1))),
         (ARRAYS,), frozenset({7})),
    Case("data", "arrays larger than declared", _arrays(_declared), (ARRAYS,), frozenset({3, 7})),
    Case("data", "arrays that unpack", _arrays(_bomb), (ARRAYS,), frozenset({7})),
    Case("data", "arrays outside", _arrays(lambda path: path.symlink_to(f"../{BAIT}/secret.bin")),
         (ARRAYS,), frozenset({7})),
    Case("data", "classes that are commands", _classes, (CLASSES,), frozenset({7})),
)  # fmt: skip
