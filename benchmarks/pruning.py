"""Pruning without training: the U-Net on camvid_road, channels removed at a uniform ratio and readers repaired.

    python benchmarks/pruning.py SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road --ratios 0.5 0.75

No labels are used: all training images are the calibration set. mIoU is that of the float network on val.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

from unet_camvid import unet_camvid

from edge_nas.core.atomic import write_json
from edge_nas.core.config import DataSpec, PruneSpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.loader import load_dataset
from edge_nas.evaluation.splits import judge
from edge_nas.graph.flatten import flatten
from edge_nas.pruning import remove_channels
from edge_nas.runtimes.keras import KerasRuntime


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.5, 0.625, 0.75])
    parser.add_argument("--calibration-images", type=int, help="default: all training images")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    dataset = load_dataset(DataSpec(source="folder", root=str(options.data)))
    inputs = Preprocessing().apply(dataset.calibration(options.calibration_images, options.seed))
    model = flatten(unet_camvid(options.weights))
    base = judge(KerasRuntime(model).run, dataset).val.metrics.miou
    rows: list[dict[str, Any]] = []
    for ratio in options.ratios:
        start = perf_counter()
        pruned = remove_channels(model, inputs, PruneSpec(ratio=ratio), options.seed)
        seconds = perf_counter() - start
        rows.append(
            {
                "ratio": ratio,
                "cut": judge(KerasRuntime(pruned.narrowed).run, dataset).val.metrics.miou,
                "repaired": judge(KerasRuntime(pruned.repaired).run, dataset).val.metrics.miou,
                "params": pruned.plan.after.params,
                "macs_share": pruned.plan.after.macs / pruned.plan.before.macs,
                "seconds": seconds,
            }
        )
    if options.json:
        facts = {"calibration_images": len(inputs), "seed": options.seed, "machine": machine_facts()}
        write_json(options.json, {"base": base, **facts, "rows": rows})
    print(f"unpruned: {100 * (base or 0):.2f}; {len(inputs)} calibration images, no training")
    print("| channels removed | cut, not repaired | repaired | params | share of MACs | seconds |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['ratio']:.1%} | {100 * row['cut']:.2f} | **{100 * row['repaired']:.2f}** | {row['params']:,} "
            f"| {row['macs_share']:.1%} | {row['seconds']:.0f} |"
        )


if __name__ == "__main__":
    main()
