import resource
from collections import namedtuple
from pathlib import Path

import pytest

from edge_nas.checks import machine
from edge_nas.checks.machine import check_machine
from edge_nas.core.configfile import load_config
from edge_nas.errors import ResourceError

Usage = namedtuple("Usage", "free")


def test_this_machine_can_build(tmp_path: Path) -> None:
    check_machine(load_config(), tmp_path / "not" / "there" / "yet", ("train",))


@pytest.mark.parametrize("full", ["run", "temporary"])
def test_a_full_disk(full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    for folder in ("run", "temporary"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(1 << 20 if Path(path).name == full else 1 << 40))
    advice = {"run": "--run", "temporary": "TMPDIR"}[full]
    with pytest.raises(ResourceError, match=f"{full}: 1 MiB free, 32 are needed; .*{advice}"):
        check_machine(load_config(), tmp_path / "run" / "mine", ())


def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with pytest.raises(ResourceError, match="TMPDIR"):
        check_machine(load_config(), tmp_path, ())


def test_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  8000000 kB\nMemAvailable:   614400 kB\n")
    monkeypatch.setattr(machine, "_MEMINFO", meminfo)
    with pytest.raises(ResourceError, match="600 MiB of memory are available"):
        check_machine(load_config(), tmp_path, ())
    meminfo.write_text("MemAvailable:   4000000 kB\n")
    (tmp_path / "memory.max").write_text(str(900 << 20))
    (tmp_path / "memory.current").write_text(str(200 << 20))
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    with pytest.raises(ResourceError, match="700 MiB of memory are available"):
        check_machine(load_config(), tmp_path, ())
    (tmp_path / "memory.max").write_text("max")
    check_machine(load_config(), tmp_path, ())


def test_a_limit_of_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2500 << 20, 2500 << 20))
    with pytest.raises(ResourceError, match=r"may map 2500 MiB of addresses.*ulimit -v unlimited"):
        check_machine(load_config(), tmp_path, ())


def test_a_named_core_without_its_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    config = load_config(None, ["verify.cores=[cortex-m4]"])
    with pytest.raises(ResourceError, match=r"cortex-m4 is asked for, but .* apt-get install"):
        check_machine(config, tmp_path, ("verify",))
    check_machine(config, tmp_path, ("train",))
    check_machine(load_config(), tmp_path, ("verify",))
