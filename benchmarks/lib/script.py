"""How a script ends that meets an error of the package: with its message and its exit code, as the command does."""

import sys
from collections.abc import Callable

from edge_nas.errors import EdgeNasError


def run_script(main: Callable[[], None]) -> None:
    """Calls a script's `main`."""
    try:
        main()
    except EdgeNasError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
