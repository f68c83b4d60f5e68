"""The page of supported operators, made from what the lowerings and their fast kernels say of themselves."""

import inspect
from typing import Any

from edge_nas.codegen.lowering import OperatorLowering, lowering_class
from edge_nas.int8.operators import OPERATORS, SHORT_OPERATORS

_HEAD = """# Operators that generated C supports

`edge-nas compile MODEL.tflite --out DIR` takes int8 networks of any number of inputs and outputs over the operators
below. Ends may be float32, uint8, int16 or int32, where a QUANTIZE or DEQUANTIZE stands between them and the int8
network: `edge_model_invoke` takes and gives what the file does, and the int8 entry beside it converts nothing.
Networks whose activations are int16 and whose weights are int8 (TFLite's 16x8) run on the operators that say so, and
on RESIZE_BILINEAR and all that copy codes: CONCATENATION, PACK, PAD, RESHAPE, slices, TRANSPOSE and the like.
This page is made from the classes in `edge_nas/codegen/operators` and `edge_nas/codegen/kernels`; a test keeps it
current. Anything else is refused with the operator, the tensor, its shape and what is supported.

"Fast" names what has a kernel of its own, the fastest first, mostly for processors with DSP instructions or Helium and
in a layout made for it; everything else runs on portable C. Where a fast layout would need more memory than the
interpreter for microcontrollers, the operators of that part of the network do without it.

| operators | supported | fast |
|---|---|---|
"""
# Operators that are taken into others before anything is compiled (`int8.dilation`).
_DILATION = (
    "| BATCH_TO_SPACE_ND, SPACE_TO_BATCH_ND | Around one convolution of stride 1, which becomes a dilated one; one "
    "image may be spread for several. | As CONV_2D, DEPTHWISE_CONV_2D. |"
)


def operators_page() -> str:
    """Returns docs/operators.md."""
    kinds_of: dict[type[OperatorLowering[Any]], list[str]] = {}
    shorts = {f"{name} on int16": kind for name, kind in SHORT_OPERATORS.items()}
    for name, kind in sorted({**OPERATORS, **shorts}.items()):
        lowering = lowering_class(kind.parsed)
        if lowering is not None:
            kinds_of.setdefault(lowering, []).append(name)
    rows = []
    for lowering, kinds in kinds_of.items():
        supported = " ".join(_doc(lowering).split())
        fast = " ".join(_doc(kernel) for kernel in lowering.fast_kernels)
        rows.append(f"| {', '.join(kinds)} | {supported} | {' '.join(fast.split()) or '-'} |")
    return _HEAD + "\n".join(sorted([*rows, _DILATION])) + "\n"


def _doc(documented: type) -> str:
    return inspect.cleandoc(documented.__doc__ or "")
