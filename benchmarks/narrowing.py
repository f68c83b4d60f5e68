"""What is left of a trained network's score where a search narrows it, over seeds.

    python -m benchmarks.narrowing benchmarks/configs/camvid_road_search.yaml data.root=SHARED/data/camvid_road \
        --instructions 800000 --json benchmarks/results/narrowing.json

The network is the one that a family is known for, of Fast_U the model of that name. It is trained with every seed,
and each of these is narrowed to the instructions as a search does it (`search.narrowed`). Scores are those of float
networks on val. Rows that the JSON file holds already are not made again.
"""

import argparse
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import process_time
from typing import cast

from benchmarks.lib.resume import Row, rows_of
from benchmarks.tables.narrowing import Row as NarrowingRow
from benchmarks.tables.narrowing import narrowing_table
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.errors import EdgeNasError
from edge_nas.search.costing import predicted_on
from edge_nas.search.narrowing import Narrowing
from edge_nas.search.space import FAMILIES
from edge_nas.search.training import Training, signature_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains, narrows, and prints a Markdown table."""
    options = _parse(arguments)
    rows: list[Row] = []
    for seed in options.seeds:
        config = load_config(options.config, [*options.overrides, f"seed={seed}"])
        settings = {"train": config.train.to_data(), "prune": config.prune.to_data(), "data": config.data.to_data()}
        settings["data"]["root"] = None
        wanted = [
            {"family": options.family, "instructions": most, "seed": seed, "settings": settings}
            for most in options.instructions
        ]
        with tempfile.TemporaryDirectory() as folder:
            bench = _Bench(config, load_dataset(config.data, config.task), Path(folder), options.core)
            rows += rows_of(wanted, partial(_narrowed, bench), options.json, {"machine": machine_facts()})
        print(narrowing_table(cast(list[NarrowingRow], rows)), flush=True)


class _Bench:
    """One seed: its network is trained once."""

    def __init__(self, config: BuildConfig, dataset: Dataset, folder: Path, core: str) -> None:
        self.config, self.dataset, self.folder, self.core = config, dataset, folder, core
        self._trained: tuple[str, float, int] | None = None

    def trained(self, family: str) -> tuple[str, float, int]:
        """Returns the trained network's hash and score, and what it takes."""
        if self._trained is None:
            training = Training.of(self.config, self.folder)
            candidate = FAMILIES.get(family).known(signature_of(self.dataset))[0]
            result = training(training.trial(self.dataset.sha256, candidate, epochs=self.config.train.epochs))
            if result.weights_sha256 is None or result.score is None:
                raise EdgeNasError(f"{candidate.described}: {result.reason}")
            taken = predicted_on(self.core, self.config.quantize.scheme)(candidate).instructions
            self._trained = result.weights_sha256, result.score, taken
        return self._trained


def _narrowed(bench: _Bench, what: Row) -> Row:
    """Returns what a narrowing comes to."""
    weights, trained, taken = bench.trained(what["family"])
    narrowing = Narrowing.of(bench.config, bench.folder)
    start = process_time()
    result = narrowing(narrowing.narrow(bench.dataset.sha256, weights, what["instructions"], bench.core))
    if result.score is None or result.predicted is None:
        raise EdgeNasError(f"narrowed to {what['instructions']:,} instructions: {result.reason}")
    return {
        "trained": trained,
        "trained_instructions": taken,
        "narrowed": result.score,
        "narrowed_instructions": result.predicted.instructions,
        "seconds": process_time() - start,
    }


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("overrides", nargs="*", help="KEY=VALUE")
    parser.add_argument("--instructions", nargs="+", type=int, default=[800_000])
    parser.add_argument("--core", default="cortex-m4")
    parser.add_argument("--family", default="fast_u")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--json", type=Path, help="where rows are kept")
    return parser.parse_intermixed_args(arguments)


if __name__ == "__main__":
    main()
