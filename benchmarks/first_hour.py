"""How long a newcomer waits for the commands that train nothing.

    python -m benchmarks.first_hour SHARED/models/mlperf_tiny/vww_96_int8.tflite \
        SHARED/models/zoo/tflm_person_detect.tflite --runs runs/wide runs/narrow

Each command is called five times in a process of its own, in rounds, so that what else the machine does falls on all
alike. The exit code is 4 where the median by the clock is above what the command may take; on a machine that does other
things as well, the CPU seconds beside it say more. The pictures of `check` are two hundred drawn ones of 240x320.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from benchmarks.lib.script import run_script
from benchmarks.lib.waiting import Wait, waited
from benchmarks.tables.first_hour import Row, first_hour_table
from edge_nas.core.atomic import write_json
from edge_nas.core.machine import machine_facts
from edge_nas.core.temporary import temporary_folder
from edge_nas.data.terrain import TerrainSpec, draw_terrain
from edge_nas.errors import GateError

CALLS = 5
AT_ONCE_S, INSPECTED_S, BUILT_S = 2.0, 1.5, 20.0
"""What a command may take: one that reads, one that looks at a .tflite file, one that has to build the network."""
_PICTURES = TerrainSpec(train_images=160, val_images=20, test_images=20)
_SHAPE = (240, 320, 3)


class Case(NamedTuple):
    """A command, the arguments that stand for it on the page, its exit code and what it may take."""

    arguments: tuple[str, ...]
    shown: str
    exit_code: int
    limit_s: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table.

    Raises:
        GateError: a command takes longer than it may.
        RuntimeError: a command ends otherwise than it has to.
    """
    options = _parse(arguments)
    with temporary_folder() as folder:
        draw_projects(folder)
        chosen = [case for case in cases(options.models, options.runs) if options.only in case.shown]
        rows = measured(chosen, folder, options.calls)
    if options.json:
        write_json(options.json, {"machine": machine_facts(), "rows": rows})
    print(first_hour_table(rows))
    check(rows)


def check(rows: Sequence[Row]) -> None:
    """Raises GateError where the median of a command is above what it may take."""
    medians = {row["command"]: (statistics.median(row["clock_s"]), row["limit_s"]) for row in rows}
    slow = [f"{name} {median:.2f} of {limit:g} s" for name, (median, limit) in medians.items() if median > limit]
    if slow:
        raise GateError(f"slower than allowed: {'; '.join(slow)}")


def cases(models: Sequence[Path], runs: Sequence[Path]) -> list[Case]:
    """Returns the commands; of two runs only where there are two."""
    a, b = (str(path.resolve()) for path in models)
    name, other = (path.name for path in models)
    compared = [tuple(str(path.resolve()) for path in runs)] if runs else []
    return [
        Case(("doctor",), "doctor", 0, AT_ONCE_S),
        Case(("inspect", a), f"inspect {name}", 0, INSPECTED_S),
        Case(("inspect", a, "--board", "all"), f"inspect {name} --board all", 0, INSPECTED_S),
        Case(("compare", a, b, "--board", "nrf52840"), f"compare {name} {other} --board nrf52840", 0, AT_ONCE_S),
        *(Case(("compare", *pair), "compare runs/wide runs/narrow", 0, AT_ONCE_S) for pair in compared),
        _check("terrain_48x64 model=nano_x", 2, AT_ONCE_S),
        _check("terrain_48x64 --board nrf52", 2, AT_ONCE_S),
        _check("no_mask.yaml", 3, AT_ONCE_S),
        _check("small_mask.yaml", 3, AT_ONCE_S),
        _check("pictures.yaml", 0, BUILT_S),
        _check("terrain_48x64 --board nrf52840", 0, BUILT_S),
        _check("pictures.yaml --board rp2040 data.input_shape=[480,640,3]", 4, BUILT_S),
    ]


def _check(arguments: str, exit_code: int, limit_s: float) -> Case:
    return Case(("check", *arguments.split()), f"check {arguments}", exit_code, limit_s)


def measured(chosen: Sequence[Case], folder: Path, calls: int) -> list[Row]:
    """Returns a row for each command, all called in turn."""
    waits: dict[str, list[Wait]] = {case.shown: [] for case in chosen}
    for _ in range(calls):
        for case in chosen:
            waits[case.shown].append(waited(case.arguments, folder, case.exit_code))
            print(f"{case.shown}: {waits[case.shown][-1]}", file=sys.stderr, flush=True)
    return [_row(case, waits[case.shown]) for case in chosen]


def _row(case: Case, waits: Sequence[Wait]) -> Row:
    return Row(
        command=case.shown,
        exit_code=case.exit_code,
        limit_s=case.limit_s,
        clock_s=[round(wait.clock_s, 3) for wait in waits],
        cpu_s=[round(wait.cpu_s, 3) for wait in waits],
        load=[round(wait.load, 2) for wait in waits],
    )


def draw_projects(folder: Path) -> None:
    """Writes pictures.yaml, and the same with a fault in the last picture: no mask, and a mask of another size."""
    for name in ("pictures", "no_mask", "small_mask"):
        text = f"name: {name}\ndata: {{source: folder, root: {name}_data, input_shape: [96, 128, 3]}}\n"
        (folder / f"{name}.yaml").write_text(f"{text}deploy: {{board: nrf52840}}\n", encoding="utf-8")
    for split, arrays in draw_terrain(_PICTURES, _SHAPE).items():
        for stem, image, mask in zip(arrays.names, arrays.images, arrays.labels, strict=True):
            for part, pixels in (("img", image), ("mask", 255 * mask)):
                _save(Image.fromarray(pixels), folder, f"{split}/{part}/{stem}.png")
    last = max((folder / "pictures_data/train/mask").iterdir())
    (folder / "no_mask_data/train/mask" / last.name).unlink()
    with Image.open(last) as mask_file:
        mask_file.resize((100, 100), Image.Resampling.NEAREST).save(folder / "small_mask_data/train/mask" / last.name)


def _save(picture: Image.Image, folder: Path, place: str) -> None:
    for name in ("pictures", "no_mask", "small_mask"):
        path = folder / f"{name}_data" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", type=Path, nargs=2, metavar="MODEL", help="two int8 .tflite files")
    parser.add_argument("--runs", type=Path, nargs=2, default=[], metavar="RUN", help="two finished runs to compare")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"of each command (default {CALLS})")
    parser.add_argument("--only", default="", metavar="TEXT", help="commands that hold this text")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_script(main)
