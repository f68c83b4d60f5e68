"""Constant arrays, of numbers or of structs, as fields of a descriptor: the text between the braces, and its bytes."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.program import InstructionSet, Numbers, Table, c_value

_C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
    "float64": "double",
}


def table(
    values: npt.ArrayLike,
    dtype: str | None = None,
    *,
    dsp: Table | None = None,
    helium: Table | None = None,
    alignment: int = 4,
) -> Table:
    """Returns a constant array of numbers.

    Args:
        values: of any shape; a dtype of theirs or `dtype` is that of the array.
        dtype: a numpy name.
        dsp: what takes its place on cores with DSP instructions, unless they have Helium and `helium` is given.
        helium: what takes its place on cores with Helium.
        alignment: its address is a multiple of so many bytes.
    """
    array = np.asarray(values, dtype).reshape(-1)
    text = ",".join(map(str, array.tolist()))
    return Table(_C_TYPES[array.dtype.name], len(array), text, array.nbytes, _versions(dsp, helium), alignment)


def struct_table(
    c_type: str,
    entries: Sequence[Mapping[str, Numbers]],
    entry_bytes: int,
    *,
    dsp: Table | None = None,
    helium: Table | None = None,
) -> Table:
    """Returns a constant array of structs, a line each.

    Args:
        c_type: the struct.
        entries: its fields, numbers and arrays of numbers, by their names in C.
        entry_bytes: what C makes of one.
        dsp: see `table`.
        helium: see `table`.
    """
    text = ",\n".join(c_value(entry) for entry in entries)
    return Table(c_type, len(entries), text, entry_bytes * len(entries), _versions(dsp, helium))


def _versions(dsp: Table | None, helium: Table | None) -> dict[InstructionSet, Table]:
    versions: dict[InstructionSet, Table] = {}
    if dsp is not None:
        versions["dsp"] = dsp
    if helium is not None:
        versions["helium"] = helium
    return versions
