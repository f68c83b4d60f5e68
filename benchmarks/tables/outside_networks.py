"""Networks of others through the whole line: rows of benchmarks/outside_networks.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.lib.markdown import table

Row = Mapping[str, Any]
"""One network: `network`, MACs under `macs_before` and `macs_after`, `int8_bytes`; shares of equal output bytes under
`numpy` and, where it was installed, `tflite-micro`; `qdq_within_one`; relative differences from Keras under
`float.onnx` and `float64`."""


def outside_table(rows: Sequence[Row]) -> str:
    """Returns one line per network."""
    headings = [
        *("network", "MACs", "pruned to", "int8 bytes", "numpy = reference", "tflite-micro = reference"),
        "QDQ within one step of LiteRT's default",
        *("ONNX float from Keras", "double precision from Keras"),
    ]
    return table(headings, map(_cells, rows))


def _cells(row: Row) -> list[str]:
    return [
        row["network"],
        f"{row['macs_before']:,}",
        f"{row['macs_after'] / row['macs_before']:.1%}",
        f"{row['int8_bytes']:,}",
        f"{row['numpy']:.2%}",
        f"{row['tflite-micro']:.2%}" if "tflite-micro" in row else "not installed",
        f"{row['qdq_within_one']:.2%}",
        f"{row['float.onnx']:.1e}",
        f"{row['float64']:.1e}",
    ]
