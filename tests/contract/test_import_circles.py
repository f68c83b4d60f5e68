"""No modules import each other in a circle, be it at the top of a file or inside a function."""

from pathlib import Path

import pytest

from tools.circles import circles, import_graph

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("package", ["edge_nas", "benchmarks", "tools"])
def test_no_package_has_an_import_circle(package: str) -> None:
    assert circles(import_graph(ROOT / package)) == []
