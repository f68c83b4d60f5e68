"""Somebody's .tflite: what is in it, which boards it fits, and a library for one of them. No TensorFlow.

python examples/someones_tflite.py [FILE.tflite] [--quick]
"""

import sys
from pathlib import Path

from edge_nas.cli.main import run
from edge_nas.int8.sketch import HALVING, Sketch


def sample_file() -> Path:
    """Returns a small classifier with random weights, in place of somebody's."""
    sketch = Sketch((32, 32, 3))
    x = sketch.convolution(sketch.input, 8, HALVING)
    x = sketch.convolution(sketch.depthwise(x), 16)
    path = Path("somebodys.tflite")
    path.write_bytes(sketch.finish(sketch.dense(sketch.mean(x), 4)))
    return path


def main(quick: bool) -> None:
    """Goes the way of the command line: inspect, compile, deploy."""
    named = [argument for argument in sys.argv[1:] if argument.endswith(".tflite")]
    file = str(named[0] if named else sample_file())
    commands = [["inspect", file, "--board", "all"], ["compile", file, "--out", "somebodys_c"]]
    if not quick:  # verifies on this machine and on the board's emulated core
        commands.append(["deploy", file, "--board", "nrf52840", "--out", "somebodys_bundle"])
    for command in commands:
        print(f"$ edge-nas {' '.join(command)}", flush=True)
        if run(command):
            sys.exit(1)


if __name__ == "__main__":
    main("--quick" in sys.argv)
