"""Reads what is needed of a linked image: 32-bit little-endian ELF (System V ABI, "Object Files")."""

import struct
from dataclasses import dataclass
from pathlib import Path

from edge_nas.errors import ResourceError

_SYMBOL_TABLE, _NO_BITS = 2, 8
_WRITE, _ALLOCATE, _EXECUTE = 1, 2, 4
_FUNCTION = 2


@dataclass(frozen=True)
class _Section:
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class Function:
    """A function's name and where its first instruction is."""

    address: int
    name: str


def memory_bytes(image: Path) -> tuple[int, int]:
    """Returns (flash, static RAM) bytes: what is stored and loaded, and what can be written (data and bss).

    Raises:
        ResourceError: the file is no such ELF file.
    """
    flash = ram = 0
    for section in _sections(_read(image)):
        if section.flags & _ALLOCATE:
            flash += section.size if section.kind != _NO_BITS else 0
            ram += section.size if section.flags & _WRITE else 0
    return flash, ram


def code_range(image: Path) -> tuple[int, int]:
    """Returns (first address, bytes) of the section that holds instructions.

    Raises:
        ResourceError: the file is no such ELF file, or has no code.
    """
    for section in _sections(_read(image)):
        if section.flags & _EXECUTE:
            return section.address, section.size
    raise ResourceError(f"{image}: holds no code; the linker is not the one expected")


def functions(image: Path) -> tuple[Function, ...]:
    """Returns the functions in order of their addresses (offsets in their sections for an object file).

    Raises:
        ResourceError: the file is no such ELF file.
    """
    data = _read(image)
    sections = _sections(data)
    found = []
    for table in (section for section in sections if section.kind == _SYMBOL_TABLE):
        names = sections[table.link].offset
        for offset in range(table.offset, table.offset + table.size, 16):
            name, address, _, info = struct.unpack_from("<3IB", data, offset)
            if info & 0xF == _FUNCTION:
                text = data[names + name : data.index(b"\0", names + name)].decode("ascii", errors="replace")
                # The lowest bit of a Thumb function's address says that it is one.
                found.append(Function(address & ~1, text))
    return tuple(sorted(found, key=lambda function: (function.address, function.name)))


def _read(image: Path) -> bytes:
    data = image.read_bytes()
    if data[:6] != b"\x7fELF\x01\x01":
        raise ResourceError(f"{image}: not a 32-bit little-endian ELF file; the compiler is not the one expected")
    return data


def _sections(data: bytes) -> tuple[_Section, ...]:
    start = struct.unpack_from("<I", data, 32)[0]
    size, count = struct.unpack_from("<HH", data, 46)
    headers = (struct.unpack_from("<10I", data, start + index * size) for index in range(count))
    return tuple(_Section(h[1], h[2], h[3], h[4], h[5], h[6]) for h in headers)
