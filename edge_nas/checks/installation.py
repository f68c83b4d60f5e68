"""What is installed of what the commands use, and what brings the rest; nothing of it is imported.

Packages are looked up by their metadata and programs asked for their version, which together takes a part of a second.
"""

import os
import platform
import re
import shutil
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from edge_nas import __version__
from edge_nas.core.installed import install_command
from edge_nas.core.machine import machine_facts
from edge_nas.emulation import CORES, missing_tools
from edge_nas.emulation.tools import (
    ARM_GCC,
    CMAKE,
    HOST_GCC,
    QEMU_ARM,
    QEMU_RISCV32,
    QEMU_XTENSA,
    RISCV_GCC,
    XTENSA_GCC,
    Tool,
    install_advice,
    tool_version,
)
from edge_nas.errors import ResourceError
from edge_nas.results.doctor import Component, Diagnosis

BASE_PACKAGES = ("ai-edge-litert", "numpy", "pydantic")
"""What every command needs; without them this one would not run, so that they are shown and never missing."""
TRAIN_PACKAGES = (
    *("tensorflow", "tf_keras", "tensorflow-model-optimization", "keras", "h5py"),
    *("onnx", "onnxruntime", "tf2onnx", "pillow", "matplotlib"),
)
"""What the extra `train` brings, as far as its absence stops a command."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_FIRST_PROJECT = "edge-nas init my_project"


def diagnose(folder: Path) -> Diagnosis:
    """Returns what there is of packages, compilers and emulators, and what to do next.

    Args:
        folder: whose disk is looked at.
    """
    components = (
        _packages("base", "inspect, compile, verify, deploy, boards, compare", BASE_PACKAGES, "base"),
        _packages("train", "build, check, analyze, quantize, evaluate, predict", TRAIN_PACKAGES, "train"),
        _programs("C here", "verify and compile run the C on this machine", (HOST_GCC, CMAKE)),
        _programs("Arm cores", "verify on emulated Cortex-M", (ARM_GCC, QEMU_ARM)),
        _programs("RISC-V core", "verify on emulated RV32IMAC", (RISCV_GCC, QEMU_RISCV32)),
        _programs("Xtensa core", "verify on an emulated Xtensa", (XTENSA_GCC, QEMU_XTENSA)),
        _packages("tflm", "verify beside tflite-micro; its arena in bundles", ("tflite-micro",), "tflm"),
        _packages("vela", "estimates for Ethos-U NPUs", ("ethos-u-vela",), "vela"),
    )
    facts = machine_facts()
    return Diagnosis(
        edge_nas=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=int(facts["memory_bytes"]),
        free_bytes=shutil.disk_usage(folder).free,
        components=components,
        cores={name: not missing_tools(core) for name, core in CORES.items()},
        next_command=_next_command(components),
    )


def _next_command(components: Iterable[Component]) -> str:
    """Returns what brings the first thing that a build cannot do without, else how a project begins."""
    by_name = {component.name: component for component in components}
    for name in ("train", "C here"):
        brings = by_name[name].brings
        if brings is not None:
            return brings
    return _FIRST_PROJECT


def _packages(name: str, serves: str, packages: Iterable[str], extra: str) -> Component:
    versions = {package: _version(package) for package in packages}
    missing = tuple(package for package, version in versions.items() if version is None)
    return Component(
        name=name,
        serves=serves,
        found={package: version for package, version in versions.items() if version is not None},
        missing=missing,
        brings=install_command(extra) if missing else None,
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _programs(name: str, serves: str, tools: tuple[Tool, ...]) -> Component:
    missing = tuple(tool for tool in tools if tool.path is None)
    return Component(
        name=name,
        serves=serves,
        found={tool.program: _said(tool) for tool in tools if tool not in missing},
        missing=tuple(tool.program for tool in missing),
        brings=install_advice(missing).removeprefix("install it with: ") if missing else None,
    )


def _said(tool: Tool) -> str:
    """Returns the version that a program prints of itself, without its packager's in brackets; or that it has none."""
    try:
        line = tool_version(tool)
    except ResourceError as error:
        return f"does not start: {error}"
    version = _VERSION.search(_IN_BRACKETS.sub("", line))
    return version[0] if version else line
