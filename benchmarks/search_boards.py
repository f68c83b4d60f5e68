"""What one search finds for every board at once: a front for each, from the same trainings.

    python -m benchmarks.search_boards benchmarks/configs/camvid_road_search.yaml data.root=DIR --time 38m

That is `edge-nas search --board all`. Costs are those of the generated C as counted on each board's core, and every
network was proven byte for byte there. Scores are those of int8 files on val by the reference kernels, which chose the
networks. The search is kept in --out, so that the same command goes on; results are printed as a Markdown table and
written as JSON.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lib.searching import timed
from benchmarks.tables.search_boards import Row, boards_table
from edge_nas.boards import load_board
from edge_nas.cli.search import seconds_of
from edge_nas.core.atomic import make_folder, write_json
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.results.front import FrontNetwork
from edge_nas.runs.progress import Silent
from edge_nas.search.command import run_search, workforce_of
from edge_nas.search.limits import Limits
from edge_nas.search.request import ALL_BOARDS, Request


def main(arguments: Sequence[str] | None = None) -> None:
    """Searches, and prints the table."""
    options = _parse(arguments)
    config = load_config(options.config, options.overrides)
    run, seconds = options.out / "search", seconds_of(options.time)
    request = Request((ALL_BOARDS,), Limits(instructions=options.limit), time_s=seconds)
    with workforce_of(options.executor) as workforce:
        front, took = timed(run, lambda: run_search(config, request, run, workforce, Silent()))
    rows = [row_of(network) for network in front.networks]
    print(boards_table(rows))
    print(f"\n{len(rows)} entries in {'parts' if took is None else f'{took / 60:.1f} minutes'}")
    make_folder(options.out)
    facts = {"limit": options.limit, "time_s": seconds, "seconds": took, "machine": machine_facts()}
    write_json(options.out / "search_boards.json", {**facts, "rows": rows})


def row_of(network: FrontNetwork) -> Row:
    """Returns a network of a front as a row."""
    return Row(
        board=network.board,
        core=str(load_board(network.board).emulated_core),
        score=network.score,
        instructions=network.instructions,
        flash_bytes=network.flash_bytes,
        ram_bytes=network.ram_bytes,
    )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("overrides", nargs="*", help="KEY=VALUE")
    parser.add_argument("--limit", type=int, default=8_000_000, help="instructions, on every board")
    parser.add_argument("--time", default="38m", help="of the search")
    parser.add_argument("--executor", default="local")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmark-search-boards"))
    return parser.parse_intermixed_args(arguments)


if __name__ == "__main__":
    main()
