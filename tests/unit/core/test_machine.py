"""Facts of the machine, none of them private."""

import platform
from pathlib import Path

from edge_nas.core.machine import machine_facts


def test_the_processor_is_read_from_linux(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: Other\n")
    assert machine_facts(tmp_path / "cpuinfo")["cpu"] == "Some CPU @ 3 GHz"


def test_without_cpuinfo_something_is_said(tmp_path: Path) -> None:
    assert machine_facts(tmp_path / "missing")["cpu"]


def test_the_host_is_not_named() -> None:
    facts = machine_facts()
    assert int(facts["memory_bytes"]) > 2**28
    assert facts["python"] == platform.python_version()
    assert platform.node() not in facts.values()
