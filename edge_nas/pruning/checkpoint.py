"""How far a schedule of several removals has come, on the disk: an interrupted one goes on after its last step."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import tf_keras
from pydantic import ValidationError

from edge_nas.core import atomic
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_file
from edge_nas.errors import EdgeNasError
from edge_nas.models.files import load_model, save_model
from edge_nas.pruning.gate import Gate
from edge_nas.results.prune import PruningPlan
from edge_nas.results.train import EpochRecord

RECORD = "step.json"


class Reached(NamedTuple):
    """What the first `steps` removals of a schedule came to.

    `network`: repaired, and tuned where another removal follows. `plan`: from the first network to this one.
    `history`: the epochs between the steps. `gate`: of the step that came nearest to what is allowed.
    """

    steps: int
    network: tf_keras.Model
    plan: PruningPlan
    history: tuple[EpochRecord, ...]
    gate: Gate


class StepRecord(Frozen):
    """A finished step, as `step.json` holds it; `network_sha256` is the hash of the network's file beside it."""

    schema_version: int = 1
    steps: int
    network_sha256: str
    plan: PruningPlan
    history: tuple[EpochRecord, ...]
    difference: float
    allowed: float


class Checkpoint:
    """The last finished step, in a folder that outlives an interruption.

    `step_2.npz` is written first and `step.json`, which holds its hash, last: whatever kills the process in between,
    the step before is still whole.

    Args:
        folder: only ever used under the same settings, data and versions.
        warn: told of a file that is not the one that was written.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def load(self) -> Reached | None:
        """Returns the last finished step; None where none is, or where its files are damaged."""
        if not (self._folder / RECORD).exists():
            return None
        try:
            record = StepRecord.model_validate_json((self._folder / RECORD).read_bytes(), strict=True)
            path = self._network(record.steps)
            if sha256_file(path) != record.network_sha256:
                raise ValueError(f"{path.name} is not the file that was written (its SHA-256 differs)")
            network = load_model(path)
        except (ValidationError, ValueError, OSError, EdgeNasError) as error:
            first = str(error).splitlines()[0]
            self._warn(f"{self._folder / RECORD}: {first}; pruning starts again from its first step")
            return None
        gate = Gate(record.difference, record.allowed)
        return Reached(record.steps, network, record.plan, record.history, gate)

    def save(self, reached: Reached) -> None:
        """Stores a finished step in place of the one before.

        Raises:
            ResourceError: the disk is full or read-only.
        """
        path = self._network(reached.steps)
        save_model(reached.network, path)
        record = StepRecord(
            steps=reached.steps,
            network_sha256=sha256_file(path),
            plan=reached.plan,
            history=reached.history,
            difference=reached.gate.difference,
            allowed=reached.gate.allowed,
        )
        atomic.write_json(self._folder / RECORD, record.to_data())
        for other in self._folder.glob("step_*.npz"):
            if other != path:
                atomic.remove(other)

    def _network(self, steps: int) -> Path:
        return self._folder / f"step_{steps}.npz"
