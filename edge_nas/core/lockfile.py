"""The packages that `make` installs, exact and with hashes: requirements.lock, which is shipped with this package."""

import functools
import re
from pathlib import Path
from typing import NamedTuple

NAME = "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(.*)$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class LockedPackage(NamedTuple):
    """A package, its version, and the SHA-256 of every file that the index has of it: one for each platform."""

    name: str
    version: str
    sha256: tuple[str, ...]


@functools.cache
def locked_packages() -> tuple[LockedPackage, ...]:
    """Returns what the lock file lists, sorted by name; nothing where there is none.

    It lies in the package where that was installed, and beside it in a checkout.
    """
    package = Path(__file__).parents[1]
    for folder in (package, package.parent):
        if (folder / NAME).is_file():
            return parse((folder / NAME).read_text(encoding="utf-8"))
    return ()


def parse(text: str) -> tuple[LockedPackage, ...]:
    """Returns the packages that the text of a lock file lists."""
    packages = []
    for entry in text.replace("\\\n", " ").splitlines():
        pin = _PIN.match(entry)
        if pin is not None:
            packages.append(LockedPackage(pin[1], pin[2], tuple(_HASH.findall(pin[3]))))
    return tuple(sorted(packages))
