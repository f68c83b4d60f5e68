"""The ends of a network as C: where its codes lie, how what is taken becomes codes, and codes what is given.

A network of one input and one output has `edge_model_input` and `edge_model_output`; of any other all are numbered, as
the file has them: `edge_model_input_0`, `edge_model_input_1`. Each is a `NamedEnd`, whose names follow from that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge_nas.codegen.descriptors import constant, plain
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.sources import resource
from edge_nas.codegen.tables import table
from edge_nas.int8.ends import End, rescaling
from edge_nas.int8.graph import Tensor

C_TYPES = {
    **{f"int{bits}": f"int{bits}_t" for bits in (8, 16, 32, 64)},
    "uint8": "uint8_t",
    "float32": "float",
}

# Each code is the byte with its highest bit flipped, as where only the zero point moves by 128.
_BYTES = np.arange(256)


@dataclass(frozen=True)
class NamedEnd:
    """An input or output of a network and what C calls it.

    Attributes:
        end: what the file takes or gives, and its codes.
        side: which of both.
        number: among those of its side; None in a network of one input and one output.
        offset: where its codes lie in the arena, in bytes.
    """

    end: End
    side: Literal["input", "output"]
    number: int | None
    offset: int

    @property
    def name(self) -> str:
        """The parameter of `edge_model_invoke`, and what the names of macros and functions end with."""
        return self.side if self.number is None else f"{self.side}_{self.number}"

    @property
    def macro(self) -> str:
        """What the names of its macros begin with."""
        return f"EDGE_MODEL_{self.name.upper()}"

    @property
    def codes_type(self) -> str:
        """The C type of a pointer to its codes."""
        return f"{'' if self.side == 'input' else 'const '}{self.code_type} *"

    @property
    def code_type(self) -> str:
        """The C type of a code."""
        return C_TYPES[self.end.inside.dtype]


def named_ends(plan: Plan, inputs: Sequence[End], outputs: Sequence[End]) -> tuple[NamedEnd, ...]:
    """Returns all inputs, then all outputs of a network."""
    several = len(inputs) != 1 or len(outputs) != 1
    named = []
    sides: list[tuple[Literal["input", "output"], Sequence[End], tuple[int, ...]]] = [
        ("input", inputs, plan.program.inputs),
        ("output", outputs, plan.program.outputs),
    ]
    for side, ends, buffers in sides:
        for number, (end, buffer) in enumerate(zip(ends, buffers, strict=True)):
            named.append(NamedEnd(end, side, number if several else None, plan.offset(buffer)))
    return tuple(named)


def of_side(ends: Iterable[NamedEnd], side: str) -> tuple[NamedEnd, ...]:
    """Returns the inputs or the outputs."""
    return tuple(end for end in ends if end.side == side)


# The header.


def defines(end: NamedEnd) -> str:
    """Returns the macros that say what an end is."""
    outside, inside = end.end.outside, end.end.inside
    values = {
        "TYPE": C_TYPES[outside.dtype],
        "BYTES": outside.size_bytes,
        "CODES": inside.elements,
        "SHAPE": f"{{{', '.join(map(str, outside.shape))}}}",
    }
    if inside.scales:  # places that ARG_MAX gives have none
        values |= {"SCALE": f"{inside.scales[0]!r}f", "ZERO_POINT": f"({inside.zero_points[0]})"}
    lines = [f"#define {end.macro}_{name} {value}" for name, value in values.items()]
    if end.number is not None:
        lines.insert(0, f"/* {end.name}: {plain(outside.name)} */")
    return "\n".join(lines)


def totals(ends: Sequence[NamedEnd]) -> str:
    """Returns the macros over all ends that networks of several have beside those of each end."""
    lines = []
    for side in ("input", "output"):
        members = of_side(ends, side)
        each = " ".join(f"DO({end.name.upper()}, {end.name})" for end in members)
        upper = side.upper()
        lines += [
            f"#define EDGE_MODEL_{upper}S {len(members)}",
            f"#define EDGE_MODEL_{upper}_BYTES {sum(end.end.outside.size_bytes for end in members)}",
            f"#define EDGE_MODEL_{upper}_CODES {sum(end.end.inside.elements for end in members)}",
            f"#define EDGE_MODEL_EACH_{upper}(DO) {each}",
        ]
    lines.append(f"#define EDGE_MODEL_ARGUMENTS {', '.join(end.name for end in ends)}")
    return "\n".join(lines)


def declarations(ends: Iterable[NamedEnd]) -> str:
    """Returns the declarations of the functions that say where codes lie."""
    return "\n".join(f"{end.codes_type}edge_model_{end.name}(void);" for end in ends)


def parameters(ends: Sequence[NamedEnd]) -> str:
    """Returns the parameters of `edge_model_invoke`, all in a line."""
    inputs = [f"const {end.macro}_TYPE *{end.name}" for end in of_side(ends, "input")]
    outputs = [f"{end.macro}_TYPE *{end.name}" for end in of_side(ends, "output")]
    return ", ".join([*inputs, *outputs])


# edge_model.c.


def kernels(ends: Iterable[NamedEnd]) -> Iterable[str]:
    """Yields the functions that the conversions need, as those of kernels stand in edge_model.c."""
    if any(end.end.outside.dtype == "float32" for end in of_side(ends, "input")):
        yield f"/* Kernel: edge_reals. */\n{resource('edge_reals.h').strip()}\n"


def definitions(ends: Iterable[NamedEnd]) -> str:
    """Returns the functions that say where codes lie."""
    return "\n\n".join(_definition(end) for end in ends)


def _definition(end: NamedEnd) -> str:
    # Buffers lie at multiples of four bytes: codes of two are aligned, which no compiler can tell of an array of bytes.
    aligned = "" if end.end.inside.dtype == "int8" else "(void *)"
    return (
        f"{end.codes_type}edge_model_{end.name}(void) "
        f"{{ return ({end.codes_type}){aligned}(edge_arena + {end.offset}); }}"
    )


def tables(ends: Sequence[NamedEnd]) -> str:
    """Returns the tables that the conversions need; nothing where they need none."""
    coded = [end for end in ends if end.end.outside.dtype == "uint8"]
    texts = [
        constant(f"edge_{end.name}_codes", table(end.end.codes_of_bytes()))
        for end in of_side(coded, "input")
        if not _input_flips(end.end)
    ]
    texts += [
        constant(f"edge_{end.name}_bytes", table(end.end.bytes_of_codes()))
        for end in of_side(coded, "output")
        if not _output_flips(end.end)
    ]
    return "\n\n".join(texts)


def take(ends: Sequence[NamedEnd]) -> str:
    """Returns the statements that write the codes of all inputs where the network reads them."""
    return _in_blocks([_take_one(end) for end in of_side(ends, "input")])


def give(ends: Sequence[NamedEnd]) -> str:
    """Returns the statements that write all outputs from the codes that the network has made."""
    return _in_blocks([_give_one(end) for end in of_side(ends, "output")])


def _take_one(end: NamedEnd) -> list[str]:
    if not end.end.converts:
        return [f"memcpy(edge_model_{end.name}(), {end.name}, {end.macro}_BYTES);"]
    if end.end.outside.dtype == "float32":
        function = "edge_code_of_real" if end.end.inside.dtype == "int8" else "edge_short_of_real"
        code = f"{function}({end.name}[i], {end.macro}_SCALE, {end.macro}_ZERO_POINT)"
    elif end.end.is_rescaled:
        code = _rescaled(f"{end.name}[i]", end.end.outside, end.end.inside)
    elif _input_flips(end.end):
        code = f"(int8_t)({end.name}[i] - 128)"
    else:
        code = f"edge_{end.name}_codes[{end.name}[i]]"
    return [
        f"{end.code_type} *codes = edge_model_{end.name}();",
        f"for (int32_t i = 0; i < {end.macro}_CODES; i++) codes[i] = {code};",
    ]


def _give_one(end: NamedEnd) -> list[str]:
    if not end.end.converts:
        return [f"memcpy({end.name}, edge_model_{end.name}(), {end.macro}_BYTES);"]
    if end.end.outside.dtype == "float32":
        value = f"{end.macro}_SCALE * (float)(answer[i] - {end.macro}_ZERO_POINT)"
    elif end.end.is_rescaled:
        value = _rescaled("answer[i]", end.end.inside, end.end.outside)
    elif _output_flips(end.end):
        value = "(uint8_t)(answer[i] + 128)"
    else:
        value = f"edge_{end.name}_bytes[answer[i] + 128]"
    return [
        f"const {end.code_type} *answer = edge_model_{end.name}();",
        f"for (int32_t i = 0; i < {end.macro}_CODES; i++) {end.name}[i] = {value};",
    ]


def _rescaled(code: str, source: Tensor, target: Tensor) -> str:
    """Returns the C of a code of one tensor as that of another, in the fixed point of the reference's QUANTIZE."""
    multiplier, before, after = rescaling(source, target), source.zero_points[0], target.zero_points[0]
    value = f"edge_rescale({code} - ({before}), {multiplier.value}, {multiplier.shift})"
    if target.dtype == "int32":
        return value  # of zero point 0
    info = np.iinfo(target.dtype)
    return f"({C_TYPES[target.dtype]})(edge_clamp({value}, {info.min - after}, {info.max - after}) + ({after}))"


def _in_blocks(parts: Sequence[Sequence[str]]) -> str:
    """Returns statements, indented; several that define variables each in a block, since those have the same names."""
    lines: list[str] = []
    for part in parts:
        if len(parts) == 1 or len(part) == 1:
            lines += [f"  {line}" for line in part]
        else:
            lines += ["  {", *(f"    {line}" for line in part), "  }"]
    return "\n".join(lines)


def _input_flips(source: End) -> bool:
    return np.array_equal(source.codes_of_bytes(), _BYTES - 128)


def _output_flips(target: End) -> bool:
    return np.array_equal(target.bytes_of_codes(), _BYTES)
