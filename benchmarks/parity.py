"""How far the runtimes agree with the reference kernels: the comparisons of finished builds, over seeds.

    edge-nas build benchmarks/configs/camvid_road.yaml data.root=DIR seed=0 --run runs/accuracy/camvid_road-seed0 \
        --until export
    python -m benchmarks.parity runs/accuracy/camvid_road-seed* --json benchmarks/results/parity.json

All on the validation images. Shares are the lowest over the runs, differences the largest, mean difference and mIoU
the median; int8 codes are counted in steps (LSB), float logits as they are.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_nas.core.atomic import write_json
from edge_nas.core.machine import machine_facts

Row = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table for each configuration."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of builds that came to export")
    parser.add_argument("--json", type=Path, help="where the results go")
    options = parser.parse_args(arguments)
    results = [json.loads((run / "result.json").read_text(encoding="utf-8")) for run in options.runs]
    networks = {
        name: [result["parity"] for result in results if result["name"] == name]
        for name in dict.fromkeys(result["name"] for result in results)
    }
    if options.json:
        write_json(options.json, {"machine": machine_facts(), "networks": networks})
    for name, runs in networks.items():
        print(f"{name}, {len(runs)} runs, {runs[0][0]['inputs']} images\n\n{table(runs)}\n")


def table(runs: Sequence[Sequence[Row]]) -> str:
    """Returns Markdown: one line per comparison, over all runs of one configuration."""
    lines = [
        "| runtime | against | equal | within one step | furthest | mean | same class | mIoU |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in (row for run in runs for row in run):
        rows.setdefault((row["reference"], row["candidate"]), []).append(row)
    return "\n".join([*lines, *(_line(*pair, same) for pair, same in rows.items())])


def _line(reference: str, candidate: str, rows: Sequence[Row]) -> str:
    furthest = max(row["max_abs"] for row in rows)
    mean = statistics.median(row["mean_abs"] for row in rows)
    codes = rows[0]["unit"] == "lsb"
    shares = [f"{min(row[key] for row in rows):.2%}" for key in ("exact_share", "within_one_share", "mask_agreement")]
    differences = [f"{furthest:.0f}", f"{mean:.2f}"] if codes else [f"{furthest:.1e}", f"{mean:.1e}"]
    miou = 100 * statistics.median(row["miou"] for row in rows)
    return f"| {candidate} | {reference} | {' | '.join([*shares[:2], *differences, shares[2]])} | {miou:.2f} |"


if __name__ == "__main__":
    main()
