"""How far the runtimes agree with the reference kernels: the comparisons of finished builds, over seeds.

    edge-nas build benchmarks/configs/camvid_road.yaml data.root=DIR seed=0 --run runs/accuracy/camvid_road-seed0 \
        --until export
    python -m benchmarks.parity runs/accuracy/camvid_road-seed* --json benchmarks/results/parity.json

All on the validation images. Shares are the lowest over the runs, differences the largest, mean difference and mIoU
the median; int8 codes are counted in steps (LSB), float logits as they are.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables.parity import parity_table
from edge_nas.core.atomic import write_json
from edge_nas.core.machine import machine_facts


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
        print(f"{name}, {len(runs)} runs, {runs[0][0]['inputs']} images\n\n{parity_table(runs)}\n")


if __name__ == "__main__":
    main()
