"""`search/front.json`: the networks that a search found, a front for each board, for people's scripts.

`front.schema.json` beside this module is its JSON schema (`python -m edge_nas.results.front` prints it).
"""

import json
from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen


class FrontNetwork(Frozen):
    """One network on one board: no other one of the front is better in one figure and as good in all others.

    `runs/NAME/3` is the one with id 3 of the search in runs/NAME.
    """

    id: int = Field(ge=1, description="from 1, over all boards")
    board: str = Field(description="the board that instructions, flash and RAM are counted for")
    score: float = Field(le=1.0, description="the int8 file's primary score on val by the reference kernels, 0 to 1")
    instructions: int = Field(ge=0, description="of one inference of the generated C, counted on the board's core")
    flash_bytes: int = Field(ge=0, description="that the generated C adds to an image")
    ram_bytes: int = Field(ge=0, description="data and bss of the generated C, its arena included")
    model: str = Field(description="path of the int8 .tflite file, relative to the run")


class Front(Frozen):
    """All fronts of a search, those of a board together, the fewest instructions first."""

    schema_version: Literal[1] = 1
    networks: tuple[FrontNetwork, ...]


def schema_text() -> str:
    """Returns the JSON schema of `front.json`, as it is shipped."""
    return json.dumps(Front.model_json_schema(mode="serialization"), indent=2) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
