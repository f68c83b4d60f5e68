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
    network, *loop_bodies = model.subgraphs
    _put_in_order(model, network, inputs)
    _rename(model, network, inputs, outputs, layers)
    for body in loop_bodies:
        _rename(model, body, (), (), layers)
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _put_in_order(model: Any, graph: Any, inputs: Sequence[str]) -> None:
    """Puts several inputs and outputs into the order of the network, by the names in the file's signature.

    The converter (TF 2.21) orders inputs as it meets them; outputs it calls `output_0`, `output_1` and so on.
    """
    if not model.signatureDefs:
        return
    signature = model.signatureDefs[0]
    tensors = {entry.name.decode(): entry.tensorIndex for entry in signature.inputs}
    if len(inputs) > 1 and tensors.keys() == set(inputs):
        graph.inputs = [tensors[name] for name in inputs]
    results = {entry.name.decode(): entry.tensorIndex for entry in signature.outputs}
    names = [f"output_{index}" for index in range(len(results))]
    if len(names) > 1 and results.keys() == set(names):
        graph.outputs = [results[name] for name in names]


def _rename(model: Any, graph: Any, inputs: Sequence[str], outputs: Sequence[str], layers: Collection[str]) -> None:
    """Gives every tensor of a subgraph its short name; arguments as above."""
    input_names: dict[int, str] = dict(zip(graph.inputs, inputs, strict=False))
    output_names: dict[int, str] = dict(zip(graph.outputs, outputs, strict=False))
    others = [index for index in range(len(graph.tensors)) if index not in input_names]
    times_given: Counter[str] = Counter()
    for index in (*input_names, *others):  # inputs first, so that theirs never gets a number
        tensor = graph.tensors[index]
        is_constant = model.buffers[tensor.buffer].data is not None
        if is_constant:
            name = str(index)
        else:
            name = input_names.get(index) or layer_of(tensor.name.decode(), layers)
            if name not in layers:
                name = output_names.get(index, name)
        tensor.name = f"{name};{times_given[name]}" if times_given[name] else name
        times_given[name] += 1
