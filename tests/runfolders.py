"""A stage of a run folder: finished with an output and two files, and read back."""

from pathlib import Path

from edge_nas.core.frozen import Frozen
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.record import Finished


class Out(Frozen):
    value: int
    shape: tuple[int, ...] = (1, 2)


def finish(run: RunFolder, value: int = 1, key: str = "key", **published: str) -> Finished[Out]:
    new = run.begin("01_train")
    (new / "model.npz").write_bytes(f"weights {value}".encode())
    (new / "logs").mkdir()
    (new / "logs" / "events").write_bytes(b"events")
    return run.finish(
        "01_train",
        Out(value=value),
        stage="train",
        key=key,
        seconds=1.5,
        versions={"numpy": "2"},
        published={name.replace("_", "."): target for name, target in published.items()},
    )


def load(run: RunFolder, key: str = "key") -> tuple[Out | None, list[str]]:
    warnings: list[str] = []
    found = run.load_finished("01_train", key, Out, warnings.append)
    return (None if found is None else found.output), warnings


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}
