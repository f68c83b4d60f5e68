"""Runs the commands of a page and puts what they printed below them, so that a page shows what really happens.

    python -m tools.transcript docs/quickstart.md

A block of ```sh that a block of ```text follows is run in an empty folder, all blocks of a page in one; the text
becomes the standard output. Blocks without such a text are for the reader alone. A command that fails ends the script.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_BLOCKS = re.compile(r"```sh\n(?P<commands>(?:(?!```).)*)```\n\n```text\n(?P<text>(?:(?!```).)*)```", re.DOTALL)


def commands_of(page: str) -> list[str]:
    """Returns the commands of a page whose output it shows."""
    return [match["commands"] for match in _BLOCKS.finditer(page)]


def with_output(page: str, folder: Path) -> str:
    """Returns a page with the output of its commands, run in a folder.

    Raises:
        subprocess.CalledProcessError: a command failed.
    """
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def ran(match: re.Match[str]) -> str:
        print(match["commands"], end="", flush=True)
        command = ["bash", "-euo", "pipefail", "-c", match["commands"]]
        done = subprocess.run(
            command, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        text = done.stdout.decode().rstrip().replace("```", "'''")
        return f"```sh\n{match['commands']}```\n\n```text\n{text}\n```"

    return _BLOCKS.sub(ran, page)


def main() -> None:
    """Writes the pages that the arguments name anew."""
    for name in sys.argv[1:]:
        path = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            page = with_output(path.read_text(encoding="utf-8"), Path(folder))
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
