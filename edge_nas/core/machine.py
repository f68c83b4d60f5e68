"""Facts of this machine that explain figures; none that names it, its user or their folders."""

import os
import platform
from pathlib import Path


def machine_facts(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """Returns processor, cores, operating system, Python version and memory in bytes, as text."""
    return {
        "cpu": _cpu_model(cpuinfo),
        "cores": str(os.cpu_count() or "unknown"),
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "memory_bytes": str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")),
    }


def _cpu_model(cpuinfo: Path) -> str:
    """Returns the first `model name` of Linux's cpuinfo, else what Python knows."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
