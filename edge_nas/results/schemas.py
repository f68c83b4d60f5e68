"""The JSON schemas of what commands print, one file each beside this module, in `schemas/`.

`python -m edge_nas.results.schemas` writes them anew.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from edge_nas.results.answers import Answer, NoAnswer
from edge_nas.results.check import Check
from edge_nas.results.compare import Comparison
from edge_nas.results.doctor import Diagnosis
from edge_nas.results.init import Begun
from edge_nas.results.inspect import Inspection

ANSWERS: dict[str, type[Answer]] = {
    "check": Check,
    "compare": Comparison,
    "doctor": Diagnosis,
    "init": Begun,
    "inspect": Inspection,
}
"""Command -> what it answers."""
FOLDER = Path(__file__).parent / "schemas"


def schema_name(command: str) -> str:
    """Returns the name of the file that holds a command's schema."""
    return f"{command}.schema.json"


def shipped_schema(command: str) -> str:
    """Returns the text of the schema that is shipped for a command."""
    return resources.files("edge_nas.results").joinpath("schemas", schema_name(command)).read_text(encoding="utf-8")


def schema_text(command: str) -> str:
    """Returns the schema of what a command prints, its answer or that there is none, as it is to be shipped."""
    either: Any = ANSWERS[command] | NoAnswer
    adapter: TypeAdapter[Any] = TypeAdapter(either)
    schema = adapter.json_schema(mode="serialization") | {"title": f"edge-nas {command} --json"}
    return json.dumps(schema, indent=2) + "\n"


def write() -> None:
    """Writes the schema of every command."""
    FOLDER.mkdir(exist_ok=True)
    for command in ANSWERS:
        (FOLDER / schema_name(command)).write_text(schema_text(command), encoding="utf-8")


if __name__ == "__main__":
    write()
