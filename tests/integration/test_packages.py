"""The wheel and the sdist could be published as they are: built without a network, and looked into."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MOST_WHEEL_BYTES = 3_000_000
"""Ours has about a third of it; more means that something was packed which nobody meant."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_all_that_the_package_reads(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.stat().st_size < _MOST_WHEEL_BYTES
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        facts = HeaderParser().parsestr(archive.read(metadata).decode())
        (points,) = (archive.read(name).decode() for name in names if name.endswith("/entry_points.txt"))
    package = ROOT / "edge_nas"
    shipped = {
        f"edge_nas/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert shipped | {"edge_nas/requirements.lock"} <= names
    assert all(name.startswith(("edge_nas/", "edge_nas-")) for name in names)
    assert "edge-nas = edge_nas.cli.start:main" in points
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert facts["Name"] == project["name"]
    assert set(facts.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    without_extra = [need for need in facts.get_all("Requires-Dist") if "extra ==" not in need]
    assert len(without_extra) == len(project["dependencies"])
    assert not any("tensorflow" in need for need in without_extra)
    assert facts["Description-Content-Type"] == "text/markdown"


def test_a_wheel_can_be_made_of_the_sdist(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "requirements.lock", "Makefile"} <= names
    assert {"edge_nas/cli/start.py", "tests/conftest.py", "benchmarks/readme.py", "tools/lock.py"} <= names
    assert not {name.partition("/")[0] for name in names} & {".venv", ".git", "runs", "build", "dist"}
    assert not any("__pycache__" in name for name in names)
