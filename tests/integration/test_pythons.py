"""Which Python `make` takes and which ones `.ci/run` checks on, told by a path of shims and a pyenv of our own."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a version manager leaves on the path for a version that is not chosen.
DEAD_SHIM = "#!/bin/sh\necho pyenv: command not found >&2\nexit 127\n"
# Answers `-c ''`, and `-c 'import sys; print(sys.executable)'` with its own name.
LIVING = '#!/bin/sh\n[ -z "$2" ] || echo "$0"\n'


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder that stands first on the path; no supported Python on the path starts but those put into it."""
    folder = tmp_path / "bin"
    for version in ("3.11", "3.12", "3.13"):
        program(folder / f"python{version}", DEAD_SHIM)
    program(folder / "pyenv", DEAD_SHIM)
    return folder


def told(path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def chosen(path: Path, *arguments: str) -> str:
    """Returns the Python that make takes."""
    done = told(path, "make", "--silent", "--eval=chosen: ; @echo $(PYTHON)", "chosen", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_place_names_the_same_pythons() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = [word.rpartition(" ")[2] for word in project["classifiers"] if "Python :: 3" in word]
    assert supported == ["3.11", "3.12", "3.13"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert (
        re.findall(r"python(3\.\d+)", re.search("PYTHONS := .*", (ROOT / "Makefile").read_text())[0]) == supported[::-1]
    )
    assert f"for version in {' '.join(supported)};" in (ROOT / ".ci/pythons").read_text()
    assert "Python 3.11, 3.12 or 3.13" in (ROOT / "README.md").read_text()


def test_make_takes_the_newest_that_starts(path: Path) -> None:
    program(path / "python3.11", LIVING)
    program(path / "python3.12", LIVING)
    assert chosen(path) == "python3.12"


def test_make_takes_the_one_that_is_named(path: Path) -> None:
    program(path / "python3.12", LIVING)
    other = program(path / "other/python3", LIVING)
    assert chosen(path, f"PYTHON={other}") == str(other)


def test_make_says_that_none_starts(path: Path, tmp_path: Path) -> None:
    done = told(path, "make", "build", f"VENV={tmp_path / 'environment'}")
    assert done.returncode != 0
    assert "none of python3.13 python3.12 python3.11 starts here" in done.stderr


def test_make_refuses_a_python_that_is_not_supported(path: Path, tmp_path: Path) -> None:
    old = program(path / "old", '#!/bin/sh\nexec python3 -c "import sys; sys.version_info = (3, 10, 1); $2"\n')
    done = told(path, "make", "build", f"VENV={tmp_path / 'environment'}", f"PYTHON={old}")
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_an_environment_is_used_on_until_another_version_is_named(path: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    program(environment / "bin/python", '#!/bin/sh\n[ "$1" = -V ] && echo Python 3.12.1\n')
    same = program(path / "same", "#!/bin/sh\necho Python 3.12.1\n")
    another = program(path / "another", "#!/bin/sh\necho Python 3.13.0\n")

    def steps(*arguments: str) -> str:
        return told(path, "make", "--dry-run", "build", f"VENV={environment}", *arguments).stdout

    assert "-m venv" not in steps()
    assert "-m venv" not in steps(f"PYTHON={same}")
    assert f"{another} -m venv --clear {environment}" in steps(f"PYTHON={another}")


def test_ci_looks_at_the_path_and_at_what_pyenv_lists(path: Path, tmp_path: Path) -> None:
    eleven = program(path / "python3.11", LIVING)
    versions = tmp_path / "pyenv/versions"
    program(
        path / "pyenv",
        f'#!/bin/sh\nif [ "$1" = root ]; then echo {versions.parent}; else printf "3.1.4\\n3.12.1\\n3.12.9\\n"; fi\n',
    )
    program(versions / "3.12.1/bin/python3.12", LIVING)
    newest = program(versions / "3.12.9/bin/python3.12", LIVING)
    done = told(path, ".ci/pythons")
    assert done.stdout.splitlines() == [f"3.11 {eleven}", f"3.12 {newest}", "3.13"]
