"""A data set of arrays: `root/{train,val[,test]}.npz`, each with `samples` and `labels`, and `groups` where known.

np.savez("my_data/train.npz", samples=windows, labels=labels)    # int16 (N, 128, 3), say, and what the task asks for

`images` is another name of `samples`.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from edge_nas.core.arrays import Samples
from edge_nas.core.config import DataSpec
from edge_nas.core.npz import MALFORMED, check_declared, reason
from edge_nas.core.reading import open_regular
from edge_nas.data.images import shown
from edge_nas.data.listing import existing_folder, refuse_outside, splits_in
from edge_nas.data.splits import Shape, SourceSplits, SplitArrays, SplitName, as_samples, numbered_split
from edge_nas.errors import DataError, ResourceError, UnsafeError
from edge_nas.tasks import Task

# A data set is held in memory. 8 GiB are 900,000 images of 48x64: more is a mistake, or a file made to fill memory.
MAX_BYTES = 8 * 1024**3
"""Of all arrays of a file together, unpacked."""
_MAX_RATIO = 100
"""Bytes unpacked for each byte of a file: photographs have 1 to 3, drawn images tens, a file of zeros a thousand."""
_HARMLESS_BYTES = 256 * 1024**2
"""Unpacked, whatever the ratio: small sets of drawn images pack very well."""

_SAMPLES = ("samples", "images")


class ArraysSource(DataSpec):
    """`root/{train,val[,test]}.npz`, each with the arrays `samples` and `labels`, and `groups` where they are known."""

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
            "each with `samples` and `labels`"
        )
    for file in files.values():
        refuse_outside(folder, file)
    return {name: read_array_file(file, input_shape, task) for name, file in files.items()}


def read_array_file(path: Path, input_shape: Shape, task: type[Task]) -> SplitArrays:
    """Returns the split in one file. Raises as `read_arrays`."""
    arrays = _arrays(path, (*_SAMPLES, "labels", "groups"))
    samples = _samples_of(arrays, path)
    if "labels" not in arrays:
        raise DataError(f"{shown(path)}: holds no array 'labels'")
    groups = arrays.get("groups")
    if groups is not None and (groups.dtype.kind not in "USiu" or groups.ndim != 1):
        raise DataError(
            f"{shown(path)}: groups are {groups.dtype} {groups.shape}; allowed: text or numbers, one for each sample"
        )
    group_names = None if groups is None else _names_in(groups, path)
    return numbered_split(samples, arrays["labels"], task, input_shape, shown(path), groups=group_names)


def stored_arrays(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Returns samples and labels of a file as they are stored, before a task is known. Raises as `read_arrays`."""
    arrays = _arrays(path, (*_SAMPLES, "labels"))
    if "labels" not in arrays:
        raise DataError(f"{shown(path)}: holds no array 'labels'")
    return _samples_of(arrays, path), arrays["labels"]


def _names_in(groups: npt.NDArray[Any], path: Path) -> tuple[str, ...]:
    """Returns text, its bytes or numbers as names.

    Raises:
        DataError: it is no text that can be written into a file again.
    """
    try:
        names = [group.decode() if isinstance(group, bytes) else str(group) for group in groups.tolist()]
        for name in names:
            name.encode()  # a lone half of a pair of UTF-16 passes as text until then
    except (SystemError, UnicodeError):  # SystemError is Python's (3.11) of a character beyond the last
        raise DataError(
            f"{shown(path)}: groups hold characters that are no Unicode; save text, or a number for each sample"
        ) from None
    return tuple(names)


def read_sample_array(path: Path, input_shape: Shape | None) -> Samples:
    """Returns the samples of a .npz file, whatever it holds beside them. Raises as `read_arrays`.

    Args:
        path: the file.
        input_shape: of a sample; None: as the file says.
    """
    samples = _samples_of(_arrays(path, _SAMPLES), path)
    return as_samples(samples, samples.shape[1:] if input_shape is None else input_shape, shown(path))


def read_input_arrays(path: Path, names: Sequence[str]) -> dict[str, Samples]:
    """Returns the array of each input of a network of several, by its name, whatever the file holds beside them.

    Raises:
        DataError: an array is missing, or they hold different numbers of samples; as `read_arrays` besides.
    """
    arrays = _arrays(path, tuple(names))
    missing = [name for name in names if name not in arrays]
    if missing:
        raise DataError(
            f"{shown(path)}: holds no array {', '.join(map(repr, missing))}; the network has the inputs "
            f"{', '.join(names)}, and each wants an array of its name"
        )
    counts = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
    if len(set(counts.values())) != 1:
        seen = ", ".join(f"{count} samples ({name})" for name, count in counts.items())
        raise DataError(f"{shown(path)}: the arrays hold {seen}; as many of each are expected")
    return arrays


def _samples_of(arrays: dict[str, npt.NDArray[Any]], path: Path) -> npt.NDArray[Any]:
    """Returns the array of samples, under either of its names."""
    named = [name for name in _SAMPLES if name in arrays]
    if len(named) != 1:
        seen = "both" if named else "neither"
        raise DataError(f"{shown(path)}: holds {seen} of the arrays 'samples' and 'images'; one of them is expected")
    return arrays[named[0]]


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    try:
        _check(path, names)
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names if name in stored.files}
    except FileNotFoundError:
        raise DataError(f"{shown(path)}: no such file") from None
    except PermissionError:
        raise ResourceError(f"{shown(path)}: no permission to read it") from None
    except MALFORMED as error:
        raise DataError(f"{shown(path)}: cannot be read as .npz ({reason(error)})") from error


def _check(path: Path, names: tuple[str, ...]) -> None:
    """Refuses a file whose arrays would fill memory or hold pickled objects; raises `MALFORMED` as well."""
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        size, packed = sum(entry.file_size for entry in entries), path.stat().st_size
        if size > MAX_BYTES:
            raise DataError(
                f"{shown(path)}: its arrays have {size / 1024**3:.1f} GiB unpacked; allowed: "
                f"{MAX_BYTES // 1024**3} GiB, for a data set is held in memory"
            )
        if size > _HARMLESS_BYTES and size > _MAX_RATIO * packed:
            raise UnsafeError(
                f"{shown(path)}: {packed / 1024**2:.1f} MiB would fill {size / 1024**2:.0f} MiB of memory; allowed: "
                f"{_MAX_RATIO} times the file's size. Save it with numpy.savez where it is meant"
            )
        wanted = {f"{name}.npy" for name in names}
        try:
            check_declared(archive, [entry for entry in entries if entry.filename in wanted])
        except UnsafeError as error:
            raise UnsafeError(f"{shown(path)}: {error}; save plain arrays") from error
