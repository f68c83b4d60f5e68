"""Keeps the lines of a C++ library off the terminal while it does something that it likes to talk about.

    with quiet_library():
        interpreter = Interpreter(...)      # "INFO: Created TensorFlow Lite XNNPACK delegate for CPU."

Such lines go to the file descriptor of standard error, past Python, and land in the middle of a progress bar. Where
the block raises, all that was printed is shown: it may say why.
"""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_library() -> Iterator[None]:
    """Takes what is written to standard error inside the block, whoever writes it."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        terminal = os.dup(2)
    except OSError:  # closed by who started this process: nothing can be printed on it
        yield
        return
    with tempfile.TemporaryFile() as swallowed:
        os.dup2(swallowed.fileno(), 2)
        try:
            yield
        except BaseException:
            swallowed.seek(0)
            os.write(terminal, swallowed.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


@contextmanager
def quiet_converter() -> Iterator[None]:
    """The same for TensorFlow's converter and whoever asks an interpreter for shapes (TF 2.21).

    It says "fully_quantize: 0, ..." of each int8 file, whatever the log level. Inputs by name, and tf2onnx, go through
    an interpreter that TensorFlow itself calls deprecated.
    """
    with quiet_library(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"(?s).*tf\.lite\.Interpreter is deprecated")
        yield
