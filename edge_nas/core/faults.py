"""Makes one operation on the disk fail, to test that nothing is lost by it: EDGE_NAS_FAULT=enospc@17.

    kill@K     the process is killed before its K-th operation, as by a power cut
    enospc@K   the K-th operation finds the disk full
    eio@K      the K-th operation meets a read or write error

`atomic`, which does all writes, renames and removals of a run, counts them here from 1. Without the variable nothing
is counted. With K larger than the number of operations nothing happens either: so a test finds out how many there are.
"""

import errno
import os
import signal
from pathlib import Path

from edge_nas.errors import ConfigError

VARIABLE = "EDGE_NAS_FAULT"
_ERRORS = {"enospc": errno.ENOSPC, "eio": errno.EIO}
_KILL = "kill"


class _Counter:
    operations = 0


def disk_operation(path: Path) -> None:
    """Counts an operation that is about to be done on `path`, and fails it where it is the one that was asked for.

    Raises:
        OSError: ENOSPC or EIO, as the system itself would.
        ConfigError: the variable is not of the form above.
    """
    fault = os.environ.get(VARIABLE)
    if not fault:
        return
    kind, _, number = fault.partition("@")
    if kind not in {_KILL, *_ERRORS} or not number.isdecimal() or int(number) < 1:
        raise ConfigError(f"{VARIABLE}={fault}: expected kill@K, enospc@K or eio@K with K from 1")
    _Counter.operations += 1
    if _Counter.operations != int(number):
        return
    if kind == _KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    code = _ERRORS[kind]
    raise OSError(code, os.strerror(code), str(path))
