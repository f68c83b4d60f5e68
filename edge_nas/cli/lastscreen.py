"""What a build says at its end: twelve lines at most, one board, and what to do next.

    lanes       2 min 00 s, all gates met
    test mIoU   0.921 int8; 0.903 trained, 0.585 mean mask
    network     12,920 -> 3,519 params, 5.93 M -> 1.97 M MACs
    nrf52840    fits: SRAM 16.8 of 256 KiB, flash 16.5 of 1,024 KiB
    time        ~53 ms per inference (an estimate, 2.29 M instructions)
    proof       every byte equal: C on 1,000 inputs here, on 10 on each of 7 cores
    report      runs/lanes/report.html
    bundle      runs/lanes/09_deploy/bundle
    test it     cmake -S runs/lanes/09_deploy/bundle -B build -DEDGE_SELF_TEST=ON && ...

The tables of all networks, cores and runtimes are in the report, and here with --verbose.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from edge_nas.cli.columns import show
from edge_nas.core.formats import count, estimate_error, score
from edge_nas.results.result import DeploymentResult, Proof, Result, ResultEvaluation
from edge_nas.runs.names import REPORT, RESULT

_LABEL = 12
"""Characters of the first column at least; a task's score or a board can have a longer name."""


def print_last_screen(result: Result, run: Path) -> None:
    """Prints what a build came to; what it has not got to is left out."""
    said = list(lines(result, run))
    # The first line's label is the run's name, however long; it moves no column.
    width = max([_LABEL, *(len(label) + 2 for label, _ in said[1:])])
    for label, text in said:
        show(label, text, width=width)


def lines(result: Result, run: Path) -> Iterator[tuple[str, str]]:
    """Yields what a line is about, and the line."""
    yield result.name or run.name, f"{duration(sum(stage.seconds for stage in result.stages.values()))}, {_end(result)}"
    yield from _score(result.evaluation)
    yield from _network(result)
    if result.deployment is not None:
        yield from _board(result.deployment, result)
    if result.proof is not None:
        yield "proof", proof_text(result.proof)
    if (run / REPORT).exists():
        yield "report", str(run / REPORT)
    elif (run / RESULT).exists():
        yield "result", str(run / RESULT)
    if result.deployment is not None:
        yield "bundle", str(run / result.deployment.folder)
        yield "test it", self_test_command(run / result.deployment.folder)


def self_test_command(bundle: Path) -> str:
    """Returns what runs a bundle's self-test on this machine."""
    folder = shlex.quote(str(bundle))
    return f"cmake -S {folder} -B build -DEDGE_SELF_TEST=ON && cmake --build build && build/edge_self_test"


def duration(seconds: float) -> str:
    """Returns a duration as a person says it."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _end(result: Result) -> str:
    """Returns whether all gates are met; of a part of the stages, up to which."""
    if result.deployment is not None and not result.deployment.fits:
        return f"but it DOES NOT FIT {result.deployment.board}"
    if "report" in result.stages:
        return "all gates met"
    return f"up to {list(result.stages)[-1]}, all gates met so far" if result.stages else "nothing was run"


def _score(evaluation: ResultEvaluation) -> Iterator[tuple[str, str]]:
    named = {name: getattr(evaluation, name) for name in ("int8", "pruned", "repaired", "trained")}
    known = {name: metrics for name, metrics in named.items() if metrics is not None}
    if not known:
        return
    newest, metrics = next(iter(known.items()))
    beside = [("trained", known["trained"])] if newest != "trained" else []
    # The last of the trivial predictors is the one to beat.
    beside += [(key.replace("_", " "), baseline) for key, baseline in list((evaluation.baselines or {}).items())[-1:]]
    others = ", ".join(f"{score(other.primary)} {name}" for name, other in beside)
    yield f"{evaluation.split} {metrics.heading}", f"{score(metrics.primary)} {newest}; {others}".rstrip("; ")


def _network(result: Result) -> Iterator[tuple[str, str]]:
    before, after = result.cost.trained, result.cost.deployed
    if before is None:
        return
    if after is None:
        yield "network", f"{before.params:,} params, {count(before.macs)} MACs"
        return
    yield (
        "network",
        f"{before.params:,} -> {after.params:,} params, {count(before.macs)} -> {count(after.macs)} MACs",
    )


def _board(deployment: DeploymentResult, result: Result) -> Iterator[tuple[str, str]]:
    memories = (
        ("SRAM", deployment.ram_bytes, deployment.ram_available_bytes),
        ("flash", deployment.flash_bytes, deployment.flash_available_bytes),
    )
    needs = ", ".join(f"{name} {of_memory(needed, there)}" for name, needed, there in memories)
    yield deployment.board, f"{'fits' if deployment.fits else 'DOES NOT FIT'}: {needs}"
    if deployment.latency_estimate_ms is not None:
        error = estimate_error(deployment.latency_error_percent)
        yield "time", f"~{deployment.latency_estimate_ms:.3g} ms per inference (an estimate, {error})"
    elif result.cores and not any(core.instructions for core in result.cores.values()):
        yield "time", "not known: no core could be emulated; edge-nas doctor says what is missing"


def of_memory(needed: int, there: int | None) -> str:
    """Returns how much is needed of what is there."""
    return f"{needed / 1024:,.1f} KiB" if there is None else f"{needed / 1024:,.1f} of {there / 1024:,.0f} KiB"


def proof_text(proof: Proof) -> str:
    """Returns on what the C was held equal; where nothing was there to run it, that."""
    here = f"C on {proof.host_inputs:,} inputs here" if proof.host_inputs else ""
    which = proof.cores[0] if len(proof.cores) == 1 else f"each of {len(proof.cores)} cores"
    cores = f"on {proof.core_inputs} on {which}" if proof.cores else ""
    if not here and not cores:
        return "none: neither gcc nor an emulator is installed; edge-nas doctor says what brings them"
    return f"every byte equal: {', '.join(filter(None, (here, cores)))}"
