"""Short names for the tensors of a .tflite file.

The converter (TensorFlow 2.21) names a tensor by the paths of everything that it merged into it, constants included:
`net/quant_stem_relu/Relu;net/quant_stem/BiasAdd;net/quant_stem/Conv2D;net/quant_stem/BiasAdd/ReadVariableOp`. That is
up to a third of the file of a small network, on a board whose flash is counted in kilobytes. Here a tensor that is
computed bears the name of its layer, `stem_relu`, and a constant its number; nothing else changes. Every tensor keeps a
name of its own, as some readers of such files want (tf2onnx 1.17).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import flatbuffers
from tensorflow.lite.python import schema_py_generated as schema

from edge_nas.int8.names import layer_of

_IDENTIFIER = b"TFL3"


def shorten_names(data: bytes, inputs: Sequence[str], outputs: Sequence[str], layers: Collection[str]) -> bytes:
    """Returns a .tflite file whose computed tensors are called as their layers and constants by their numbers.

    The second and each further tensor of a layer has a number behind a semicolon: `swish`, `swish;1`.

    Args:
        data: file as the converter makes it.
        inputs: names of the network's inputs, in order.
        outputs: the layers that its outputs come from, in order; the converter does not always name them in the file.
        layers: names of its layers.
    """
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    for number, graph in enumerate(model.subgraphs):  # those behind the first are bodies of loops
        _rename(model, graph, *((inputs, outputs) if number == 0 else ((), ())), layers)
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _rename(model: Any, graph: Any, inputs: Sequence[str], outputs: Sequence[str], layers: Collection[str]) -> None:
    given: dict[int, str] = dict(zip(graph.inputs, inputs, strict=False))
    last: dict[int, str] = dict(zip(graph.outputs, outputs, strict=False))
    taken: Counter[str] = Counter()
    for index in (*given, *(index for index in range(len(graph.tensors)) if index not in given)):
        tensor = graph.tensors[index]
        if model.buffers[tensor.buffer].data is not None:
            name = str(index)
        else:
            name = given[index] if index in given else layer_of(tensor.name.decode(), layers)
            if name not in layers:
                name = last.get(index, name)
        tensor.name = f"{name};{taken[name]}" if taken[name] else name
        taken[name] += 1
