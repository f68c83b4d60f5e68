"""Writes the README's table of the presets that are no RGB pictures, from a finished build of each.

python -m tools.readme_presets runs/motion_128x3 runs/keywords_49x10 runs/grey_96x96
"""

import argparse
from pathlib import Path

from edge_nas.core.atomic import write_text
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError
from edge_nas.results.result import Result
from edge_nas.runs.folder import read_config

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- presets: begin, written by tools/readme_presets.py -->"
END = "<!-- presets: end -->"
CORE = "cortex-m4"
HEADINGS = (
    "preset",
    "a sample",
    "trivial",
    "trained, float",
    "**int8, as shipped**",
    "params, before and after",
    "MACs, before and after",
    f"{CORE}: instructions",
    "flash bytes",
    "RAM bytes",
)


def main() -> None:
    """Rewrites README.md between its markers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+")
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = [row(run) for run in parser.parse_args().runs]
    write_text(readme, f"{before}{BEGIN}\n{table(rows)}\n{END}{after}")


def table(rows: list[tuple[str, ...]]) -> str:
    """Returns rows as Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def row(run: Path) -> tuple[str, ...]:
    """Returns the cells of a finished build, in the order of `HEADINGS`; scores are percentages of accuracy."""
    result, config = Result.read(run / "result.json"), read_config(run)
    scores, trained, deployed = result.evaluation, result.cost.trained, result.cost.deployed
    core = result.cores.get(CORE)
    if scores.baselines is None or trained is None or deployed is None or core is None or not core.bytes_equal:
        raise ConfigError(f"{run} is not finished, or its C was not run on {CORE}; build it first")
    dataset = load_dataset(config.data, config.task)
    trivial = max(metrics.primary or 0.0 for metrics in scores.baselines.values())
    accuracies = [metrics.primary if metrics else None for metrics in (scores.trained, scores.int8)]
    return (
        f"`{config.name}`",
        f"{dataset.format.described}, {len(dataset.task.card.classes) if dataset.task.card else 0} classes",
        f"{100 * trivial:.1f}",
        *(f"{100 * (accuracy or 0.0):.1f}" for accuracy in accuracies),
        f"{trained.params:,} → {deployed.params:,}",
        f"{trained.macs / 1e6:.2f} M → {deployed.macs / 1e6:.2f} M",
        f"{core.instructions:,}",
        f"{core.flash_bytes:,}",
        f"{core.ram_bytes:,}",
    )


if __name__ == "__main__":
    main()
