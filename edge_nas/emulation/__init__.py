"""Generated C on this machine and on emulated cores: output bytes, instructions, image sizes, stack.

    core = find_core("cortex-m4")
    run = run_on_core(core, folder_of_c, frames)
    print(run.instructions, run.flash_bytes)

Only programs of Debian packages are used: cross compilers and QEMU. Nothing here imports TensorFlow.
"""

from edge_nas.emulation.cores import CORES, EmulatedCore, find_core
from edge_nas.emulation.emulate import CoreRun, cores_to_emulate, missing_tools, run_on_core
from edge_nas.emulation.host import run_on_host
from edge_nas.emulation.image import ImageSizes, Library, MachineError, NoFloatsError, TooLargeError, measure_image
from edge_nas.emulation.tools import Tool, install_advice

__all__ = [
    "CORES",
    "CoreRun",
    "EmulatedCore",
    "ImageSizes",
    "Library",
    "MachineError",
    "NoFloatsError",
    "TooLargeError",
    "Tool",
    "cores_to_emulate",
    "find_core",
    "install_advice",
    "measure_image",
    "missing_tools",
    "run_on_core",
    "run_on_host",
]
