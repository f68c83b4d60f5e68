"""Compilers and emulators: where they are, which version, and what to install where one is missing."""

import functools
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_nas.core.processes import run, search_path
from edge_nas.errors import ResourceError

VERSION_LIMIT_S = 20.0


@dataclass(frozen=True)
class Tool:
    """A program and the Debian packages that bring it and what it needs."""

    program: str
    packages: tuple[str, ...]

    @property
    def path(self) -> Path | None:
        """Where the program is, None where it is not installed."""
        found = shutil.which(self.program, path=search_path())
        return Path(found) if found else None


def is_on_path(program: str) -> bool:
    """Returns whether a program of this name is installed."""
    return shutil.which(program, path=search_path()) is not None


HOST_GCC = Tool("gcc", ("gcc", "libc6-dev"))
ARM_GCC = Tool("arm-none-eabi-gcc", ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi"))
RISCV_GCC = Tool("riscv64-unknown-elf-gcc", ("gcc-riscv64-unknown-elf", "picolibc-riscv64-unknown-elf"))
XTENSA_GCC = Tool("xtensa-lx106-elf-gcc", ("gcc-xtensa-lx106", "binutils-xtensa-lx106", "picolibc-xtensa-lx106-elf"))
QEMU_ARM = Tool("qemu-system-arm", ("qemu-system-arm",))
QEMU_RISCV32 = Tool("qemu-system-riscv32", ("qemu-system-misc",))
QEMU_XTENSA = Tool("qemu-system-xtensa", ("qemu-system-misc",))
CMAKE = Tool("cmake", ("cmake",))


def require(tool: Tool) -> Path:
    """Returns where a program is.

    Raises:
        ResourceError: it is not installed; the message names the Debian packages.
    """
    path = tool.path
    if path is None:
        raise ResourceError(f"{tool.program} is not installed; {install_advice((tool,))}")
    return path


def install_advice(tools: Iterable[Tool]) -> str:
    """Returns the command that installs these programs on Debian."""
    packages = dict.fromkeys(package for tool in tools for package in tool.packages)
    return f"install it with: apt-get install {' '.join(packages)}"


def tool_version(tool: Tool) -> str:
    """Returns the first line that the program prints about itself.

    Raises:
        ResourceError: it is not installed or does not start.
    """
    return _version(require(tool))


@functools.cache
def _version(path: Path) -> str:
    finished = run([str(path), "--version"], limit_s=VERSION_LIMIT_S)
    if finished.code != 0 or not finished.stdout.strip():
        raise ResourceError(f"{path} --version ended with exit code {finished.code}; reinstall it")
    return finished.stdout.decode("utf-8", errors="replace").splitlines()[0].strip()
