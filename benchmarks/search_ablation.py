"""What each part of a search is worth: the same search with one of them left out or replaced, in the same time.

    python -m benchmarks.search_ablation benchmarks/configs/camvid_road_search.yaml data.root=DIR --time 20m
    python -m benchmarks.search_ablation ... --arms everything "without halving" --seeds 0 --limit 1600000

Every arm searches under one limit of instructions, with every seed. Beside the best score that keeps the limit as
counted stands the mean of the best scores under all limits up to it (`benchmarks.lib.searching.front_area`), for a
search is judged by its front. Scores are those of int8 files on val by the reference kernels, which chose the networks:
they compare arms and measure none. Runs are kept in --out, so that the same command goes on; results are printed as a
Markdown table and written as JSON.
"""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.lib.searching import front_area, plan_without_halving
from benchmarks.tables.search_ablation import Row, ablation_table
from edge_nas.boards import load_board
from edge_nas.cli.search import seconds_of
from edge_nas.core.atomic import make_folder, write_json
from edge_nas.core.choices import Scheme
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.costs import CostUnknownError
from edge_nas.data.loader import load_dataset
from edge_nas.errors import GateError
from edge_nas.int8.cost import tflite_cost
from edge_nas.results.search import Figures
from edge_nas.runs.progress import Silent
from edge_nas.search import candidates
from edge_nas.search.command import run_search, workforce_of
from edge_nas.search.costing import predicted_on
from edge_nas.search.limits import Limits
from edge_nas.search.pool import families_for
from edge_nas.search.request import Request
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import FAMILIES, Candidate, Family, Signature
from edge_nas.search.training import signature_of
from edge_nas.search.whole import Workforce

WITHOUT_HALVING, BY_MACS, EVERYTHING = "without halving", "MACs in place of instructions", "everything"
ARMS: Mapping[str, Sequence[str]] = {
    EVERYTHING: (),
    WITHOUT_HALVING: (),
    "without closed form": ("search.narrowed=0",),
    "without block drops": ("prune.drop_blocks=false",),
    "TPE in place of evolution": ("search.brain=tpe",),
    "draws in place of evolution": ("search.brain=random",),
    BY_MACS: (),
}
"""What each arm sets; two of them change besides what no setting does."""

_PRICED = 64
"""Draws of which the median of instructions per MAC makes a limit of MACs out of one of instructions."""


@dataclass(frozen=True)
class Bench:
    """What all searches share."""

    options: argparse.Namespace
    seconds: float
    workforce: Workforce


def main(arguments: Sequence[str] | None = None) -> None:
    """Searches, and prints the table."""
    options = _parse(arguments)
    rows: list[Row] = []
    with workforce_of(options.executor) as workforce:
        bench = Bench(options, seconds_of(options.time), workforce)
        for seed in options.seeds:
            for arm in options.arms:
                rows.append(_row(bench, arm, seed))
                print(ablation_table(rows), flush=True)
    make_folder(options.out)
    facts = {"board": options.board, "limit": options.limit, "time_s": bench.seconds, "machine": machine_facts()}
    write_json(options.out / "search_ablation.json", {**facts, "rows": rows})


def _row(bench: Bench, arm: str, seed: int) -> Row:
    """Returns what a search comes to."""
    options = bench.options
    config = load_config(options.config, [*options.overrides, *ARMS[arm], f"seed={seed}"])
    folder = options.out / f"seed{seed}"
    plan = None
    if arm == WITHOUT_HALVING:
        plan = plan_without_halving(folder / EVERYTHING, config.train.epochs, narrows=True)
    limits = Limits(instructions=options.limit)
    request = Request((options.board,), limits, time_s=None if plan is not None else bench.seconds, plan=plan)
    run = folder / arm.replace(" ", "-")
    dataset = load_dataset(config.data, config.task)
    with _priced_by_macs(arm, signature_of(dataset), per_pixel=dataset.task.has_masks, names=config.search.families):
        try:
            networks = run_search(config, request, run, bench.workforce, Silent()).networks
        except GateError:  # as counted, none of its networks keeps the limit
            networks = ()
    best = max((network.score for network in networks), default=0.0)
    return Row(arm=arm, seed=seed, best=best, area=front_area(networks, options.limit), found=len(networks))


@contextmanager
def _priced_by_macs(arm: str, signature: Signature, *, per_pixel: bool, names: Sequence[str]) -> Iterator[None]:
    """Has candidates cost what their MACs say, in the arm that is about that."""
    if arm != BY_MACS:
        yield
        return
    families = families_for(signature, per_pixel=per_pixel, names=names)
    usual = getattr(candidates, "predicted_on")  # noqa: B009 - it is imported there, not exported
    # No setting prices by MACs, and none should.
    setattr(candidates, "predicted_on", lambda core, scheme, _: macs_on(core, scheme, families, signature))  # noqa: B010 - it replaces a function
    try:
        yield
    finally:
        setattr(candidates, "predicted_on", usual)  # noqa: B010


def macs_on(core: str, scheme: Scheme, families: Sequence[Family], signature: Signature) -> CostOf:
    """Returns what takes instructions for MACs times the median of instructions per MAC of some draws on a core."""
    exactly, generator = predicted_on(core, scheme), Random(0)
    ratios: list[float] = []
    while len(ratios) < _PRICED:
        candidate = generator.choice(families).draw(signature, generator)
        try:
            ratios.append(exactly(candidate).instructions / macs_of(candidate))
        except CostUnknownError:
            continue
    ratio = statistics.median(ratios)

    def cost_of(candidate: Candidate) -> Figures:
        cost = exactly(candidate)
        instructions = round(ratio * macs_of(candidate))
        return Figures(instructions=instructions, flash_bytes=cost.flash_bytes, ram_bytes=cost.ram_bytes)

    return cost_of


def macs_of(candidate: Candidate) -> int:
    """Returns the multiply-accumulates of a candidate's network."""
    return tflite_cost(FAMILIES.get(candidate.family).sketch(candidate, "qat"), 0).macs


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("overrides", nargs="*", help="KEY=VALUE")
    parser.add_argument("--board", default="stm32l4r5", type=lambda name: load_board(name).name)
    parser.add_argument("--limit", type=int, default=1_600_000, help="instructions")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    parser.add_argument("--time", default="20m", help="of each search")
    parser.add_argument("--executor", default="local")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmark-search-ablation"))
    return parser.parse_intermixed_args(arguments)


if __name__ == "__main__":
    main()
