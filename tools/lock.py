"""Writes what is installed, exact and with hashes, from what pyproject.toml asks for.

    python -m tools.lock [--upgrade]

    requirements.lock       what a build needs, and what builds the package itself
    requirements-dev.lock   besides, what tests, checks, documentation, searches on clusters and estimates for NPUs need
    constraints.txt         the same versions without hashes, for: pip install -c constraints.txt .

One file serves all supported Pythons. Versions stay as constraints.txt has them; `--upgrade` takes the newest that
pyproject.toml allows.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, DEV_LOCK, CONSTRAINTS = ROOT / "requirements.lock", ROOT / "requirements-dev.lock", ROOT / "constraints.txt"
EXTRAS = {LOCK: ("train", "tflm"), DEV_LOCK: ("dev", "docs", "search", "train", "tflm", "vela")}
OLDEST_PYTHON = "3.11"
BUILD_TOOLS = "hatchling>=1.27,<2\neditables\n"
"""As in build-system of pyproject.toml: the package is built without isolation, so that these have hashes too."""

_HEADER = """\
# Every package of the tested environment, exact; the same for Python 3.11, 3.12 and 3.13. Made by: python -m tools.lock
"""


def pins(lock: str) -> dict[str, str]:
    """Returns the version of each package in the text of a lock file."""
    names = (line.split(" ")[0] for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#")))
    return dict(name.split("==", 1) for name in names)


def write(*, upgrade: bool) -> None:
    """Writes the three files.

    Raises:
        subprocess.CalledProcessError: the versions do not go together; uv has said why.
    """
    for lock, extras in EXTRAS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", str(ROOT / "pyproject.toml"), "-"]
        command += ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--output-file", str(lock)]
        command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"]
        command += [word for extra in extras for word in ("--extra", extra)]
        command += ["--upgrade"] if upgrade else ["--constraint", str(CONSTRAINTS)]
        subprocess.run(command, input=BUILD_TOOLS, text=True, check=True)
    versions = sorted(pins(DEV_LOCK.read_text(encoding="utf-8")).items(), key=lambda pin: pin[0].lower())
    CONSTRAINTS.write_text(_HEADER + "".join(f"{name}=={version}\n" for name, version in versions), encoding="utf-8")


if __name__ == "__main__":
    write(upgrade="--upgrade" in sys.argv[1:])
