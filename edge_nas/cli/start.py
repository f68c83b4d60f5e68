"""Where the command `edge-nas` begins: signals are taken over before the imports, which take up to a second."""

from typing import NoReturn

from edge_nas.core.interrupts import install


def main() -> NoReturn:
    """Runs one command and ends the process with its exit code."""
    install()
    from edge_nas.cli.main import main as run

    run()
