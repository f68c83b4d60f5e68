"""An analysis as files and as text."""

from pathlib import Path
from typing import Literal

from edge_nas.analysis.model import Analysis, Width
from edge_nas.analysis.plots import draw_correlations, draw_spectra
from edge_nas.analysis.table import redundancy_table
from edge_nas.core.atomic import make_folder, write_json, write_text


def write_analysis(analysis: Analysis, folder: Path, plots: Literal["png", "svg"] = "png") -> tuple[Path, ...]:
    """Writes redundancy.json, redundancy.txt, correlation and spectrum into `folder` and returns their paths."""
    make_folder(folder)
    files = tuple(
        folder / name for name in ("redundancy.json", "redundancy.txt", f"correlation.{plots}", f"spectrum.{plots}")
    )
    write_json(files[0], analysis.to_data())
    write_text(files[1], analysis_text(analysis))
    if not analysis.report.layers:
        return files[:2]
    draw_correlations(analysis.correlations, files[2])
    draw_spectra(analysis.report, files[3])
    return files


def analysis_text(analysis: Analysis) -> str:
    """Returns the table of layers, and the recommended width of each channel group below it."""
    return f"{redundancy_table(analysis.report)}\n{_width_table(analysis.widths)}"


def _width_table(widths: dict[str, Width]) -> str:
    if not widths:
        return "recommended widths: no channel group can be narrowed\n"
    longest = max(len(name) for name in widths)
    lines = [f"  {name.ljust(longest)}  {width.channels:4d} -> {width.recommended}" for name, width in widths.items()]
    return "\n".join(["recommended widths of the channel groups:", *lines]) + "\n"
