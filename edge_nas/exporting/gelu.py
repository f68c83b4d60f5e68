"""GELU on its way to ONNX, which tf2onnx 1.17 knows neither of a Keras network nor of a .tflite file.

TensorFlow makes x * (1 + erf(x / sqrt(2))) / 2 a complementary error function, which ONNX lacks; a .tflite file has an
operator for all of it. Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", has both forms.
"""

import math
from typing import Any

import numpy as np
from tf2onnx import utils
from tf2onnx.handler import tf_op, tfl_op

_CUBE = 0.044715  # of the approximation by a tanh


@tf_op("Erfc")
class ComplementaryError:
    """erfc(x) = 1 - erf(x)."""

    @classmethod
    def version_9(cls, ctx: Any, node: Any, **_: Any) -> None:
        """Puts two nodes in the node's place; Erf is of opset 9."""
        shape, dtype = ctx.get_shape(node.output[0]), ctx.get_dtype(node.output[0])
        ctx.remove_node(node.name)
        error = ctx.make_node("Erf", node.input, shapes=[shape], dtypes=[dtype])
        inputs = [_constant(ctx, 1.0), error.output[0]]
        ctx.make_node("Sub", inputs, name=node.name, outputs=node.output, shapes=[shape], dtypes=[dtype])


@tfl_op(["TFL_GELU"])
class Gelu:
    """x * (1 + e) / 2, where e is erf(x / sqrt(2)), or a tanh near it."""

    @classmethod
    def to_tf(cls, ctx: Any, node: Any, **_: Any) -> None:
        """Puts nodes of ONNX in the operator's place."""
        (x,), approximate = node.input, bool(node.attr["approximate"].i)
        shape, dtype = ctx.get_shape(node.output[0]), ctx.get_dtype(node.output[0])

        def made(kind: str, *inputs: str) -> str:
            new = ctx.make_node(kind, list(inputs), shapes=[shape], dtypes=[dtype])
            new.skip_conversion = True
            return str(new.output[0])

        if approximate:
            cube = made("Mul", made("Mul", made("Mul", x, x), x), _constant(ctx, _CUBE))
            spread = made("Tanh", made("Mul", made("Add", x, cube), _constant(ctx, math.sqrt(2 / math.pi))))
        else:
            spread = made("Erf", made("Mul", x, _constant(ctx, math.sqrt(0.5))))
        half = made("Mul", x, _constant(ctx, 0.5))
        output = made("Mul", half, made("Add", spread, _constant(ctx, 1.0)))
        ctx.replace_all_inputs(node.output[0], output)
        ctx.remove_node(node.name)


def _constant(ctx: Any, value: float) -> str:
    return str(ctx.make_const(utils.make_name("gelu"), np.array(value, np.float32)).output[0])
