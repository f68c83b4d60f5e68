import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tools.reading import Source, main, read_package

ROOT = Path(__file__).parents[3]
TEXT = '''"""A module.

Two lines more.
"""

# A comment alone.
VALUE = [x for x in range(3)]  # and one behind code


class Public:
    """Has a docstring."""

    def method(self):
        def inner():
            pass

        return 1 if VALUE else 2

    def _hidden(self):
        """Not public."""


class _Private:
    def method(self):
        if VALUE:
            for x in VALUE:
                print(x)
        elif x:
            while x:
                pass
'''


def test_lines_of_code_are_neither_blank_nor_docstring_nor_comment() -> None:
    source = Source.of(TEXT)
    assert source.comment_lines == {6, 7}
    assert source.docstring_lines == {1, 2, 3, 4, 11, 20}
    assert source.code_lines == 15


def test_figures_of_a_small_package(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    (tmp_path / "b.py").write_text("VALUE = 1\n")
    figures = read_package(tmp_path)
    assert figures.file_lines == (15.5, 30)
    assert figures.function_lines == (7, 7)
    assert figures.documented == 0.5  # Public, and not its method; neither inner nor what has an underscore
    assert figures.nesting == 2
    assert figures.comment_share == 2 / 31
    assert figures.comprehensions == pytest.approx(100 / 16)
    assert figures.ternaries == pytest.approx(100 / 16)


def test_nodes_are_counted_without_those_that_python_adds(tmp_path: Path) -> None:
    # Module, FunctionDef, arguments; Return, BinOp and its two constants.
    (tmp_path / "a.py").write_text("def add():\n    return 1 + 2\n")
    assert read_package(tmp_path).nodes_per_line == 7 / 2


def test_the_figures_of_a_commit_whose_figures_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["git", "archive", "--format=zip", "9eb9420", "edge_nas"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip("the history is not here")
    with zipfile.ZipFile(BytesIO(archive.stdout)) as files:
        files.extractall(tmp_path)
    main([str(tmp_path / "edge_nas")])
    told = capsys.readouterr().out
    cells = [line.split(" | ")[-1].rstrip(" |") for line in told.splitlines()[2:10]]
    assert cells == ["71 / 405", "21 / 75", "100%", "4", "1.0%", "6.7", "4.5", "2.8"]
    assert "edge_nas: 1\n- edge_nas.codegen.layouts, edge_nas.codegen.lowering, " in told
