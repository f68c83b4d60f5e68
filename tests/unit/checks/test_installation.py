from importlib import metadata
from pathlib import Path

import pytest

from edge_nas.checks import installation
from edge_nas.checks.installation import diagnose
from edge_nas.core.installed import install_command


def test_here_everything_of_the_base_is_there(tmp_path: Path) -> None:
    diagnosis = diagnose(tmp_path)
    base = next(component for component in diagnosis.components if component.name == "base")
    assert base.is_ready
    assert base.found["numpy"] == metadata.version("numpy")
    assert diagnosis.next_command == "edge-nas init my_project" or diagnosis.next_command.startswith("apt-get install")


def test_what_is_missing_has_what_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installation, "_version", lambda package: None if package == "tensorflow" else "1.0")
    diagnosis = diagnose(tmp_path)
    by_name = {component.name: component for component in diagnosis.components}
    assert by_name["train"].missing == ("tensorflow",)
    assert diagnosis.next_command == by_name["train"].brings == install_command("train")
    assert by_name["Arm cores"].brings == ("apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm")
    assert not any(diagnosis.cores.values())
    assert set(diagnosis.cores) >= {"cortex-m4", "rv32imac"}


def test_a_version_is_the_programs_and_not_its_packagers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "gcc"
    program.write_text("#!/bin/sh\necho 'gcc (15:12.2.rel1-1) 12.2.1 20221205'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    diagnosis = diagnose(tmp_path)
    assert {"gcc": "12.2.1"}.items() <= next(c for c in diagnosis.components if c.name == "C here").found.items()
