"""What other runtimes compute for a file: LiteRT's reference kernels here, and tflite-micro in a process of its own."""

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_nas.runtimes.referenceprocess import reference_outputs as run_reference

__all__ = ["run_reference", "run_tflite_micro"]

_CHILD = """
import pickle
import sys
import numpy as np
from tflite_micro.python.tflite_micro import runtime

with open(sys.argv[1], "rb") as given:
    cases = pickle.load(given)
results = []
for data, batches, outputs in cases:
    interpreter = runtime.Interpreter.from_bytes(data, arena_size=int(sys.argv[3]))
    found = [[] for _ in range(outputs)]
    for sample in range(len(batches[0])):
        for i, batch in enumerate(batches):
            interpreter.set_input(batch[sample : sample + 1], i)
        interpreter.invoke()
        for i, output in enumerate(found):
            output.append(np.array(interpreter.get_output(i)))
    results.append([np.concatenate(output) for output in found])
with open(sys.argv[2], "wb") as found:
    pickle.dump(results, found)
"""


def run_tflite_micro(
    cases: Sequence[tuple[bytes, Sequence[np.ndarray], int]], arena_bytes: int = 1 << 20
) -> list[list[np.ndarray]]:
    """Returns the same for many files (file, batches, number of outputs), from tflite-micro in one child process.

    Raises:
        subprocess.CalledProcessError: the child failed or crashed; `stderr` says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given", Path(folder) / "found"
        given.write_bytes(pickle.dumps(list(cases)))
        subprocess.run(
            [sys.executable, "-c", _CHILD, str(given), str(found), str(arena_bytes)],
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
        )
        outputs: list[list[np.ndarray]] = pickle.loads(found.read_bytes())
        return outputs
