"""Opens files that a user or a stranger names, and waits for none of them."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """Opens a file to read its bytes.

    A pipe of which nobody writes the other end blocks whoever opens it, for ever; a device may have no end.

    Raises:
        OSError: there is no such file, no permission, or it is a folder, a pipe or a device.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", str(path))
    return os.fdopen(descriptor, "rb")
