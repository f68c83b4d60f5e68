""".tflite files through ai-edge-litert: the reference kernels (what a microcontroller gives) or the default delegate.

The default, XNNPACK, is fast but rounds in another way: on an int8 file up to half of the output bytes differ from the
reference kernels. Scores and parity use `reference=True`, latency uses `reference=False`.
"""

from pathlib import Path
from typing import Any

import ai_edge_litert
import numpy as np
import numpy.typing as npt
import tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge_nas.core.chatter import quiet_library
from edge_nas.errors import ArtifactError
from edge_nas.results.artifacts import TensorSpec
from edge_nas.runtimes.base import FileRuntime, read_model_file
from edge_nas.runtimes.reference import run_reference

_MOST_CLASSES = 511
"""Of a SOFTMAX in this process: over more that are nearly equal, the reference kernels of ai-edge-litert 2.3 end it."""


class LitertRuntime(FileRuntime):
    """A .tflite file of batch 1, float32 or int8 at either end.

    Samples have nothing to do with each other: what an LSTM keeps from call to call is forgotten before each.
    """

    version = ai_edge_litert.__version__

    def __init__(
        self, data: bytes | Path, *, reference: bool, threads: int = 1, source: str = "the .tflite bytes"
    ) -> None:
        """Opens a file.

        Args:
            data: its path or its bytes.
            reference: True for the reference kernels, False for the default delegate.
            threads: threads of the default delegate; the reference kernels use one.
            source: what to call bytes in messages; a path is its own name.

        Raises:
            ArtifactError: malformed, or not of one input and one output of batch 1, float32 or int8.
        """
        if isinstance(data, Path):
            source, data = str(data), read_model_file(data)
        if not data:
            raise ArtifactError(f"{source}: the file is empty; a .tflite file was expected")
        self.name = "litert reference" if reference else "litert"
        resolver = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
        try:
            with quiet_library():
                self._interpreter = Interpreter(
                    model_content=data, num_threads=threads, experimental_op_resolver_type=resolver
                )
                self._interpreter.allocate_tensors()
            # In here, since names that are no UTF-8 are met in the details only.
            inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise ArtifactError(f"{source}: LiteRT cannot load it: {error}") from error
        if len(inputs) != 1 or len(outputs) != 1:
            raise ArtifactError(f"{source}: {len(inputs)} inputs and {len(outputs)} outputs; one of each is expected")
        sizes = [details["shape"][-1] for details in self._interpreter.get_tensor_details() if len(details["shape"])]
        self._apart = data if reference and _has_softmax(data) and max(sizes) > _MOST_CLASSES else None
        self._keeps_state = _has_variables(data)
        self._input_index, self._output_index = inputs[0]["index"], outputs[0]["index"]
        super().__init__(source, _spec(inputs[0]), _spec(outputs[0]))

    def _run_each(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if self._apart is None or not len(stored) or stored.shape[1:] != self.input_spec.shape[1:]:
            return super()._run_each(stored)
        return run_reference(self._apart, [stored], source=self.source, apart=True)[0]

    def _invoke(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        try:
            if self._keeps_state:
                self._interpreter.reset_all_variables()
            self._interpreter.set_tensor(self._input_index, stored)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ArtifactError(f"{self.source}: LiteRT cannot run it: {error}") from error
        output: npt.NDArray[Any] = self._interpreter.get_tensor(self._output_index)
        return output


def _has_softmax(data: bytes) -> bool:
    """Returns whether a file that LiteRT took has the operator SOFTMAX."""
    model = tflite.Model.GetRootAs(data, 0)
    codes = {model.OperatorCodes(number).BuiltinCode() for number in range(model.OperatorCodesLength())}
    return tflite.BuiltinOperator.SOFTMAX in codes


def _has_variables(data: bytes) -> bool:
    """Returns whether a file that LiteRT took has tensors that keep their values from call to call."""
    graph = tflite.Model.GetRootAs(data, 0).Subgraphs(0)
    return any(graph.Tensors(number).IsVariable() for number in range(graph.TensorsLength()))


def _spec(details: dict[str, Any]) -> TensorSpec:
    quantization = details["quantization_parameters"]
    per_tensor = len(quantization["scales"]) == 1
    return TensorSpec(
        name=details["name"],
        shape=tuple(int(size) for size in details["shape"]),
        dtype=np.dtype(details["dtype"]).name,
        scale=float(quantization["scales"][0]) if per_tensor else None,
        zero_point=int(quantization["zero_points"][0]) if per_tensor else None,
    )
