"""The C of every kernel is C++ as well, and free of warnings of compilers that no other test compiles with."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from codegraphs import Case, write_merged
from int8graphs import KINDS, random_graph
from int8graphs.recurrent import lstm_graph, svdf_graph
from int8graphs.shorts import SHORT_KINDS, short_graph

from edge_nas.codegen import compile_tflite, write_compiled

pytestmark = pytest.mark.mcu

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only")
LANGUAGES = {
    "gcc": ("-std=c99",),
    "g++": ("-std=c++11", "-x", "c++"),
    "clang": ("-std=c99",),
    "clang++": ("-std=c++11", "-x", "c++"),
}


def networks() -> Iterator[bytes]:
    """Yields a network for each kind of operator."""
    yield from (random_graph(1, (kind,), single=True).data for kind in KINDS)
    yield from (short_graph(1, [kind]).data for kind in SHORT_KINDS)
    yield from (svdf_graph(1, state).data for state in ("int8", "int16"))
    yield lstm_graph(1).data


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The C of all of them as one file, which takes a tenth of the time, and one network as it is written."""
    folder = tmp_path_factory.mktemp("languages")
    every = [compile_tflite(data) for data in networks()]
    write_merged([Case(compiled, np.zeros((1, 1), np.int8)) for compiled in every], folder)
    write_compiled(every[-1], folder / "lstm")
    return folder / "merged.c", folder / "lstm" / "edge_model.c"


@pytest.mark.parametrize("compiler", LANGUAGES)
def test_the_c_has_no_warning(compiler: str, sources: tuple[Path, ...]) -> None:
    command = [compiler, *LANGUAGES[compiler], *WARNINGS, *map(str, sources)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[:2000]
