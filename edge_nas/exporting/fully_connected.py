"""FULLY_CONNECTED on its way to ONNX: tf2onnx 1.17 forgets the bias where it flattens the input itself.

TensorFlow's converter (2.21) leaves out the reshape between a map of 1x1 and a dense layer, so that the input has four
axes. tf2onnx then puts a reshape in front, and hands on input and weights without the bias. Here the reshape is put in
front first, with all three inputs, and tf2onnx's handler finds two axes.
"""

from typing import Any

import numpy as np
from tf2onnx import utils
from tf2onnx.handler import tfl_op
from tf2onnx.tflite_handlers.tfl_math import TflFullyConnectedOp


@tfl_op(["TFL_FULLY_CONNECTED"])
class FullyConnected:
    """Takes the place of tf2onnx's handler of the operator, from the import of this module on."""

    @classmethod
    def to_tf(cls, ctx: Any, node: Any, **kwargs: Any) -> None:
        """Flattens the input where tf2onnx would, and leaves all else to its handler."""
        if node.attr["keep_num_dims"].i == 0 and ctx.get_rank(node.input[0]) != 2:
            width = ctx.get_shape(node.input[1])[1]
            target = ctx.make_const(utils.make_name("flat_shape"), np.array([-1, width], np.int64)).output[0]
            kind = ctx.get_dtype(node.input[0])
            flat = ctx.make_node("Reshape", [node.input[0], target], shapes=[[-1, width]], dtypes=[kind])
            flat.skip_conversion = True
            ctx.replace_inputs(node, [flat.output[0], *node.input[1:]])
        TflFullyConnectedOp.to_tf(ctx, node, **kwargs)
