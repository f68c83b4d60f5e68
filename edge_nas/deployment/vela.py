"""What Arm's compiler for the Ethos-U NPU estimates of a .tflite file: cycles, SRAM, and what is left to the CPU.

The compiler, ethos-u-vela, runs in a child process. Nothing of it is measured: it is the tool's own model of the NPU
and of the memories beside it. Quirks are those of version 5.2.0: the figures stand in a CSV file of one row, memory in
KiB, time in s; the number of operators stands in its log only.
"""

import csv
import re
from importlib import metadata

from edge_nas.boards import Npu
from edge_nas.core.processes import TimeLimitError, python_module, run
from edge_nas.core.temporary import temporary_folder
from edge_nas.errors import ResourceError
from edge_nas.results.deploy import NpuEstimate

PACKAGE = "ethos-u-vela"
INSTALL_ADVICE = "install it with: pip install 'edge-nas[vela]'"
NOT_INSTALLED = f"{PACKAGE} is not installed; {INSTALL_ADVICE}"
LIMIT_S = 600.0
_CONFIGURATIONS = "Arm/vela.ini"  # comes with the package
_OPERATORS = re.compile(r"^(CPU|NPU) operators = (\d+)", re.MULTILINE)


def installed() -> bool:
    """Returns whether the package is there; it is not imported."""
    return version() is not None


def version() -> str | None:
    """Returns the package's version, None where it is not installed."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return None


def estimate(npu: Npu, data: bytes, *, limit_s: float = LIMIT_S) -> NpuEstimate:
    """Returns what ethos-u-vela estimates for one inference of a .tflite file.

    Args:
        npu: which one, beside which memories.
        data: the int8 .tflite file.
        limit_s: seconds for the compiler.

    Raises:
        ResourceError: it is not installed, fails on the file, does not end in time, or reports something else than
            version 5.2.0 does.
    """
    tool = version()
    if tool is None:
        raise ResourceError(NOT_INSTALLED)
    with temporary_folder() as work:
        (work / "network.tflite").write_bytes(data)
        settings = (
            *("--accelerator-config", npu.accelerator),
            *("--config", _CONFIGURATIONS),
            *("--system-config", npu.system_config),
            *("--memory-mode", npu.memory_mode),
        )
        try:
            done = run(
                python_module("ethosu.vela", *settings, "--output-dir", "made", "network.tflite"),
                limit_s=limit_s,
                folder=work,
            )
        except TimeLimitError as error:
            raise ResourceError(f"{PACKAGE} did not end within {limit_s:g} s and was killed") from error
        log = done.stdout.decode("utf-8", errors="replace")
        summaries = sorted((work / "made").glob("*_summary_*.csv"))
        if done.code != 0 or len(summaries) != 1:
            said = (done.complaint or log.strip() or "nothing").splitlines()[-1]
            raise ResourceError(f"{PACKAGE} {tool} ended with exit code {done.code} and said: {said}")
        return parse_summary(summaries[0].read_text(encoding="utf-8"), log, npu, f"{PACKAGE} {tool}")


def parse_summary(summary: str, log: str, npu: Npu, tool: str) -> NpuEstimate:
    """Returns the estimate that a summary in CSV and the log beside it hold.

    Args:
        summary: a line of column names and one of values.
        log: what the compiler printed.
        npu: what it was asked for.
        tool: name and version.

    Raises:
        ResourceError: a figure is missing; the message names it.
    """
    rows = list(csv.DictReader(summary.splitlines()))
    operators = {where: int(count) for where, count in _OPERATORS.findall(log)}
    try:
        (row,) = rows
        return NpuEstimate(
            accelerator=npu.accelerator,
            system_config=row["system_config"],
            memory_mode=row["memory_mode"],
            clock_mhz=float(row["core_clock"]) / 1e6,
            cycles=int(row["cycles_total"]),
            milliseconds=float(row["inference_time"]) * 1e3,
            sram_bytes=round(float(row["sram_memory_used"]) * 1024),
            flash_bytes=round(float(row["off_chip_flash_memory_used"]) * 1024),
            npu_operators=operators["NPU"],
            cpu_operators=operators["CPU"],
            tool=tool,
        )
    except (KeyError, ValueError) as error:
        raise ResourceError(f"{tool} reports in another way than version 5.2.0 ({error}); install that") from error
