"""What a tensor of a .tflite file is the output of, told from its name."""

from collections.abc import Collection


def layer_of(tensor: str, layers: Collection[str] = ()) -> str:
    """Returns a tensor's layer: `stem_relu` of `net/quant_stem_relu/Relu;net/quant_stem/BiasAdd`, or of `stem_relu`.

    TensorFlow's converter joins the paths of all that it merged into a tensor by semicolons, the last operator first.
    A path begins with the network's name; TFMOT puts `quant_` before the layer's.

    Args:
        tensor: the name, the converter's own or a short one (`edge_nas.graph.tensornames`).
        layers: names of the network's layers, where they are known; without them a name with a slash is cut at it.
    """
    first = tensor.partition(";")[0]
    if first in layers:
        return first
    path = first.split("/")
    inside = path[min(1, len(path) - 1) :]
    inside[0] = inside[0].removeprefix("quant_")
    heads = ("/".join(inside[:end]) for end in range(len(inside), 0, -1))
    return next((head for head in heads if head in layers), inside[0])
