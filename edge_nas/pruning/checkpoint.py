"""How many rounds of removal are finished, on the disk: an interrupted build goes on after the last of them."""

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

RECORD = "round.json"


class FinishedRounds(NamedTuple):
    """What the first `rounds` removals came to.

    `network`: repaired, and tuned where another removal follows. `plan`: from the first network to this one.
    `history`: the epochs between the rounds. `gate`: of the round that came nearest to what is allowed.
    """

    rounds: int
    network: tf_keras.Model
    plan: PruningPlan
    history: tuple[EpochRecord, ...]
    gate: Gate


class RoundRecord(Frozen):
    """The finished rounds, as `round.json` holds them; `network_sha256` is the hash of the network's file beside it."""

    schema_version: int = 1
    rounds: int
    network_sha256: str
    plan: PruningPlan
    history: tuple[EpochRecord, ...]
    difference: float
    allowed: float


class Checkpoint:
    """The last finished round, in a folder that outlives an interruption.

    `round_2.npz` is written first and `round.json`, which holds its hash, last: whatever kills the process in between,
    the round before is still whole.

    Args:
        folder: only ever used under the same settings, data and versions.
        warn: told of a file that is not the one that was written.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def load(self) -> FinishedRounds | None:
        """Returns the last finished round; None where none is, or where its files are damaged."""
        if not (self._folder / RECORD).exists():
            return None
        try:
            record = RoundRecord.model_validate_json((self._folder / RECORD).read_bytes(), strict=True)
            path = self._network(record.rounds)
            if sha256_file(path) != record.network_sha256:
                raise ValueError(f"{path.name} is not the file that was written (its SHA-256 differs)")
            network = load_model(path)
        except (ValidationError, ValueError, OSError, EdgeNasError) as error:
            reason = str(error).splitlines()[0]
            self._warn(f"{self._folder / RECORD}: {reason}; pruning starts again from its first round")
            return None
        gate = Gate(record.difference, record.allowed)
        return FinishedRounds(record.rounds, network, record.plan, record.history, gate)

    def save(self, finished: FinishedRounds) -> None:
        """Stores a finished round in place of the one before.

        Raises:
            ResourceError: the disk is full or read-only.
        """
        path = self._network(finished.rounds)
        save_model(finished.network, path)
        record = RoundRecord(
            rounds=finished.rounds,
            network_sha256=sha256_file(path),
            plan=finished.plan,
            history=finished.history,
            difference=finished.gate.difference,
            allowed=finished.gate.allowed,
        )
        atomic.write_json(self._folder / RECORD, record.to_data())
        # The record names this file: those of earlier rounds are of no use any more.
        for other in self._folder.glob("round_*.npz"):
            if other != path:
                atomic.remove(other)

    def _network(self, rounds: int) -> Path:
        return self._folder / f"round_{rounds}.npz"
