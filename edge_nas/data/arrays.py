"""A data set of arrays: `root/{train,val[,test]}.npz`, each with `images` and `labels`, and `groups` where known.

np.savez("my_data/train.npz", images=images, labels=labels)      # uint8 (N, H, W, 3), and what the task asks for
"""

import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from edge_nas.core.arrays import Pixels
from edge_nas.core.config import DataSpec
from edge_nas.core.reading import open_regular
from edge_nas.data.images import shown
from edge_nas.data.listing import existing_folder, refuse_outside, splits_in
from edge_nas.data.splits import Shape, SourceSplits, SplitArrays, SplitName, numbered_split, rgb_pixels
from edge_nas.errors import DataError, ResourceError, UnsafeError
from edge_nas.tasks import Task

# A data set is held in memory. 8 GiB are 900,000 images of 48x64: more is a mistake, or a file made to fill memory.
MAX_BYTES = 8 * 1024**3
"""Of all arrays of a file together, unpacked."""
_MAX_RATIO = 100
"""Bytes unpacked for each byte of a file: photographs have 1 to 3, drawn images tens, a file of zeros a thousand."""
_HARMLESS_BYTES = 256 * 1024**2
"""Unpacked, whatever the ratio: small sets of drawn images pack very well."""

_MALFORMED = (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)


class ArraysSource(DataSpec):
    """`root/{train,val[,test]}.npz`, each with the arrays `images` and `labels`, and `groups` where they are known."""

    phrase: ClassVar[str] = "arrays from .npz files"

    source: Literal["npz"] = Field(default="npz", description="arrays in .npz files")
    root: str = Field(description="the folder that holds train.npz and val.npz")

    @property
    def place(self) -> str:
        """The folder."""
        return self.root

    def read_splits(self, task: type[Task]) -> SourceSplits:
        """Returns what the files hold. Raises as `read_arrays`."""
        return SourceSplits(read_arrays(Path(self.root), self.input_shape, task))


def read_arrays(root: Path, input_shape: Shape, task: type[Task]) -> dict[SplitName, SplitArrays]:
    """Returns the splits under `root`: train, val and, where there is such a file, test.

    Raises:
        DataError: a file is missing, malformed or holds something else; names the file.
        ResourceError: no permission to read.
        UnsafeError: a file lies outside `root` or holds pickled objects.
    """
    folder = existing_folder(root)
    files = {name: folder / f"{name}.npz" for name in splits_in(folder, ".npz")}
    missing = [file.name for file in files.values() if not file.exists()]
    if missing:
        raise DataError(
            f"{shown(folder)}: no file {', '.join(missing)}; a data set of arrays is root/{{train,val[,test]}}.npz, "
            "each with `images` and `labels`"
        )
    for file in files.values():
        refuse_outside(folder, file)
    return {name: read_array_file(file, input_shape, task) for name, file in files.items()}


def read_array_file(path: Path, input_shape: Shape, task: type[Task]) -> SplitArrays:
    """Returns the split in one file. Raises as `read_arrays`."""
    arrays = _arrays(path, ("images", "labels", "groups"))
    missing = [name for name in ("images", "labels") if name not in arrays]
    if missing:
        raise DataError(f"{shown(path)}: holds no array {' and no '.join(map(repr, missing))}")
    groups = arrays.get("groups")
    if groups is not None and (groups.dtype.kind not in "USiu" or groups.ndim != 1):
        raise DataError(
            f"{shown(path)}: groups are {groups.dtype} {groups.shape}; allowed: text or numbers, one for each image"
        )
    group_names = None if groups is None else tuple(str(group) for group in groups.tolist())
    return numbered_split(arrays["images"], arrays["labels"], task, input_shape, shown(path), groups=group_names)


def read_image_array(path: Path, input_shape: Shape) -> Pixels:
    """Returns the array `images` of a file, (N, H, W, 3), whatever it holds beside it. Raises as `read_arrays`."""
    arrays = _arrays(path, ("images",))
    if "images" not in arrays:
        raise DataError(f"{shown(path)}: holds no array 'images'")
    return rgb_pixels(arrays["images"], input_shape, shown(path))


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise DataError(
                f"{shown(path)}: its arrays have {size / 1024**3:.1f} GiB unpacked; allowed: "
                f"{MAX_BYTES // 1024**3} GiB, for a data set is held in memory"
            )
        packed = path.stat().st_size
        if size > _HARMLESS_BYTES and size > _MAX_RATIO * packed:
            raise UnsafeError(
                f"{shown(path)}: {packed / 1024**2:.1f} MiB would fill {size / 1024**2:.0f} MiB of memory; allowed: "
                f"{_MAX_RATIO} times the file's size. Save it with numpy.savez where it is meant"
            )
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names if name in stored.files}
    except FileNotFoundError:
        raise DataError(f"{shown(path)}: no such file") from None
    except PermissionError:
        raise ResourceError(f"{shown(path)}: no permission to read it") from None
    except _MALFORMED as error:
        if "allow_pickle" in str(error):  # numpy's ValueError of an array of objects
            raise UnsafeError(
                f"{shown(path)}: holds pickled objects, which run code when they are read; save plain arrays"
            ) from error
        raise DataError(f"{shown(path)}: cannot be read as .npz ({shown(str(error))})") from error
