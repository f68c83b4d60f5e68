"""Ctrl-C and SIGTERM: noted by a handler of ours, obeyed where work can stop, and in the end obeyed anyhow.

    install()     # the command line, before anything else is imported
    look()        # ticks, batches, waits for children: raises KeyboardInterrupt once a signal has come

Python's own handler raises wherever the program happens to be; in a callback that the garbage collector runs, of which
TensorFlow has many, the exception is printed and dropped, and the signal is lost. So the signal is only noted. Where
nobody looks for a while it is raised as Python would; a second signal, or 4.5 s in all, ends the process on the spot: a
thread sees to that, which runs while the main one is inside a library. A run is whole whenever its process ends
(`edge_nas.runs.folder`).

A program that uses the package from Python keeps its own handlers: without `install`, `look` does nothing.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from edge_nas.errors import INTERRUPTED_EXIT_CODE

RAISE_S = 1.5
"""From the signal until it is raised as Python would: who looks often has looked by then."""
LIMIT_S = 4.5
"""From the signal to the end without a look, and from a look to the end: by five seconds people use kill -9."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"

_main_thread = threading.main_thread().ident or 0
_asked = threading.Event()
_looked = threading.Event()
_acts: list[Callable[[], None]] = []
_kills: list[Callable[[], None]] = []
_installed = threading.Event()


def install() -> None:
    """Takes over SIGINT and SIGTERM for the rest of the process; a second call does nothing.

    A signal that the caller has the process ignore stays ignored: a shell does so with SIGINT of what it starts with &.
    """
    if _installed.is_set():
        return
    _installed.set()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _note)
    signal.signal(signal.SIGALRM, _raise)
    threading.Thread(target=_watch, args=(reading,), name="interrupts", daemon=True).start()


def look() -> None:
    """Raises KeyboardInterrupt where a signal has come, at every look from then on."""
    if _asked.is_set():
        _looked.set()
        raise KeyboardInterrupt


def before_hard_end(act: Callable[[], None]) -> None:
    """Has `act` run where the process ends without unwinding; it must not wait, and may fail."""
    _acts.append(act)


def kill_at_hard_end(kill: Callable[[], None]) -> None:
    """As `before_hard_end`, for what ends children: the last thing, so that the main thread sees none of it."""
    _kills.append(kill)


def _note(number: int, frame: object) -> None:
    del number, frame
    _asked.set()


def _raise(number: int, frame: object) -> None:
    del number, frame
    raise KeyboardInterrupt


def _watch(reading: int) -> None:
    """Ends the process at the second signal, or when nobody has looked, or unwinding has not come to its end."""
    _next_signal(reading, None)
    _asked.set()
    if _next_signal(reading, RAISE_S):
        _end("")
    if not _looked.is_set():
        signal.pthread_kill(_main_thread, signal.SIGALRM)
    if _next_signal(reading, LIMIT_S - RAISE_S) or not _looked.is_set() or _next_signal(reading, LIMIT_S):
        _end("")
    _end(" (it could not be ended in the usual way)")


def _next_signal(reading: int, limit_s: float | None) -> bool:
    """Returns whether one of our signals came within the limit."""
    while select.select([reading], [], [], limit_s)[0]:
        # The interpreter writes the number of every signal that has a handler.
        if any(number in SIGNALS for number in os.read(reading, 64)):
            return True
    return False


def _end(remark: str) -> None:
    for act in _acts:
        with suppress(Exception):
            act()
    cursor = _SHOW_CURSOR if sys.stderr is not None and sys.stderr.isatty() else b""
    text = f"\nedge-nas: interrupted{remark}; the same command goes on from what is finished\n"
    with suppress(OSError):
        os.write(2, cursor + text.encode())
    for kill in _kills:
        with suppress(Exception):
            kill()
    os._exit(INTERRUPTED_EXIT_CODE)
