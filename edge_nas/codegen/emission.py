"""The text of the C files: kernels, constants, descriptors, and the loops that run the steps."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from edge_nas.codegen.memory import Placement
from edge_nas.codegen.program import Field, Pointer, Program, Rows, RowWindow, Step, Table
from edge_nas.codegen.schedule import Schedule, Unit, sources_of
from edge_nas.core.config import Optimize
from edge_nas.results.artifacts import TensorSpec

_INCLUDE = re.compile(r"^@include (\S+)@\n", re.MULTILINE)
_FUNCTION_MARK = "/* function */\n"
_PAIR_MARK = "EdgePair pair"
# What units share: where its text holds the mark, the file comes first.
_SHARED = {
    _PAIR_MARK: "edge_pair.h",
    "EdgeSum sum": "edge_sum.h",
    "edge_border(": "edge_planar.h",
    "EdgeBlockWeight": "edge_blocks.h",
    "EdgeRounded": "edge_rounded.h",
    "edge_inside_first(": "edge_inside.h",
    "edge_pixel_border(": "edge_pixels.h",
}


@dataclass(frozen=True)
class Plan:
    """All that the text is made of."""

    program: Program
    schedule: Schedule
    placement: Placement
    optimize: Optimize = "speed"

    def offset(self, index: int) -> int:
        """Returns where a buffer begins in the arena."""
        return self.placement.offsets[self.program.storage(index)]

    def rows_kept(self, index: int) -> int:
        """Returns how many of a buffer's rows are in memory at once: all where a reshape has cut them anew."""
        if not self.program.has_own_rows(index):
            return self.program.buffers[index].rows
        return self.schedule.capacities[self.program.storage(index)]


def header(plan: Plan, source: TensorSpec, target: TensorSpec, sha256: str) -> str:
    """Returns edge_model.h."""
    program = plan.program
    return _resource("edge_model.h").substitute(
        input_bytes=program.buffers[program.inputs[0]].size_bytes,
        output_bytes=program.buffers[program.outputs[0]].size_bytes,
        arena_bytes=plan.placement.size_bytes,
        input_shape=_shape(source),
        output_shape=_shape(target),
        input_scale=_float(source.scale),
        output_scale=_float(target.scale),
        input_zero_point=source.zero_point,
        output_zero_point=target.zero_point,
        sha256=sha256,
    )


def intrinsics() -> str:
    """Returns edge_intrinsics.h."""
    return _text("edge_intrinsics.h")


def source_file(plan: Plan) -> str:
    """Returns edge_model.c."""
    program = plan.program
    return _resource("edge_model.c").substitute(
        optimize=plan.optimize,
        kernels="\n".join(_kernels(program.steps)),
        constants="\n".join(_constants(program.steps)),
        images="\n".join(_images(plan)),
        descriptors="\n".join(_descriptor(plan, number) for number in range(len(program.steps))),
        body="\n".join(_segment(plan, start, stop) for start, stop in plan.schedule.segments),
        input_offset=plan.offset(program.inputs[0]),
        output_offset=plan.offset(program.outputs[0]),
    )


class _Template:
    """Text with places `@name@`, and lines between `@if name value@`, `@else@` and `@end@` that stay where they fit."""

    def __init__(self, text: str) -> None:
        self._text = text

    def substitute(self, **values: object) -> str:
        """Returns the text with every place filled."""
        kept = []
        open_conditions: list[bool] = []
        for line in self._text.split("\n"):
            mark = line.strip()
            if mark.startswith("@if "):
                name, value = mark.strip("@").split()[1:]
                open_conditions.append(str(values[name]) == value)
            elif mark == "@else@":
                open_conditions[-1] = not open_conditions[-1]
            elif mark == "@end@":
                open_conditions.pop()
            elif all(open_conditions):
                kept.append(line)
        text = "\n".join(kept)
        for place, filling in values.items():
            text = text.replace(f"@{place}@", str(filling))
        return text


def _text(name: str) -> str:
    """Returns a file of `kernels`, with the files that it includes by lines `@include name@`."""
    text = resources.files("edge_nas.codegen.kernels").joinpath(name).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: _text(found[1]), text)


def _resource(name: str) -> _Template:
    return _Template(_text(name))


def _kernels(steps: Sequence[Step]) -> Iterable[str]:
    """Yields every unit once and every function once."""
    units: set[str] = set()
    functions: set[str] = set()
    shared_files: set[str] = set()
    for step in steps:
        kernel = step.kernel
        if kernel.function in functions:
            continue
        functions.add(kernel.function)
        shared, function = _text(f"{kernel.unit}.c").split(_FUNCTION_MARK)
        places = {"function": kernel.function, **dict(kernel.parameters), **dict(kernel.derived)}
        function = _Template(function).substitute(**places)
        for mark, name in _SHARED.items():
            if mark in shared + function and name not in shared_files:
                shared_files.add(name)
                yield _marked(name.removesuffix(".h"), _text(name))
        if kernel.unit not in units:
            units.add(kernel.unit)
            yield _marked(kernel.unit, shared)
        yield _marked(kernel.function, function)


def _marked(name: str, text: str) -> str:
    return f"/* Kernel: {name}. */\n{text.strip()}\n"


def _constants(steps: Sequence[Step]) -> Iterable[str]:
    written: set[str] = set()
    for step in steps:
        for table in step.tables:
            if table.name not in written:
                written.add(table.name)
                yield _constant(table)


def _constant(table: Table) -> str:
    head = f"static const {table.c_type} {table.name}[{table.length}] EDGE_ALIGNED(4)"
    text = f"{head} = {{\n{_wrapped(table.initializer)}}};"
    if table.dsp is not None:
        text = f"#if EDGE_DSP\n{_constant(table.dsp)}\n#else\n{text}\n#endif"
    return text if table.helium is None else f"#if EDGE_MVE\n{_constant(table.helium)}\n#else\n{text}\n#endif"


def _images(plan: Plan) -> Iterable[str]:
    """Yields the description of every buffer that a kernel finds rows of."""
    used = dict.fromkeys(
        field.buffer for step in plan.program.steps for field in step.fields if isinstance(field, Rows)
    )
    for index in used:
        buffer = plan.program.buffers[index]
        layout = buffer.layout
        fill = f"EDGE_PIXEL_FILL({layout.pad}u)" if layout.kind == "pixels" else f"{layout.pad * 0x01010101}u"
        values = (
            f"edge_arena + {plan.offset(index)}",
            layout.row_bytes,
            fill,
            plan.rows_kept(index),
            *(layout.width, layout.channels, layout.stride, buffer.top),
            *(layout.left, layout.right),
        )
        text = ", ".join(map(str, values))
        yield f"static const EdgeImage edge_image_{index} = {{{text}}}; /* {_plain(buffer.name)} */"


def _descriptor(plan: Plan, number: int) -> str:
    step = plan.program.steps[number]
    values = ", ".join(_field(plan, field) for field in step.fields)
    values = _grouped(step, values, plan)
    return f"/* {_plain(step.name)} */\nstatic const {step.kernel.structure} edge_step_{number} = {{{values}}};"


def _grouped(step: Step, values: str, plan: Plan) -> str:
    """Puts the fields of a nested EdgePair into braces of their own."""
    if _PAIR_MARK not in _text(f"{step.kernel.unit}.c"):
        return values
    fields = [_field(plan, field) for field in step.fields]
    return f"{{{', '.join(fields[:9])}}}, {', '.join(fields[9:])}"


def _field(plan: Plan, field: Field) -> str:
    if isinstance(field, Table):
        return field.name
    if isinstance(field, Rows):
        return f"&edge_image_{field.buffer}"
    if isinstance(field, Pointer):
        return f"(int8_t *)(edge_arena + {plan.offset(field.buffer)})"
    return str(field)


def _segment(plan: Plan, start: int, stop: int) -> str:
    """Returns the loop that runs the units start..stop - 1 row by row together."""
    part = plan.schedule.units[start:stop]
    if len(part) == 1:
        if part[0].runs == 1:
            return f"  {_calls(plan, part[0], '0')}"
        return f"  for (int y = 0; y < {part[0].runs}; y++) {_calls(plan, part[0], 'y')}"
    counters = ", ".join(f"n{i} = 0" for i in range(len(part)))
    lines = [f"  for (int {counters};;) {{", "    int unit;"]
    for number in range(len(part) - 1, -1, -1):
        keyword = "if" if number == len(part) - 1 else "else if"
        lines.append(f"    {keyword} ({_ready(part, number)}) unit = {number};")
    lines.append("    else break;")
    lines.append("    switch (unit) {")
    lines += [
        f"      case {number}: {_calls(plan, unit, f'n{number}')} n{number}++; break;"
        for number, unit in enumerate(part)
    ]
    lines += ["    }", "  }"]
    return "\n".join(lines)


def _calls(plan: Plan, unit: Unit, run: str) -> str:
    """Returns the statement that does one run of a unit."""
    calls = " ".join(
        f"{plan.program.steps[number].kernel.function}(&edge_step_{number}, {run});"
        for number in range(unit.first, unit.last + 1)
    )
    if unit.runs == unit.rows:
        return calls if unit.first == unit.last else f"{{ {calls} }}"
    border = f"edge_border_row(&edge_image_{plan.program.steps[unit.last].write}, {run});"
    return f"{{ if ({run} < {unit.rows}) {{ {calls} }} else {border} }}"


def _ready(part: Sequence[Unit], number: int) -> str:
    """Returns whether a unit can run: what `schedule._next_unit` asks, as C."""
    unit = part[number]
    conditions = [f"n{number} < {unit.runs}"]
    for source, window in sources_of(part, number):
        conditions.append(f"n{source} >= {_needed(window, f'n{number}', part[source].runs)}")
    return " && ".join(conditions)


def _needed(window: RowWindow, run: str, rows: int) -> str:
    """Returns `RowWindow.needed` for one run more than `run` as C; beyond the last row, rows are capped anyway."""
    if window.whole:
        return str(rows)
    dividend = f"{run} * {window.numerator}" if window.numerator != 1 else run
    if window.denominator == 1:
        return f"edge_min({dividend} + {window.offset + window.size}, {rows})"
    shift = -(-max(-window.offset, 0) // window.denominator)  # C divides towards zero, a floor is wanted
    dividend += f" + {window.offset + shift * window.denominator}"
    return f"edge_min(({dividend}) / {window.denominator} + {window.size - shift}, {rows})"


def _wrapped(text: str, width: int = 118) -> str:
    lines, line = [], ""
    for part in text.replace("\n", "").split(","):
        if len(line) + len(part) + 1 > width:
            lines.append(line)
            line = ""
        line += f"{part},"
    return "\n".join([*lines, line.rstrip(",")])


def _plain(text: str) -> str:
    # A tensor's name is whatever its author chose; nothing in it may end the comment.
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.:;+- ") else "_" for c in text)[:80]


def _shape(spec: TensorSpec) -> str:
    return "{" + ", ".join(map(str, spec.shape)) + "}"


def _float(value: float | None) -> str:
    return f"{value!r}f" if value is not None else "0"
