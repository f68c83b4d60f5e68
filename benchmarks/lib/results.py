"""The files of benchmarks/results: what was measured, as the scripts wrote it."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "results"


def read_results(name: str) -> Any:
    """Returns the content of results/NAME.json, plain data.

    Raises:
        OSError: there is no such file.
    """
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def read_rows(name: str) -> Any:
    """Returns the rows of results/NAME.json; what a row holds, the module of its table says."""
    return read_results(name)["rows"]
