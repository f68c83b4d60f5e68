"""How far predicted costs are from counted ones on random networks; with --calibrate, what predictions rest on is made.

    python -m benchmarks.costs --cores cortex-m4 --json benchmarks/results/costs.json
    python -m benchmarks.costs --calibrate

Each core's networks are compiled, run on the emulated core and counted step by step. `--calibrate` fits what each loop
of every kernel takes, and the bytes of each part of the code, and writes edge_nas/costs/data/CORE.json: to be done
whenever a kernel's C has changed; with `--changed` only such kernels are fitted anew, and those that `--again` names,
since how their loops are counted has changed, from the networks that have them; then fewer networks do
(`--calibrated 30`). The networks that errors are told of are others. Beside them stands the error of plain MACs, times
the one factor that suits these networks best.

    python -m benchmarks.costs --candidates 100 --cores cortex-m4

tells how many networks a second of one processor describes and predicts, as a search does; and

    python -m benchmarks.costs --drawn 60

of how many costs of candidates that searches draw, of every family and on every core, something is not known.

Counts are kept in build/costs: a run that was interrupted goes on where it was, and after a change of one kernel only
networks that have it are counted again.
"""

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.lib.calibration import calibration_networks
from benchmarks.lib.costs import COUNTED_ON, Errors, errors_of, fitted_costs, has_news, misfits
from benchmarks.lib.counting import CountedNetwork, Counter, prepare
from benchmarks.lib.drawn import unknown_costs
from benchmarks.lib.networks import random_network
from benchmarks.tables.costs import costs_table
from edge_nas.codegen.plan import Plan
from edge_nas.core.atomic import write_json
from edge_nas.costs import known_cores, predict_cost
from edge_nas.costs.coefficients import costs_of_core
from edge_nas.emulation.cores import CORES, EmulatedCore, find_core

DATA = Path(__file__).parents[1] / "edge_nas" / "costs" / "data"
COUNTS = Path(__file__).parents[1] / "build" / "costs"
_TOLD_EVERY = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table, a line for each core."""
    options = _parse(arguments)
    if options.candidates:
        print(f"{_candidates_per_second(options.candidates, options.cores[0]):.1f} networks a CPU second")
        return
    if options.drawn:
        asked, reasons = unknown_costs(options.drawn, options.cores)
        print(f"{reasons.total()} of {asked} costs are not known")
        for reason, number in reasons.most_common():
            print(f"{number:>5} {reason}")
        return
    rows: dict[str, Errors] = {}
    if options.json and options.json.is_file():
        rows = {row["core"]: row for row in json.loads(options.json.read_text(encoding="utf-8"))["rows"]}
    cores = [find_core(name) for name in options.cores]
    if options.calibrate:
        for core in cores:
            _calibrate(core, options)
    if options.networks:
        for core, judged in _judged(cores, options.counts, options.networks):
            rows[core.name] = errors_of(core, judged)
        if options.json:
            write_json(options.json, {"rows": [rows[name] for name in CORES if name in rows]})
    print(costs_table([rows[name] for name in CORES if name in rows]))


def _calibrate(core: EmulatedCore, options: argparse.Namespace) -> None:
    """Writes the costs that fit what networks took on a core, or on the one that is counted for it."""
    counted_on = find_core(COUNTED_ON.get(core.name, core.name))
    earlier, again = costs_of_core(core.name) if options.changed else None, frozenset(options.again)
    wanted = functools.partial(has_news, core=core, earlier=earlier, again=again) if earlier is not None else None
    networks = list(_calibrating(Counter(counted_on, options.counts), options.calibrated, wanted))
    if not networks:  # all is as it was
        return
    costs = fitted_costs(core, networks, earlier, again)
    write_json(DATA / f"{core.name}.json", costs.to_data())
    costs_of_core.cache_clear()
    for kernel, error in misfits(costs, networks).items():
        print(f"{core.name}, {kernel}: a step is {error:.0f} % off; try --again {kernel}, or tell its loops apart",
              file=sys.stderr)  # fmt: skip


def _calibrating(
    counter: Counter, networks: int, wanted: Callable[[Plan], bool] | None = None
) -> Iterator[CountedNetwork]:
    """Yields counted networks that costs are fitted to, of which those with a plan that is wanted."""
    for number, (network, arena_limit) in enumerate(calibration_networks(networks), 1):
        prepared = prepare(network, arena_limit)
        if wanted is None or wanted(prepared.plan):
            yield counter.count_prepared(prepared)
        if number % _TOLD_EVERY == 0:
            print(f"{counter.core.name}: {number} networks looked at", file=sys.stderr, flush=True)


def _judged(
    cores: Sequence[EmulatedCore], counts: Path, networks: int
) -> Iterator[tuple[EmulatedCore, list[CountedNetwork]]]:
    """Yields each core with the networks of the seeds 0, 1, ... counted on it; the C of each is made once for all."""
    counters = [Counter(core, counts) for core in cores]
    judged: list[list[CountedNetwork]] = [[] for _ in cores]
    for seed in range(networks):
        prepared = prepare(random_network(seed))
        for counter, counted in zip(counters, judged, strict=True):
            counted.append(counter.count_prepared(prepared))
        if (seed + 1) % _TOLD_EVERY == 0:
            print(f"{seed + 1} of {networks} networks judged on {len(cores)} cores", file=sys.stderr, flush=True)
    yield from zip(cores, judged, strict=True)


def _candidates_per_second(networks: int, core: str) -> float:
    """Returns how many random networks are described and predicted in a CPU second, after a first one."""
    predict_cost(random_network(0).data, core)
    start = time.process_time()
    for seed in range(networks):
        predict_cost(random_network(seed).data, core)
    return networks / (time.process_time() - start)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cores", nargs="+", default=list(known_cores()), metavar="CORE", help="default: all")
    parser.add_argument("--networks", type=int, default=200, help="how many are judged on each core (default: 200)")
    parser.add_argument("--calibrate", action="store_true", help="write edge_nas/costs/data first")
    parser.add_argument(
        "--changed", action="store_true", help="with --calibrate: kernels with the same C stay as they are"
    )
    parser.add_argument(
        "--again",
        nargs="+",
        default=[],
        metavar="KERNEL",
        help="with --changed: fitted anew though their C is the same",
    )
    parser.add_argument("--calibrated", type=int, default=80, help="networks to calibrate with (default: 80)")
    parser.add_argument("--candidates", type=int, default=0, help="only tell how fast so many networks are predicted")
    parser.add_argument("--drawn", type=int, default=0, help="only tell what is not known of so many candidates")
    parser.add_argument("--counts", type=Path, default=COUNTS, help="folder of what was counted (default: build/costs)")
    parser.add_argument("--json", type=Path, help="where the results go; lines of other cores stay in it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
