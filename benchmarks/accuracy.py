"""Accuracy of a configuration over seeds, and over held-out groups: median and spread, beside the trivial baselines.

    python -m benchmarks.accuracy benchmarks/configs/camvid_road.yaml data.root=DIR --seeds 0 1 2 --grouped
    python -m benchmarks.accuracy ... --scratch 'model.arguments.widths=[8,16,32,32,16,8]'

Every seed is built up to the int8 file, unpruned and, where the configuration prunes, pruned; `--scratch` adds the
network that its overrides name, trained from scratch with the same settings, and once more ("scratch, long") for as
many epochs as training and fine-tuning together.
`--grouped` validates on each group of groups.csv in turn, held out of training, instead of on val. Runs resume; results
are printed as a Markdown table and written as JSON.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lib.lanes import in_lanes, run_on
from benchmarks.tables.accuracy import Row, accuracy_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.data.loader import load_dataset


@dataclass(frozen=True)
class Job:
    """The builds of one seed and one validation: they share a run folder, so that training is done once."""

    seed: int
    group: str | None
    variants: dict[str, tuple[str, ...]]  # name -> overrides, in the order of building
    folder: Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Builds what is asked for and prints the table."""
    options = _parse(arguments)
    config = load_config(options.config, options.overrides)
    groups: Sequence[str | None] = [None]
    if options.grouped:
        groups = sorted(set(load_dataset(config.data).train.groups or ()))
    jobs = [
        Job(seed, group, variants, options.out / f"{config.name}{f'-{group}' if group else ''}-seed{seed}{suffix}")
        for group in groups
        for seed in options.seeds
        for variants, suffix in _variants(config, options.scratch)
    ]
    built = in_lanes(
        jobs, options.jobs, lambda job, core: [_build(job, variant, options, core) for variant in job.variants]
    )
    rows = [row for variants in built for row in variants]
    report = {
        "config": config.to_data() | {"data": config.data.to_data() | {"root": None}},
        "scratch": options.scratch,
        "seeds": options.seeds,
        "cores_per_build": 1 if options.jobs > 1 else os.cpu_count(),
        "machine": machine_facts(),
        "rows": rows,
    }
    if options.json:
        write_json(options.json, report)
    print(accuracy_table(rows))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("config", help="a configuration file or a preset")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--grouped", action="store_true", help="hold out each group of groups.csv in turn")
    parser.add_argument("--scratch", nargs="+", default=[], metavar="key=value", help="also train this from scratch")
    parser.add_argument("--out", type=Path, default=Path("runs/accuracy"), help="where the run folders go")
    parser.add_argument("--jobs", type=int, default=1, help="builds at a time; above 1, each is held to one core")
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_intermixed_args(arguments)


def _variants(config: BuildConfig, scratch: list[str]) -> list[tuple[dict[str, tuple[str, ...]], str]]:
    """Returns what is built in one run folder, name -> overrides, and the folder's suffix."""
    kept: dict[str, tuple[str, ...]] = {"unpruned": ("prune.ratio=0",)}
    if config.prune.ratio > 0:
        kept["pruned"] = ()
    result = [(kept, "")]
    if scratch:
        long = config.train.epochs + config.prune.fine_tune.epochs
        result.append(({"scratch": ("prune.ratio=0", *scratch)}, "-scratch"))
        result.append(({"scratch, long": ("prune.ratio=0", f"train.epochs={long}", *scratch)}, "-scratch-long"))
    return result


def _build(job: Job, variant: str, options: argparse.Namespace, core: int | None) -> Row:
    overrides = [*options.overrides, *job.variants[variant], f"seed={job.seed}"]
    if job.group:
        overrides.append(f"data.holdout_group={json.dumps(job.group)}")  # quoted: 0016E5 would be a number
    command = ["-m", "edge_nas", "build", options.config, *overrides]
    command += ["--run", str(job.folder), "--until", "quantize", "--quiet"]
    run_on(core, command, f"{variant}, seed {job.seed}, held out {job.group}")
    result = json.loads((job.folder / "result.json").read_text(encoding="utf-8"))
    scores, baselines = result["evaluation"], result["evaluation"]["baselines"]
    row = Row(
        variant=variant,
        seed=job.seed,
        held_out=job.group,
        split=scores["split"],
        trained=scores["trained"]["miou"],
        repaired=scores["repaired"]["miou"],
        pruned=scores["pruned"]["miou"],
        int8=scores["int8"]["miou"],
        mean_mask=baselines["mean_mask"]["miou"],
        all_background=baselines["all_background"]["miou"],
        params=result["cost"]["deployed"]["params"],
        macs=result["cost"]["deployed"]["macs"],
        seconds=sum(stage["seconds"] for stage in result["stages"].values()),
    )
    print(f"{job.folder.name} {variant}: int8 {row['int8']:.4f}", file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
