"""Cycles by the published timings of cores, and what published rows of MLPerf Tiny make of them on boards.

    python -m benchmarks.cycles --networks 24 --json benchmarks/results/cycles.json
    python -m benchmarks.cycles --calibrate

Each core's networks are compiled and run on the emulated core, and every executed instruction is given the cycles that
the core's manual says (`edge_nas.emulation.timing`), every load from flash its bytes. `--calibrate` fits both to the
loops of every kernel and writes edge_nas/costs/paces/CORE.json: to be done when a kernel's C has changed, which a test
tells; with `--changed` only such kernels are fitted anew, from the networks that have them. The networks that errors
are told of are others. Without --networks only the rows and what boards take from them are printed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lib.counting import prepare
from benchmarks.lib.networks import random_network
from benchmarks.lib.paces import calibrating, errors_of, kept_paces, paces_of, timed
from benchmarks.lib.script import run_script
from benchmarks.tables.cycles import paces_table, published_table
from benchmarks.tables.published import (
    CMSIS_NN_ON_M4,
    CUBE_ON_M4,
    CUBE_ON_M7,
    error_percent,
    fit_of,
    ratio_of,
    table_factor,
)
from edge_nas.core.atomic import write_json
from edge_nas.costs.paces import paces_of_core
from edge_nas.emulation.cores import EmulatedCore, find_core
from edge_nas.emulation.timing import TABLES

PACES = Path(__file__).parents[1] / "edge_nas" / "costs" / "paces"
_CALIBRATED = ("cortex-m0plus", "cortex-m4")
"""Of the cores with published timings those that boards have."""
_TOLD_EVERY = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints Markdown tables."""
    options = _parse(arguments)
    cores = [find_core(name) for name in options.cores]
    if options.calibrate:
        for core in cores:
            _calibrate(core, options)
    if options.networks:
        rows = []
        for core in cores:
            judged = [timed(core, prepare(random_network(seed))) for seed in range(options.networks)]
            rows.append(errors_of(core, judged))
            print(f"{core.name}: judged", file=sys.stderr, flush=True)
        if options.json:
            write_json(options.json, {"rows": rows})
        print(paces_table(rows))
    print(published_table())
    fit, ratio = fit_of(CMSIS_NN_ON_M4), ratio_of(CUBE_ON_M7, CUBE_ON_M4)
    factor, error = table_factor(fit, "cortex-m4"), error_percent(fit, "cortex-m4")
    print(f"Cortex-M4: {factor:.2f} times the manual's cycles and {fit.cycles_per_flash_byte:.2f} for each byte from "
          f"flash, within {error:.0f} %")  # fmt: skip
    print(f"Cortex-M7: {factor * ratio.mean:.2f} times the Cortex-M4's manual and "
          f"{fit.cycles_per_flash_byte * ratio.mean:.2f} for each byte from flash, within "
          f"{error_percent(fit, 'cortex-m4', ratio):.0f} %")  # fmt: skip


def _calibrate(core: EmulatedCore, options: argparse.Namespace) -> None:
    """Writes the paces that fit what networks took on a core."""
    kept = kept_paces(core) if options.changed else None
    networks = []
    for network in calibrating(options.calibrated, core, kept.kernels if kept is not None else ()):
        networks.append(timed(core, network))
        if len(networks) % _TOLD_EVERY == 0:
            print(f"{core.name}: {len(networks)} networks executed", file=sys.stderr, flush=True)
    write_json(PACES / f"{core.name}.json", paces_of(core, networks, kept).to_data())
    paces_of_core.cache_clear()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cores", nargs="+", choices=list(TABLES), default=list(_CALIBRATED), metavar="CORE")
    parser.add_argument("--networks", type=int, default=0, help="how many are judged on each core (default: none)")
    parser.add_argument("--calibrate", action="store_true", help="write edge_nas/costs/paces first")
    parser.add_argument(
        "--changed", action="store_true", help="with --calibrate: kernels with the same C stay as they are"
    )
    parser.add_argument(
        "--calibrated", type=int, default=40, help="networks of common families to calibrate with (default: 40)"
    )
    parser.add_argument("--json", type=Path, help="where the errors go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_script(main)
