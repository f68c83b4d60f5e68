"""The C of every kernel is C++ as well, and free of warnings of compilers that no other test compiles with."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from int8graphs import KINDS, random_graph
from int8graphs.recurrent import lstm_graph, svdf_graph
from int8graphs.shorts import SHORT_KINDS, short_graph

from edge_nas.codegen import compile_tflite

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only")
LANGUAGES = {
    "g++": ("-std=c++11", "-x", "c++"),
    "clang": ("-std=c99", "-x", "c"),
    "clang++": ("-std=c++11", "-x", "c++"),
}


def networks() -> Iterator[tuple[str, bytes]]:
    """Yields a network for each kind of operator, with its name."""
    yield from ((kind, random_graph(1, (kind,), single=True).data) for kind in KINDS)
    yield from ((f"{kind} on int16", short_graph(1, [kind]).data) for kind in SHORT_KINDS)
    yield from ((f"SVDF of {state}", svdf_graph(1, state).data) for state in ("int8", "int16"))
    yield "LSTM", lstm_graph(1).data


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for name, data in networks():
        made[name] = tmp_path_factory.mktemp("language")
        for file in compile_tflite(data).files:
            (made[name] / file.name).write_text(file.text, encoding="utf-8")
    return made


@pytest.mark.parametrize("compiler", LANGUAGES)
def test_the_c_has_no_warning(compiler: str, folders: dict[str, Path]) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    complaints = []
    for name, folder in folders.items():
        command = [compiler, *LANGUAGES[compiler], *WARNINGS, "edge_model.c"]
        finished = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if finished.returncode:
            complaints.append(f"{name}: {finished.stderr[:500]}")
    assert not complaints, "\n".join(complaints)
