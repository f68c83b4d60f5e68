from pathlib import Path

import pytest

from edge_nas.emulation.tools import ARM_GCC, QEMU_ARM, Tool, install_advice, require, tool_version
from edge_nas.errors import ResourceError


def test_a_missing_program_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert QEMU_ARM.path is None
    expected = (
        "arm-none-eabi-gcc is not installed; install it with: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
    )
    with pytest.raises(ResourceError) as refused:
        require(ARM_GCC)
    assert str(refused.value) == expected


def test_packages_are_named_once() -> None:
    assert install_advice((QEMU_ARM, ARM_GCC, QEMU_ARM)) == (
        "install it with: apt-get install qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi"
    )


def test_the_version_is_what_the_program_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "says"
    program.write_text("#!/bin/sh\necho 'says 1.2 of today'\necho more\n")
    program.chmod(0o755)
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert tool_version(Tool("says", ())) == "says 1.2 of today"
    with pytest.raises(ResourceError, match="ended with exit code 3"):
        tool_version(Tool("broken", ()))
