"""What lies in a Keras model file, read without Keras in a process of its own that can reach nothing else.

    python -I extraction.py net.keras weights.h5        # prints one line of JSON

The process opens the two files and then gives up the right to open any other, and most of its memory and time: what a
hostile file talks the HDF5 library into ends here. Out come the configuration as text and a copy of the weights that
was written anew: plain groups, plain arrays, plain attributes. The rules are those of the checks below, which say why.

The line is {"config": ..., "keras_version": ..., "layout": "h5" | "keras", "elements": ...}, or {"unsafe": reason}, or
{"malformed": reason}. Run as a script, so it imports nothing of edge_nas, whose models package loads TensorFlow.
"""

import codecs
import io
import json
import math
import os
import resource
import stat
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import h5py
import numpy as np

# Limits are choices: far above what networks for microcontrollers need, far below what a machine minds. Larger ones let
# a hostile file take more time and memory before it is refused, and nothing else.
MAX_BYTES = 2 * 1024**3
MAX_H5_RATIO = 64  # weights are noise, which deflate makes smaller by about a tenth; zeros by a factor of a thousand
MAX_ZIP_RATIO = 100  # text of a configuration packs better than weights
MAX_CONFIG_BYTES = 16 * 1024**2
MAX_OBJECTS = 100_000
MAX_DEPTH = 64  # groups in groups
CPU_LIMIT_S = 30

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_ZIP_MAGIC = b"PK"
_BASE_MEMORY_BYTES = 1024**3  # addresses that Python, numpy and h5py themselves take
_BUILT_IN_FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
_NOT_COPIED = {"optimizer", "optimizer_weights"}
_NOT_READ = {"training_config"}
_CONFIG = "model_config"


class HostileError(Exception):
    """The file reaches outside itself, or would take more than a file of its size may."""


class MalformedError(Exception):
    """The file is not what its name says."""


def extract(source: BinaryIO, target: h5py.File) -> dict[str, Any]:
    """Returns what `source` holds, its weights copied into the empty file `target`.

    Raises:
        HostileError: links, storage elsewhere, or sizes that the file's own size does not explain.
        MalformedError: neither an HDF5 file nor a zip, or one without a model.
    """
    magic = source.read(len(_HDF5_MAGIC))
    source.seek(0)
    if magic == _HDF5_MAGIC:
        return _extract_hdf5(source, target)
    if magic.startswith(_ZIP_MAGIC):
        return _extract_zip(source, target)
    raise MalformedError("neither an HDF5 file nor a zip, as .h5 and .keras files are")


def _extract_hdf5(source: BinaryIO, target: h5py.File) -> dict[str, Any]:
    with h5py.File(source, "r") as file:
        elements = _Copier(_size(source)).run(file, target)
        if _CONFIG not in file.attrs:
            raise MalformedError(
                "holds weights only, no network: write a module net.py with a function that builds the network and "
                "calls its load_weights on this file, and name it as net:function"
            )
        config = _text(file.attrs[_CONFIG])
        version = _text(file.attrs.get("keras_version", ""))
    return {"layout": "h5", "config": config, "keras_version": version, "elements": elements}


def _extract_zip(source: BinaryIO, target: h5py.File) -> dict[str, Any]:
    with zipfile.ZipFile(source) as file:
        check_zip(file, _size(source))
        config = _read(file, "config.json", MAX_CONFIG_BYTES).decode("utf-8")
        metadata = json.loads(_read(file, "metadata.json", MAX_CONFIG_BYTES))
        weights = _read(file, "model.weights.h5", MAX_BYTES)
    with h5py.File(io.BytesIO(weights), "r") as stored:
        elements = _Copier(len(weights)).run(stored, target)
    version = str(metadata["keras_version"])
    return {"layout": "keras", "config": config, "keras_version": version, "elements": elements}


def check_zip(file: zipfile.ZipFile, size_bytes: int) -> None:
    """Checks the list of contents: names inside, no links, no name twice, sizes that the file's size explains.

    Raises:
        HostileError: one of these does not hold.
        MalformedError: it is encrypted, or compressed by another method than deflate.
    """
    entries = file.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or len(names) > MAX_OBJECTS:
        raise HostileError("lists a name twice, or too many names")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            raise HostileError(f"lists {entry.filename!r}, a name outside the file")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise HostileError(f"lists {entry.filename!r}, a link")
        if entry.file_size > MAX_ZIP_RATIO * max(entry.compress_size, 1):
            raise HostileError(f"{entry.filename!r} would grow more than {MAX_ZIP_RATIO} times when it is unpacked")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise MalformedError(f"{entry.filename!r} is encrypted or compressed by an unusual method")
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise HostileError(f"would grow to more than {MAX_BYTES} bytes when it is unpacked")
    # Entries that share bytes make a small file large without any of them standing out.
    if sum(entry.compress_size for entry in entries) > size_bytes:
        raise HostileError("lists more bytes than the file has")


class _Copier:
    """One walk over an HDF5 file: every object is checked, and written anew unless nothing reads it later."""

    def __init__(self, size_bytes: int) -> None:
        self._allowance = min(MAX_BYTES, MAX_H5_RATIO * size_bytes)
        self._objects = 0
        self._addresses: set[int] = set()  # in the file, of the objects that were met
        self._elements = 0

    def run(self, source: h5py.File, target: h5py.File) -> int:
        """Returns how many numbers were copied."""
        self._group(source, target, 0)
        return self._elements

    def _group(self, source: h5py.Group, target: h5py.Group | None, depth: int) -> None:
        """Checks a group and what lies in it; copies it where there is a target."""
        self._meet(source)
        if depth > MAX_DEPTH:
            raise HostileError(f"{source.name!r} lies more than {MAX_DEPTH} groups deep")
        self._attributes(source, target)
        for name in source:
            where = f"{source.name.rstrip('/')}/{name}"
            if not isinstance(source.get(name, getlink=True), h5py.HardLink):
                raise HostileError(f"{where!r} is a link to somewhere else")
            node = source[name]
            is_left_out = depth == 0 and name in _NOT_COPIED
            parent = None if is_left_out else target
            if isinstance(node, h5py.Group):
                copy = None if parent is None else parent.create_group(name)
                self._group(node, copy, depth + 1)
            elif isinstance(node, h5py.Dataset):
                self._dataset(node, name, parent)
            else:
                raise MalformedError(f"{where!r} is neither a group nor an array")

    def _dataset(self, source: h5py.Dataset, name: str, target: h5py.Group | None) -> None:
        """Checks an array; copies it as `name` where there is a target."""
        self._meet(source)
        properties = source.id.get_create_plist()
        if properties.get_external_count() or source.is_virtual:
            raise HostileError(f"{source.name!r} keeps its numbers in another file")
        filters = [properties.get_filter(index)[0] for index in range(properties.get_nfilters())]
        if any(number not in _BUILT_IN_FILTERS for number in filters):
            raise HostileError(f"{source.name!r} is packed by a filter that would be loaded from elsewhere")
        if source.shape is None or source.dtype.kind not in "fiub":
            raise MalformedError(f"{source.name!r} holds {source.dtype}, not numbers")
        elements = math.prod(source.shape)
        self._take(elements * source.dtype.itemsize, source.name)
        if target is None:
            return
        self._elements += elements
        self._attributes(source, target.create_dataset(name, data=source[()]))

    def _attributes(self, source: Any, target: Any) -> None:
        for name in source.attrs:
            attribute = source.attrs.get_id(name)
            text = h5py.check_string_dtype(attribute.dtype) is not None
            if not text and attribute.dtype.kind not in "fiubS":
                raise MalformedError(f"attribute {name!r} of {source.name!r} is neither text nor a number")
            self._take(math.prod(attribute.shape or ()) * attribute.dtype.itemsize, f"{source.name}@{name}")
            is_read_later = name not in _NOT_READ and name != _CONFIG
            if target is not None and is_read_later:
                target.attrs[name] = source.attrs[name]

    def _take(self, size_bytes: int, what: str) -> None:
        """Holds the sum of what is declared against the file's size, for a few bytes can declare any shape."""
        self._allowance -= size_bytes
        if self._allowance < 0:
            raise HostileError(
                f"{what!r}: the arrays are declared more than {MAX_H5_RATIO} times as large as the file is"
            )

    def _meet(self, node: Any) -> None:
        """Refuses an object that was met before: by a second hard link a group can be its own child."""
        address = h5py.h5o.get_info(node.id).addr
        self._objects += 1
        if address in self._addresses or self._objects > MAX_OBJECTS:
            raise HostileError(f"{node.name!r} has several names, or there are too many objects")
        self._addresses.add(address)


def _read(file: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        entry = file.getinfo(name)
    except KeyError:
        raise MalformedError(f"has no {name}, as a .keras file does") from None
    if entry.file_size > limit:
        raise HostileError(f"{name} has {entry.file_size} bytes; allowed: {limit}")
    return file.read(entry)


def _text(value: Any) -> str:
    text = value.decode("utf-8") if isinstance(value, bytes | np.bytes_) else value
    if not isinstance(text, str) or len(text) > MAX_CONFIG_BYTES:
        raise MalformedError(f"{_CONFIG} and keras_version have to be text of at most {MAX_CONFIG_BYTES} characters")
    return text


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _confine(size_bytes: int) -> None:
    """Gives up what reading a file of this size does not need. Nothing can be opened from here on."""
    arrays = min(MAX_BYTES, MAX_H5_RATIO * size_bytes)
    limits = {
        resource.RLIMIT_AS: _BASE_MEMORY_BYTES + 2 * arrays,  # each array once as it is read and once as it is written
        resource.RLIMIT_CPU: CPU_LIMIT_S,
        resource.RLIMIT_FSIZE: MAX_BYTES + MAX_BYTES // 8,  # the copy holds as much, and HDF5's own bookkeeping
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, (limit, limit))


def main(source: str, target: str) -> dict[str, Any]:
    """Returns what is printed."""
    for encoding in ("ascii", "cp437", "utf-8", "latin-1"):
        codecs.lookup(encoding)  # a module that Python loads on first use, which it cannot any more when confined
    with Path(source).open("rb") as file, h5py.File(target, "w") as copy:
        if _size(file) > MAX_BYTES:
            return {"unsafe": f"has {_size(file)} bytes; allowed: {MAX_BYTES}"}
        _confine(_size(file))
        try:
            return extract(file, copy)
        except HostileError as error:
            return {"unsafe": str(error)}
        except MemoryError:
            return {"unsafe": "takes more memory than a file of its size may"}
        except MalformedError as error:
            return {"malformed": str(error)}
        except Exception as error:  # h5py and zipfile raise whatever broken bytes lead them into
            return {"malformed": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])), flush=True)
