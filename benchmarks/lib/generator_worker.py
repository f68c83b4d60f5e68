"""Run by the Python that has the other generators: C of one network by one of them. Imports nothing of edge_nas.

    V/bin/python benchmarks/lib/generator_worker.py NAME MODEL FOLDER

prints a line of JSON: {"version": ..., "refusal": null or why there is no C}. NAME is a key of `GENERATORS`; the
sources of MODEL are then in FOLDER.
"""

import importlib.metadata
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


class RefusedError(Exception):
    """A generator does not take the network, as it says."""


def fixed_batch(data: bytes) -> bytes:
    """Returns a .tflite file whose shapes say 1 where they say that the batch may vary: bakenn takes no others."""
    import numpy as np
    import tflite

    changed = bytearray(data)
    graph = tflite.Model.GetRootAs(changed, 0).Subgraphs(0)
    for number in range(graph.TensorsLength()):
        signature = graph.Tensors(number).ShapeSignatureAsNumpy()
        if isinstance(signature, np.ndarray):
            signature[signature == -1] = 1
    return bytes(changed)


def bakenn(model: Path, folder: Path, *, cmsis_nn: bool) -> None:
    """Writes C of bakenn for a Cortex-M4, by its own kernels for it or by CMSIS-NN's."""
    from bakenn import CORTEX_M4, CBackendOptions, CompileError, KernelPolicy, compile_tflite

    with tempfile.NamedTemporaryFile(suffix=".tflite", delete=False) as source:
        source.write(fixed_batch(model.read_bytes()))
    options = CBackendOptions(kernel_policy=KernelPolicy.STATIC_PRIORITY, target=CORTEX_M4, enable_cmsis_nn=cmsis_nn)
    try:
        compile_tflite(source.name, str(folder), name="net", backend_options=options)
    except CompileError as error:
        raise RefusedError(str(error)) from error
    finally:
        Path(source.name).unlink()


def emx(model: Path, folder: Path) -> None:
    """Writes C of emx-onnx-cgen."""
    command = [sys.executable, "-m", "emx_onnx_cgen", "compile", str(model), str(folder / "net.c")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RefusedError((done.stdout + done.stderr).strip().splitlines()[-1])


GENERATORS: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "bakenn": ("bakenn", lambda model, folder: bakenn(model, folder, cmsis_nn=False)),
    "bakenn with CMSIS-NN": ("bakenn", lambda model, folder: bakenn(model, folder, cmsis_nn=True)),
    "emx-onnx-cgen": ("emx-onnx-cgen", emx),
}
"""Name -> package, and what writes its C."""


def main() -> None:
    """Reads the command line."""
    name, model, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    package, generate = GENERATORS[name]
    refusal = None
    try:
        generate(model, folder)
    except RefusedError as error:
        refusal = " ".join(str(error).split())
    print(json.dumps({"version": importlib.metadata.version(package), "refusal": refusal}))


if __name__ == "__main__":
    main()
