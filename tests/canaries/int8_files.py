"""A small .tflite file, which the code generator takes, with names of anybody's choice in it."""

import numpy as np
from int8graphs.writer import Writer

INJECTED = '*/ #include "/etc/hostname" \n); system("touch ../../bait/canary"); /* <script>$(touch x)`touch x`'
"""A name that is C, shell, HTML and Markdown, should anybody take it for more than a name."""


def int8_network(name: str = "t", *, kind: str = "") -> bytes:
    """Returns a .tflite file, (1, 8, 8, 3) to one logit, its tensors called `name` and a number.

    Args:
        name: what the tensors are called.
        kind: an operator of no known name in place of the convolution.
    """
    writer = Writer()
    source = writer.tensor((1, 8, 8, 3), 1 / 127.5, 0)
    weights = writer.tensor((1, 1, 1, 3), 0.1, 0, data=np.array([[[[5, -10, 20]]]], np.int8))
    bias = writer.tensor((1,), 0.1 / 127.5, 0, dtype="int32", data=np.array([25], np.int32))
    target = writer.tensor((1, 8, 8, 1), 0.1, 3)
    writer.operator("CONV_2D", [source, weights, bias], [target], {"StrideW": 1, "StrideH": 1})
    for number, tensor in enumerate(writer.tensors):
        writer.tensors[number] = type(tensor)(**vars(tensor) | {"name": f"{name}{number}"})
    data = writer.finish([source], [target])
    return data.replace(b"CONV_2D", kind.encode()) if kind else data
