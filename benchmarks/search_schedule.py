"""A search of 10,000 trainings on ever more workers: how busy they are, and where one coordinator is too slow.

    python -m benchmarks.search_schedule
    python -m benchmarks.search_schedule --trainings 1000 --epoch-seconds 5
    python -m benchmarks.search_schedule --as-drawn

Time passes on paper (`benchmarks.lib.scheduling`), with the rungs that `edge-nas search` plans, trainings whose epochs
differ log-normally from candidate to candidate, and what a result and a dispatch take here, measured: a line of a real
journal on this disk, and an empty call to a worker of a local Dask cluster where the extra `search` is installed.
Beside the time of training stands that of the sieve before it, which one process does alone: so many draws of Fast_U
for images of 48x64 are costed a second, measured as well.
"""

import argparse
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.lib.markdown import table
from benchmarks.lib.scheduling import Overheads, schedule
from edge_nas.errors import ResourceError
from edge_nas.runs.progress import Silent
from edge_nas.search.cluster import dask_workers
from edge_nas.search.costing import predicted_on
from edge_nas.search.halving import Rung
from edge_nas.search.journal import Journal
from edge_nas.search.planning import default_plan
from edge_nas.search.space import FAMILIES, Signature

WORKERS = (1, 10, 100, 1000, 10_000)
_SPREAD = 0.5
"""Of the logarithms of what an epoch takes: between the cheapest and the dearest of a hundred candidates lies a factor
of about ten, as between the costs of candidates under one limit."""
_MISPREDICTION = 0.3
"""Of the logarithm of what an epoch takes beside what instructions on the board say of it."""
_RESULT = {"kind": "result", "result": {"key": "0" * 64, "score": 0.5, "weights_sha256": "0" * 64, "reason": None}}
_PROBES = 200


def main() -> None:
    """Prints a Markdown table."""
    options = _options()
    overheads = Overheads(_dispatch_s(), _result_s())
    batches = list(_batches(options))
    counts = " + ".join(f"{len(trials):,}" for trials in batches)
    rate = _sieve_rate()
    print(
        f"{sum(map(len, batches)):,} trainings ({counts}), {_hours(sum(map(sum, batches)))} of one worker; the "
        f"coordinator takes {1000 * overheads.dispatch_s:.1f} ms to hand over a trial and "
        f"{1000 * overheads.result_s:.1f} ms to have its result on the disk; the sieve costs {rate:.0f} "
        f"candidates a second and takes {_hours(len(batches[0]) / rate)} before\n"
    )
    rows = []
    for workers in WORKERS:
        done = schedule(batches, workers, overheads)
        rows.append([f"{workers:,}", _hours(done.seconds), f"{100 * done.busy:.1f} %"])
    print(table(["workers", "trained after", "busy"], rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trainings", type=int, default=10_000, help="of all rungs together, about")
    parser.add_argument("--epochs", type=int, default=120, help="of the longest rung")
    parser.add_argument("--epoch-seconds", type=float, default=1.0, help="in the median")
    parser.add_argument("--training-seconds", type=float, default=10.0, help="of each besides: its graph, its score")
    parser.add_argument("--as-drawn", action="store_true", help="not those first that should take longest")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _batches(options: argparse.Namespace) -> Iterator[list[float]]:
    """Yields what the trainings of each rung take."""
    generator = random.Random(options.seed)
    rungs = _rungs(options.trainings, options.epochs)
    counts = [options.trainings, *(rung.survivors for rung in rungs)]
    scale = options.trainings / sum(counts[: len(rungs)])
    for count, rung in zip(counts, rungs, strict=False):
        epoch_s = [
            options.epoch_seconds * math.exp(_SPREAD * generator.gauss(0, 1)) for _ in range(round(scale * count))
        ]
        # Those that should take longest go first, as in a search: what they cost says so, and is off by a third.
        predicted = {
            place: each * math.exp(_MISPREDICTION * generator.gauss(0, 1)) for place, each in enumerate(epoch_s)
        }
        order = list(predicted) if options.as_drawn else sorted(predicted, key=predicted.__getitem__, reverse=True)
        yield [options.training_seconds + rung.epochs * epoch_s[place] for place in order]


def _rungs(trainings: int, epochs: int) -> Sequence[Rung]:
    return default_plan(epochs, trainings, 1).rungs


def _sieve_rate() -> float:
    """Returns how many candidates are drawn and costed a second."""
    family, signature = FAMILIES.get("fast_u"), Signature(input_shape=(48, 64, 3), outputs=1)
    cost_of, generator = predicted_on("cortex-m4", "qat"), random.Random(0)
    cost_of(family.smallest(signature))  # reads the tables
    begun = perf_counter()
    for _ in range(_PROBES):
        cost_of(family.regular(signature, generator))
    return _PROBES / (perf_counter() - begun)


def _result_s() -> float:
    """Returns what it takes to have a result on this disk."""
    with tempfile.TemporaryDirectory(dir=".") as folder, Journal(Path(folder) / "journal.jsonl") as journal:
        begun = perf_counter()
        for _ in range(_PROBES):
            journal.append(_RESULT)
        return (perf_counter() - begun) / _PROBES


def _dispatch_s() -> float:
    """Returns what it takes to hand an empty call to a worker of Dask; 0 where that is not installed."""
    try:
        with dask_workers("dask://local?workers=1", Silent()) as workers:
            workers.submit(int).result()
            begun = perf_counter()
            for future in [workers.submit(int) for _ in range(_PROBES)]:
                future.result()
            return (perf_counter() - begun) / _PROBES
    except ResourceError as error:
        print(f"a dispatch is taken for nothing: {error}")
        return 0.0


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


if __name__ == "__main__":
    main()
