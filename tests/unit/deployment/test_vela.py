import sys
from pathlib import Path
from typing import Any

import pytest

from edge_nas.boards import Npu, load_board
from edge_nas.core.processes import Finished, TimeLimitError
from edge_nas.deployment import vela
from edge_nas.errors import ResourceError

NPU = Npu(
    accelerator="ethos-u55-128",
    system_config="Ethos_U55_High_End_Embedded",
    memory_mode="Shared_Sram",
    source="a document",
)
# The columns that are read, among others, with round figures.
SUMMARY = """\
experiment,network,system_config,memory_mode,core_clock,inference_time,sram_memory_used,off_chip_flash_memory_used,nn_macs,cycles_npu,cycles_total
default,network,Ethos_U55_High_End_Embedded,Shared_Sram,500000000.0,0.0005,96.5,6.25,2000000,240000,250000
"""
LOG = "Network summary for network\n\nCPU operators = 1 (4.8%)\nNPU operators = 20 (95.2%)\n"


def test_a_summary_is_read_in_our_units() -> None:
    found = vela.parse_summary(SUMMARY, LOG, NPU, "a tool")
    assert (found.cycles, found.milliseconds, found.clock_mhz) == (250_000, pytest.approx(0.5), 500.0)
    assert (found.sram_bytes, found.flash_bytes) == (98_816, 6_400)
    assert (found.npu_operators, found.cpu_operators) == (20, 1)
    assert (found.accelerator, found.system_config, found.memory_mode) == (
        "ethos-u55-128",
        "Ethos_U55_High_End_Embedded",
        "Shared_Sram",
    )


@pytest.mark.parametrize(
    ("summary", "log", "named"),
    [
        (SUMMARY.replace("cycles_total", "cycles"), LOG, "'cycles_total'"),
        (SUMMARY.replace("250000", "many"), LOG, "'many'"),
        (SUMMARY, "", "'NPU'"),
        (SUMMARY.splitlines()[0], LOG, "not enough values"),
    ],
)
def test_another_way_to_report_is_told(summary: str, log: str, named: str) -> None:
    with pytest.raises(ResourceError, match=f"a tool reports in another way than version 5.2.0 .*{named}"):
        vela.parse_summary(summary, log, NPU, "a tool")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vela, "version", lambda: None)
    assert not vela.installed()
    with pytest.raises(ResourceError, match=r"ethos-u-vela is not installed; .*pip install 'edge-nas\[vela\]'"):
        vela.estimate(NPU, b"")


def test_what_it_complains_of_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def fails(command: list[str], *, limit_s: float, folder: Path) -> Finished:
        assert (folder / "network.tflite").read_bytes() == b"network"
        commands.append(command)
        return Finished(1, b"", b"Traceback\nRuntimeError: no networks defined\n")

    monkeypatch.setattr(vela, "version", lambda: "5.2.0")
    monkeypatch.setattr(vela, "run", fails)
    with pytest.raises(ResourceError, match=r"5\.2\.0 ended with exit code 1 and said: RuntimeError: no networks"):
        vela.estimate(NPU, b"network")
    assert commands[0][:4] == [sys.executable, "-P", "-m", "ethosu.vela"]

    def hangs(*_: object, **__: object) -> Finished:
        raise TimeLimitError("late")

    monkeypatch.setattr(vela, "run", hangs)
    with pytest.raises(ResourceError, match="did not end within 600 s"):
        vela.estimate(NPU, b"network")


@pytest.mark.smoke
def test_the_real_one_estimates_the_board_of_ours(tiny_models: Any) -> None:
    if not vela.installed():
        pytest.skip(f"{vela.PACKAGE} is not installed")
    npu = load_board("corstone300").npu
    assert npu is not None
    found = vela.estimate(npu, tiny_models.int8_tflite.read_bytes())
    assert (found.accelerator, found.clock_mhz) == ("ethos-u55-128", 500.0)
    assert found.cycles > 0
    assert found.milliseconds == pytest.approx(found.cycles / 500e3, rel=1e-6)
    assert found.sram_bytes > 0
    assert found.npu_operators > 0
    assert found.tool.startswith("ethos-u-vela 5.2")
    with pytest.raises(ResourceError, match="ended with exit code 1 and said: "):
        vela.estimate(npu, b"no network")
