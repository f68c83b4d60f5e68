"""The C that a run ships, read back from the run."""

import json
from pathlib import Path

from edge_nas.core.hashing import sha256_bytes
from edge_nas.errors import GateError
from edge_nas.results.compile import CompiledModel
from edge_nas.runs.names import STAGE
from edge_nas.runs.record import StageRecord

FOLDER = "06_compile"


def shipped_c(run: Path) -> CompiledModel | None:
    """Returns the generated C of a run; None where the run has not been compiled.

    Raises:
        GateError: the record cannot be read, or is not what was written, or its C is not that of the files.
    """
    path = run / FOLDER / STAGE
    if not path.is_file():
        return None
    try:
        record = StageRecord.read(path)
        compiled = CompiledModel.model_validate_json(json.dumps(record.output), strict=True)
    except (ValueError, OSError) as error:
        raise GateError(f"{path} cannot be read: {str(error).splitlines()[0]}; compile again") from error
    for file in compiled.files:
        if not sha256_bytes(file.text.encode("utf-8")) == file.sha256 == record.files.get(file.name):
            raise GateError(f"{path}: {file.name} in the record is not the file in the folder; compile again")
    return compiled
