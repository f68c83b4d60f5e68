"""What the configuration of a network may name: Keras' own objects that compute and nothing else.

Keras makes objects of whatever a configuration names: it unpacks bytecode, imports modules, calls TensorFlow functions
that write files. So names are let through one by one. Left out on purpose are Lambda, layers that read files they name
(StringLookup, TextVectorization, TFSMLayer), that unpickle (TorchModuleWrapper, JaxLayer) or that hold graphs of their
own (TensorFlowOpLayer).
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

CODE = frozenset({"Lambda", "__lambda__", "ClassMethod", "InstanceMethod", "InstanceProperty"})
"""Objects that carry code, or call whatever they name."""

_SIZED = {
    *("AveragePooling", "AvgPool", "Conv", "Convolution", "Cropping", "GlobalAveragePooling", "GlobalAvgPool"),
    *("GlobalMaxPool", "GlobalMaxPooling", "MaxPool", "MaxPooling", "SpatialDropout", "UpSampling", "ZeroPadding"),
    *("AdaptiveAveragePooling", "AdaptiveMaxPooling", "ConvLSTM", "DepthwiseConv", "LocallyConnected"),
    *("SeparableConv", "SeparableConvolution"),
}
_LAYERS = {
    *(f"{name}{rank}D" for name in _SIZED for rank in (1, 2, 3)),
    *(f"{name}{rank}DTranspose" for name in ("Conv", "Convolution") for rank in (1, 2, 3)),
    *("Functional", "InputLayer", "InputSpec", "Layer", "Model", "Sequential", "Wrapper"),
    *("Activation", "ActivityRegularization", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"),
    *("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"),
    *("AdditiveAttention", "Attention", "MultiHeadAttention"),
    *("BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"),
    *("GroupNormalization", "LayerNormalization", "Normalization", "RMSNormalization", "SpectralNormalization"),
    *("UnitNormalization", "CategoryEncoding", "CenterCrop", "Discretization", "Rescaling", "Resizing"),
    *("Dense", "EinsumDense", "Embedding", "Flatten", "Identity", "Masking", "Permute", "RepeatVector", "Reshape"),
    *("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "RandomBrightness", "RandomContrast"),
    *("RandomCrop", "RandomFlip", "RandomHeight", "RandomRotation", "RandomTranslation", "RandomWidth", "RandomZoom"),
    *("RandomColorDegeneration", "RandomColorJitter", "RandomErasing", "RandomGaussianBlur", "RandomGrayscale"),
    *("RandomHue", "RandomInvert", "RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear"),
    *("LayerScale", "StochasticDepth"),  # of keras.applications' ConvNeXt
    *("Bidirectional", "GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "SimpleRNN", "SimpleRNNCell", "StackedRNNCells"),
    *("GRUV1", "GRUV2", "GRUCellV1", "GRUCellV2", "LSTMV1", "LSTMV2", "LSTMCellV1", "LSTMCellV2", "TimeDistributed"),
    *("TFOpLambda", "SlicingOpLambda"),  # the function they name is looked at as well
}
_SETTINGS = {
    *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "Ones"),
    *("Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
    *("IdentityInitializer", "OrthogonalInitializer", "Initializer"),
    *("L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer"),
    *("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "RadialConstraint", "UnitNorm"),
    *("DTypePolicy", "Policy", "SeedGenerator", "RandomGenerator"),
    *("TensorShape", "__tuple__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__complex__"),
    "__keras_tensor__",
}
_OPERATIONS = {  # keras.ops of Keras 3, as far as they compute a tensor from tensors
    *("Abs", "Absolute", "Amax", "Amin", "BroadcastTo", "Cast", "Ceil", "Clip", "ConvertToTensor", "Cos", "Cumsum"),
    "DepthToSpace",
    *("Divide", "Einsum", "Elu", "Equal", "Erf", "Exp", "ExpandDims", "Expm1", "Flip", "Floor", "Gelu", "GetItem"),
    *("Greater", "GreaterEqual", "HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu", "Less", "LessEqual", "Log"),
    *("Log1p", "LogSigmoid", "LogSoftmax", "LogicalAnd", "LogicalNot", "LogicalOr", "Logsumexp", "Matmul", "Max"),
    *("Mean", "Min", "Mod", "Moments", "Negative", "Normalize", "NotEqual", "Pad", "Power", "Prod", "Reciprocal"),
    *("Relu", "Relu6", "Repeat", "Resize", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Silu", "Sin", "Slice"),
    *("Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Square", "Squeeze", "Stack", "Std", "StopGradient"),
    *("Sum", "Swapaxes", "Tan", "Tanh", "Tile", "Transpose", "TrueDivide", "Var", "Where", "AveragePool", "MaxPool"),
}
CLASSES = frozenset(_LAYERS | _SETTINGS | _OPERATIONS)
FUNCTIONS = frozenset(
    {
        *("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish"),
        *("hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu"),
        "sigmoid",
        *("silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax"),
        *("squareplus", "swish", "tanh", "tanh_shrink", "threshold"),
    }
)
_MODULE = re.compile(r"(tf_keras|keras|builtins)(\.[A-Za-z_]\w*)*")

# TensorFlow functions that compute and nothing else; others read files or run code.
_COMPUTING = ("math", "nn", "linalg", "image", "__operators__")
_SHAPING = frozenset(
    {
        *("concat", "reshape", "transpose", "pad", "squeeze", "expand_dims", "tile", "repeat", "stack", "unstack"),
        *("slice", "strided_slice", "gather", "reverse", "roll", "shape", "cast", "identity", "clip_by_value", "where"),
        *("zeros_like", "ones_like", "broadcast_to", "stop_gradient", "split"),
    }
)


def parts(config: Any) -> Iterator[dict[str, Any]]:
    """Yields every part of a configuration, at any depth, that Keras would make an object of."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                yield value
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def name_of(part: dict[str, Any]) -> Any:
    """Returns what the network calls this part, as far as it says."""
    settings = part.get("config")
    named = settings.get("name") if isinstance(settings, dict) else settings
    return named if named is not None else part.get("name")


def holds_code(part: dict[str, Any]) -> bool:
    """Returns whether a part carries code, or calls whatever it names; True where its class has no name at all."""
    kind = part["class_name"]
    return not isinstance(kind, str) or kind in CODE


def called(part: dict[str, Any]) -> str | None:
    """Returns the TensorFlow function that a layer calls, where it may not be called; None where all is well."""
    settings = part.get("config")
    function = settings.get("function") if isinstance(settings, dict) else None
    if function is None:
        return None
    symbol = str(function).removeprefix("compat.v1.")
    is_allowed = symbol in _SHAPING or symbol.split(".")[0] in _COMPUTING
    return None if is_allowed else f"tf.{function}"


def refusal(part: dict[str, Any], own: Collection[str]) -> str | None:
    """Returns what is unsafe about one part, or None.

    Args:
        part: an object of a configuration, see `parts`.
        own: names of classes and functions that the user has given.
    """
    kind, module = part["class_name"], part.get("module")
    if holds_code(part):
        return f"layer {name_of(part)!r} is a {kind}, which holds code of its own"
    is_function = kind == "function"
    symbol = part.get("config") if is_function else kind
    if plain(symbol) in own:
        return None
    described = f"the function {symbol}" if is_function else f"a {symbol}"
    name = name_of(part)
    subject = "a part of the network" if name is None else f"{name!r}"  # a subclassed network may bear no name
    allowed = FUNCTIONS if is_function else CLASSES
    if not isinstance(symbol, str) or symbol not in allowed:
        origin = f" of the module {module!r}" if module else ""
        return f"{subject} is {described}{origin}, not one of Keras' own layers"
    is_of_keras = module is None or (isinstance(module, str) and _MODULE.fullmatch(module) is not None)
    if not is_of_keras:
        return f"{subject} is {described} of the module {module!r}, which would be imported"
    forbidden = called(part)
    return None if forbidden is None else f"layer {name_of(part)!r} calls {forbidden}"


def plain(name: Any) -> str | None:
    """Returns a class' or function's own name, without the package it is registered in: "Net" for "mine>Net"."""
    return name.rsplit(">", 1)[-1] if isinstance(name, str) else None
