"""int8 .tflite files through this project's own numpy interpreter: a second opinion on the reference kernels."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes.base import FileRuntime, read_model_file


class NumpyRuntime(FileRuntime):
    """An int8 .tflite file of batch 1 with one input and one output; each sample is the first after a reset."""

    name = "numpy"
    version = np.__version__

    def __init__(self, data: bytes | Path, *, source: str = "the .tflite bytes") -> None:
        """Opens a file.

        Args:
            data: its path or its bytes.
            source: what to call bytes in messages; a path is its own name.

        Raises:
            ArtifactError: malformed, not of one input and one output, or an operator, dtype or shape is not supported.
        """
        if isinstance(data, Path):
            source, data = str(data), read_model_file(data)
        graph = read_tflite(data, source)
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise ArtifactError(
                f"{source}: {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; one of each is expected"
            )
        self._interpreter = Int8Interpreter(graph)
        super().__init__(source, graph.tensors[graph.inputs[0]].spec, graph.tensors[graph.outputs[0]].spec)

    def _invoke(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return self._interpreter.run(stored)

    def _run_each(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        # Many samples in one go, where nothing is kept from one to the next: the interpreter checks their shape.
        return super()._run_each(stored) if self._interpreter.graph.states else self._interpreter.run(stored)
