"""The page of supported operators, made from the first words of the modules that lower them."""

from edge_nas.codegen.operators import LOWERINGS

_HEAD = """# Operators that generated C supports

`edge-nas compile MODEL.tflite --out DIR` takes int8 networks of one input and one output over the operators below.
This page is made from the modules in `edge_nas/codegen/operators`; a test keeps it current. Anything else is refused
with the operator, the tensor, its shape and what is supported.

"Fast" names what has a kernel of its own for processors with DSP instructions or Helium and a layout made for it;
everything else runs on portable C. Where a fast layout would need more memory than the interpreter for
microcontrollers, the operators of that part of the network run on portable C as well.

| operators | supported | fast |
|---|---|---|
"""


def operators_page() -> str:
    """Returns docs/operators.md."""
    rows = []
    for module in dict.fromkeys(LOWERINGS.values()):
        kinds = ", ".join(kind for kind, lowering in LOWERINGS.items() if lowering is module)
        summary, _, rest = (module.__doc__ or "").strip().partition("\n\n")
        _, _, supported = _one_line(summary).partition(": ")
        fast = _one_line(rest).removeprefix("Fast ") or "-"
        rows.append(f"| {kinds} | {supported} | {fast} |")
    return _HEAD + "\n".join(sorted(rows)) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
