"""What a search finds under limits of instructions, beside hand-made networks and random draws with the same recipe.

    python -m benchmarks.search benchmarks/configs/camvid_road_search.yaml data.root=DIR --time 60m
    python -m benchmarks.search ... --limits 1600000 --arms search --time 20m
    python -m benchmarks.search benchmarks/configs/carrot_veg_search.yaml data.root=DIR --limit-of-model --time 8m

For each limit the arm "search" is `edge-nas search --time`, and "search on a group" the same that scores on a group of
groups.csv, which it does not train on; "one front" is what a single search under the highest limit
has for each, in the time that `--front-time` gives it; "random draws" is what another one has that trains draws to the
end, without halving, for as long as "one front" trained and narrowed; "hand-made" is the largest Fast_U of HAND_MADE
that keeps the limit; "model" is the network that the configuration names, whole. `--limit-of-model` searches under what
that takes. The network with the best score on val of each is then trained, narrowed where it was, and finished anew
with every seed: the score that it was chosen by is no measure of it, and with the search's own seed, 0, it would come
out again to the last bit. `--grouped` trains it once more for each group of groups.csv, held out of training, and
scores it on that group. Costs are those of the generated C as counted on the board's core. Searches and finished
networks are kept in --out, so that the same command goes on; results are printed as a Markdown table and written as
JSON.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.lib.searching import plan_without_halving, timed
from benchmarks.tables.search import ARMS, ON_GROUP, Row, search_table
from edge_nas.boards import Board, load_board
from edge_nas.cli.search import seconds_of
from edge_nas.core.atomic import make_folder, write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.errors import EdgeNasError
from edge_nas.results.search import SearchStory
from edge_nas.runs.names import SEARCH
from edge_nas.runs.progress import Silent
from edge_nas.search.command import run_search, workforce_of
from edge_nas.search.coordinator import Coordinator, Work
from edge_nas.search.costing import predicted_on
from edge_nas.search.families.own_model import OWN_MODEL, OwnModel
from edge_nas.search.final import FinalResult
from edge_nas.search.finishing import Finishing, failed_final
from edge_nas.search.journal import JOURNAL, Journal
from edge_nas.search.limits import Limits
from edge_nas.search.narrowing import Narrowing, NarrowResult, failed_narrow
from edge_nas.search.publishing import STORY
from edge_nas.search.request import Boards, Request
from edge_nas.search.space import FAMILIES, Candidate, Decision
from edge_nas.search.training import Training, signature_of
from edge_nas.search.whole import MODELS, WEIGHTS, Workforce, search

LIMITS = (800_000, 1_600_000, 3_300_000, 8_000_000)
HAND_MADE = {
    "8-12-16-24, depth 1": ((8, 12, 16, 24), 1),
    "8-16-24-32, depth 1": ((8, 16, 24, 32), 1),
    "12-20-32-40, depth 1": ((12, 20, 32, 40), 1),
    "12-20-32-40, depth 2": ((12, 20, 32, 40), 2),
    "16-24-32-48, depth 2": ((16, 24, 32, 48), 2),
    "20-32-48-64, depth 2": ((20, 32, 48, 64), 2),
    "24-40-64-96, depth 2": ((24, 40, 64, 96), 2),
    "24-64-96-96, depth 3": ((24, 64, 96, 96), 3),
}
"""Widths from half resolution down and blocks a level, as in `edge_nas/models/fast_u.py`; a little below each of the
limits there is one."""


@dataclass(frozen=True)
class Bench:
    """What all searches and trainings of a benchmark share."""

    config: BuildConfig
    dataset: Dataset
    repeats: Sequence["Repeat"]
    board: Board
    core: str
    out: Path
    workforce: Workforce
    seconds: float
    front_seconds: float
    search_group: str | None = None
    highest: int = 0


@dataclass(frozen=True)
class Repeat:
    """One training of a found network: with the seed of `config`, scored on val or on a group held out of training."""

    group: str | None
    config: BuildConfig
    dataset: Dataset


@dataclass(frozen=True)
class Winner:
    """The network of an arm.

    Attributes:
        candidate: what is trained.
        narrowings: to which it is narrowed afterwards, one after the other: cores and instructions.
        search_group: on which that search scored networks; None: on val.
        as_found: its score in the arm's search, which chose it.
        found: networks on that search's front.
        seconds: that it took; None: it was ended and went on.
    """

    candidate: Candidate
    narrowings: tuple[tuple[str, int], ...] = ()
    search_group: str | None = None
    as_found: float | None = None
    found: int | None = None
    seconds: float | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Searches, trains what is asked for, and prints the table."""
    options = _parse(arguments)
    config = load_config(options.config, options.overrides)
    dataset = load_dataset(config.data, config.task)
    board = load_board(options.board)
    with workforce_of(options.executor) as workforce:
        bench = Bench(
            config=config,
            dataset=dataset,
            repeats=_repeats(config, dataset, options.seeds, grouped=options.grouped),
            board=board,
            core=str(board.emulated_core),
            out=options.out,
            workforce=workforce,
            seconds=seconds_of(options.time),
            front_seconds=seconds_of(options.front_time),
            search_group=options.search_group,
        )
        limits = [_of_model(bench)] if options.limit_of_model else options.limits
        bench = replace(bench, highest=max(limits))
        rows: list[Row] = []
        for limit in limits:
            for arm in ("search", "model") if options.limit_of_model else options.arms:
                winner = _winner(bench, arm, limit)
                if winner is not None:
                    rows += _rows(bench, arm, limit, winner)
                    print(search_table(rows), flush=True)
    report = {
        "config": config.to_data() | {"data": config.data.to_data() | {"root": None}},
        "board": board.name,
        "time_s": bench.seconds,
        "machine": machine_facts(),
        "rows": rows,
    }
    make_folder(options.out)
    write_json(options.out / "search.json", report)


def _repeats(config: BuildConfig, dataset: Dataset, seeds: Sequence[int], *, grouped: bool) -> list[Repeat]:
    """Returns a training on train with every seed, and where that is asked for, one without each of its groups."""
    seeded = [config.model_copy(update={"seed": seed}) for seed in seeds]
    repeats = [Repeat(None, each, dataset) for each in seeded]
    for group in sorted(set(dataset.train.groups or ())) if grouped else ():
        data = config.data.model_copy(update={"holdout_group": group})
        without = load_dataset(data, config.task)
        repeats += [Repeat(group, each.model_copy(update={"data": data}), without) for each in seeded]
    return repeats


def _winner(bench: Bench, arm: str, limit: int) -> Winner | None:
    """Returns the best network of an arm under a limit; None where no hand-made one keeps it."""
    if arm == ON_GROUP:
        run, on_group = bench.out / f"search-{limit}-{bench.search_group}", _on_group(bench)
        return _best(
            on_group, run, Request((bench.board.name,), Limits(instructions=limit), time_s=bench.seconds), limit
        )
    if arm == "hand-made":
        candidate = _hand_made(bench, limit)
        return None if candidate is None else Winner(candidate)
    if arm == "model":
        return Winner(_model(bench))
    boards, highest = (bench.board.name,), Limits(instructions=bench.highest)
    if arm == "one front":
        # Networks of the highest limit are as large as one trains; what is narrowed begins there.
        request = Request(boards, highest, time_s=bench.front_seconds)
        return _best(_with(bench, oversize=1.0), bench.out / "front", request, limit)
    if arm == "random draws":
        plan = plan_without_halving(bench.out / "front", bench.config.train.epochs, narrows=False)
        return _best(bench, bench.out / "random-draws", Request(boards, highest, plan=plan), limit)
    request = Request(boards, Limits(instructions=limit), time_s=bench.seconds)
    return _best(bench, bench.out / f"search-{limit}", request, limit)


def _on_group(bench: Bench) -> Bench:
    """Returns a bench whose searches score on its group, without having trained on it."""
    data = bench.config.data.model_copy(update={"holdout_group": bench.search_group})
    config = bench.config.model_copy(update={"data": data})
    return replace(bench, config=config, dataset=load_dataset(data, config.task))


def _with(bench: Bench, **settings: float) -> Bench:
    """Returns a bench with other settings of the search."""
    searched = bench.config.search.model_copy(update=settings)
    return replace(bench, config=bench.config.model_copy(update={"search": searched}))


def _best(bench: Bench, run: Path, request: Request, limit: int) -> Winner:
    """Returns the network with the best score of those on a search's front that keep a limit as counted."""
    front, seconds = timed(run, lambda: run_search(bench.config, request, run, bench.workforce, Silent()))
    story = SearchStory.read(run / SEARCH / STORY)
    keeping = [network for network in front.networks if network.instructions <= limit]
    if not keeping:
        raise EdgeNasError(f"{run}: no network of the front takes {limit:,} instructions or fewer")
    best = max(keeping, key=lambda network: network.score)
    placement = next(placement for placement in story.placements if placement.id == best.id)
    candidate, narrowings = _made_of(bench, request, run, placement.final)
    group = bench.config.data.holdout_group
    return Winner(candidate, narrowings, group, best.score, len(front.networks), seconds)


def _hand_made(bench: Bench, limit: int) -> Candidate | None:
    """Returns the hand-made network with the most predicted instructions that keeps a limit."""
    cost_of = predicted_on(bench.core, bench.config.quantize.scheme)
    made = [_fast_u(bench, widths, depth) for widths, depth in HAND_MADE.values()]
    costs = {candidate: cost_of(candidate).instructions for candidate in made}
    return max((each for each in made if costs[each] <= limit), key=lambda each: costs[each], default=None)


def _of_model(bench: Bench) -> int:
    """Returns the instructions of the network that the configuration names."""
    return max(row["instructions"] for row in _rows(bench, "model", 0, Winner(_model(bench))))


def _model(bench: Bench) -> Candidate:
    """Returns the network that the configuration names as a candidate that keeps all of its channels and blocks."""
    (whole,) = _own(bench).known(signature_of(bench.dataset))
    return whole


def _own(bench: Bench) -> OwnModel:
    return OwnModel(bench.config.model, bench.dataset.task, bench.config.prune)


def _fast_u(bench: Bench, widths: Sequence[int], depth: int) -> Candidate:
    """Returns a Fast_U of three levels: kernels of 3, skips added, logits at half of the input's resolution."""
    decided: dict[str, Decision] = {"stem": widths[0], "levels": len(widths) - 1, "skip": "add", "logits": 2}
    for level, width in enumerate(widths[1:], 1):
        decided |= {f"width_{level}": width, f"depth_{level}": depth, f"kernel_{level}": 3}
        decided |= {f"residual_{level}": False}
    family, signature = FAMILIES.get("fast_u"), signature_of(bench.dataset)
    made: dict[str, Decision] = {"context": False}
    for choice in family.choices(signature):
        if choice.matters(made | decided):
            made[choice.name] = decided.get(choice.name, choice.values[0])
    ordered = {choice.name: made[choice.name] for choice in family.choices(signature) if choice.name in made}
    candidate = Candidate(family="fast_u", signature=signature, decisions=tuple(ordered.items()))
    family.check(candidate)
    return candidate


def _rows(bench: Bench, arm: str, limit: int, winner: Winner) -> list[Row]:
    """Returns the network of an arm trained and finished anew, as many at a time as there are workers."""
    with ThreadPoolExecutor(len(bench.repeats)) as waiting:
        return list(waiting.map(lambda repeat: _row(bench, arm, limit, winner, repeat), bench.repeats))


def _row(bench: Bench, arm: str, limit: int, winner: Winner, repeat: Repeat) -> Row:
    """Returns a network trained and finished anew."""
    config, dataset = repeat.config, repeat.dataset
    own = _own(bench) if winner.candidate.family == OWN_MODEL else None
    names = [f"seed{config.seed}", repeat.group, None if own is None else own.name]
    folder = bench.out / "-".join(["finished", *(name for name in names if name is not None)])
    training = Training.of(config, folder / WEIGHTS, own)
    finishing = Finishing.of(config, weights=folder / WEIGHTS, models=folder / MODELS)
    with Journal(folder / JOURNAL) as journal:
        identity = training.trial(dataset.sha256, winner.candidate, epochs=1).recipe_sha256
        coordinator = Coordinator(journal, bench.workforce.executor, training, identity)
        trial = training.trial(dataset.sha256, winner.candidate, epochs=config.train.epochs)
        (trained,) = coordinator.run([trial])
        if trained.weights_sha256 is None or trained.score is None:
            raise EdgeNasError(f"{winner.candidate.described}: {trained.reason}")
        weights, score = trained.weights_sha256, trained.score
        narrowing = Narrowing.of(config, folder / WEIGHTS)
        for asked in winner.narrowings:
            weights, score = _narrowed(coordinator, narrowing, dataset, weights, asked)
        final = finishing.final(dataset.sha256, weights, score, (bench.core,))
        (result,) = coordinator.work([final], Work("final", finishing, FinalResult.from_data, failed_final))
    if result.score is None:
        raise EdgeNasError(f"{winner.candidate.described}: {result.reason}")
    cost = result.cores[bench.core]
    return Row(
        arm=arm,
        limit=limit,
        group=repeat.group,
        seed=config.seed,
        network="; narrowed to ".join([winner.candidate.described, *(f"{asked:,}" for _, asked in winner.narrowings)]),
        score=result.score,
        search_group=winner.search_group,
        as_found=winner.as_found,
        instructions=cost.instructions,
        flash_bytes=cost.flash_bytes,
        ram_bytes=cost.ram_bytes,
        found=winner.found,
        seconds=winner.seconds,
    )


def _narrowed(
    coordinator: Coordinator, narrowing: Narrowing, dataset: Dataset, weights: str, asked: tuple[str, int]
) -> tuple[str, float]:
    """Returns weights and score of a trained network after it was narrowed."""
    core, instructions = asked
    job = narrowing.narrow(dataset.sha256, weights, instructions, core)
    (result,) = coordinator.work([job], Work("narrow", narrowing, NarrowResult.from_data, failed_narrow))
    if result.weights_sha256 is None or result.score is None:
        raise EdgeNasError(f"narrowed to {instructions:,} instructions: {result.reason}")
    return result.weights_sha256, result.score


def _made_of(bench: Bench, request: Request, run: Path, final: int) -> tuple[Candidate, tuple[tuple[str, int], ...]]:
    """Returns the candidate of a final, and to what it was narrowed; the search, known by now, proposes it again."""
    found = search(
        bench.config, Boards(request), bench.dataset, run / SEARCH, workforce=bench.workforce, progress=Silent()
    )
    finalist, _, _ = found.finals[final]
    fitting = (each.candidate for pool in found.pools for each in pool.fitting)
    return next(candidate for candidate in fitting if candidate.key == finalist.candidate), finalist.narrowings


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("overrides", nargs="*", help="KEY=VALUE")
    parser.add_argument("--board", default="stm32l4r5")
    parser.add_argument("--limits", nargs="+", type=int, default=list(LIMITS), help="instructions")
    parser.add_argument("--limit-of-model", action="store_true", help="one limit: what the configuration's model takes")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], help="of the final trainings")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS[:4]))
    parser.add_argument("--grouped", action="store_true", help="hold out each group of groups.csv in turn as well")
    parser.add_argument("--search-group", help=f"that searches of the arm {ON_GROUP!r} score on, and do not train on")
    parser.add_argument("--time", default="60m", help="of each search")
    parser.add_argument("--front-time", default="20m", help="of the one search of the arm one front")
    parser.add_argument("--executor", default="local")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmark-search"))
    options = parser.parse_intermixed_args(arguments)
    if (ON_GROUP in options.arms and not options.limit_of_model) != (options.search_group is not None):
        parser.error(f"--search-group goes with the arm {ON_GROUP!r}, that with it, and neither with --limit-of-model")
    return options


if __name__ == "__main__":
    main()
