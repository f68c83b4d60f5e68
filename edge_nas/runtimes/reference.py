"""TFLite's reference kernels on a .tflite file of any inputs and outputs, call by call.

kernels = ReferenceKernels(data, source="doorbell.tflite")
outputs = kernels.run([first, second])        # a tensor (N, ...) for each input, and for each output
"""

from collections.abc import Sequence
from typing import Any

import ai_edge_litert
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge_nas.errors import ArtifactError

Stored = npt.NDArray[Any]


class ReferenceKernels:
    """A file of batch 1 ready to be called; what it takes and gives is of its own dtypes."""

    version = ai_edge_litert.__version__

    def __init__(self, data: bytes, *, source: str = "the .tflite bytes") -> None:
        """Opens a file.

        Args:
            data: its bytes.
            source: what to call it in messages.

        Raises:
            ArtifactError: LiteRT does not take it.
        """
        self.source = source
        self._data = data
        self._interpreter = self._opened()
        self._called = False

    def run(self, inputs: Sequence[Stored]) -> list[Stored]:
        """Returns a tensor (N, ...) for each output, given one (N, ...) for each input.

        Of a network that keeps something from call to call, frames are successive calls, the first after a reset.

        Raises:
            ArtifactError: the inputs are of other shapes or dtypes, or LiteRT fails on them.
        """
        if self._called:
            self._interpreter = self._opened()  # no call resets every kind of state
        self._called = True
        takes, gives = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != len(takes):
            raise ArtifactError(f"{self.source}: {len(inputs)} inputs are given, the file takes {len(takes)}")
        outputs: list[list[Stored]] = [[] for _ in gives]
        for frame in range(len(inputs[0])):
            try:
                for details, values in zip(takes, inputs, strict=True):
                    self._interpreter.set_tensor(details["index"], values[frame : frame + 1])
                self._interpreter.invoke()
            except (ValueError, RuntimeError) as error:
                raise ArtifactError(f"{self.source}: LiteRT cannot run it: {error}") from error
            for details, parts in zip(gives, outputs, strict=True):
                parts.append(self._interpreter.get_tensor(details["index"]))
        return [np.concatenate(parts) for parts in outputs]

    def _opened(self) -> Interpreter:
        try:
            interpreter = Interpreter(
                model_content=self._data, num_threads=1, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
            )
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ArtifactError(f"{self.source}: LiteRT cannot load it: {error}") from error
        return interpreter
