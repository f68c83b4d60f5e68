"""A pipe that nobody writes is refused at once, whatever argument names it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

LIMIT_S = 60
"""Of a command; a wait for the pipe would have no end."""


def ended(arguments: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "edge_nas", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_S)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["build", "pipe.yaml"], 2),
        (["check", "pipe.yaml"], 2),
        (["boards", "pipe.yaml"], 2),
        (["check", "deploy.board=pipe.yaml"], 2),
        (["check", "task=classification", "data.source=npz", "data.root=arrays"], 3),
    ],
    ids=str,
)
def test_a_pipe(arguments: list[str], code: int, tmp_path: Path) -> None:
    (tmp_path / "arrays").mkdir()
    for name in ("pipe.yaml", "arrays/train.npz", "arrays/val.npz"):
        os.mkfifo(tmp_path / name)
    told = ended(arguments, tmp_path)
    assert told.returncode == code, told.stderr
    assert "it is a folder, a pipe or a device, not a file" in told.stderr


def test_a_pipe_for_groups(tmp_path: Path) -> None:
    for split in ("train", "val"):
        for kind, image in (("img", np.zeros((8, 8, 3), np.uint8)), ("mask", np.eye(8, dtype=np.uint8))):
            folder = tmp_path / "set" / split / kind
            folder.mkdir(parents=True)
            Image.fromarray(image).save(folder / "a.png")
    os.mkfifo(tmp_path / "set" / "train" / "groups.csv")
    told = ended(["check", "data.source=folder", "data.root=set", "data.input_shape=[8,8,3]"], tmp_path)
    assert told.returncode == 3, told.stderr
    assert "groups.csv" in told.stderr
    assert "a pipe or a device" in told.stderr
