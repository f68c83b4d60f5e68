"""Writes the README's first table: the same int8 files under TFLM with CMSIS-NN and here, on a Cortex-M4.

python -m tools.readme_beside         from benchmarks/results/mcu.json; a test fails while it is stale
"""

import json
import re
from pathlib import Path

from benchmarks.lib.markdown import table
from benchmarks.tables.mcu import Row, recorded_lines

ROOT = Path(__file__).resolve().parents[1]
CORE = "cortex-m4"
# File -> what the README calls it; those of which the other engine's instructions were recorded on this core.
SHOWN = {
    "default_48x64.tflite": "Nano_U 48x64",
    "kws_ref_model.tflite": "keyword spotting (MLPerf Tiny)",
    "pretrainedResnet_quant.tflite": "image classification (MLPerf Tiny)",
    "vww_96_int8.tflite": "visual wake words (MLPerf Tiny)",
    "tflm_person_detect.tflite": "person detection (TFLM)",
}
_PLACE = re.compile(r"(<!-- beside: begin[^>]*-->\n)(.*?)(<!-- beside: end -->)", re.DOTALL)


def beside() -> str:
    """Returns the table."""
    rows: list[Row] = json.loads((ROOT / "benchmarks/results/mcu.json").read_text(encoding="utf-8"))["rows"]
    by_model = {row["model"]: row for row in rows}
    return table(
        ["int8 file, Cortex-M4", "TFLM + CMSIS-NN", "edge-nas", "", "flash there", "flash here", "SRAM here"],
        [_cells(by_model[model], name) for model, name in SHOWN.items()],
    )


def _cells(row: Row, name: str) -> list[str]:
    (theirs,) = recorded_lines(row, name, {CORE})
    ours = row["cores"][CORE]
    sram = ours["ram_bytes"] + ours["stack_bytes"]
    return [
        name,
        f"{theirs.instructions / 1e6:.2f} M",
        f"**{ours['instructions'] / 1e6:.2f} M**",
        f"{theirs.instructions / ours['instructions']:.1f} times fewer",
        "" if theirs.flash_bytes is None else f"{theirs.flash_bytes / 1000:.0f} kB",
        f"{ours['flash_bytes'] / 1000:.0f} kB",
        f"{sram / 1000:.1f} kB",
    ]


def with_table(readme: str) -> str:
    """Returns the README with the table between its marks."""
    return _PLACE.sub(lambda match: f"{match[1]}{beside().strip()}\n{match[3]}", readme)


def main() -> None:
    """Writes README.md anew."""
    path = ROOT / "README.md"
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
