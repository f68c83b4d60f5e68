"""What kernels are called with, as C: constants, images (where rows lie in the arena) and the descriptors of steps."""

from collections.abc import Iterable, Mapping, Sequence

from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import Field, Fields, InstructionSet, Pointer, Rows, Table, c_value

_WIDTH = 118
# In the order of their conditions: a core with Helium has DSP instructions as well.
_CONDITIONS: Mapping[InstructionSet, str] = {"helium": "EDGE_MVE", "dsp": "EDGE_DSP", "thumb": "EDGE_THUMB"}


def constants(plan: Plan) -> Iterable[str]:
    """Yields the definition of every constant array, named after the first step and field that it belongs to."""
    for table, (_, name) in _names(plan).items():
        yield constant(name, table)


def constant_bytes(plan: Plan, instructions: InstructionSet | None = None) -> int:
    """Returns the bytes of all constant arrays, on cores with an instruction set; None: with none of those."""
    return sum(version_of(table, instructions).size_bytes for table in _names(plan))


def own_constant_bytes(plan: Plan) -> tuple[int, ...]:
    """Returns for each step the bytes of the constant arrays that no step before it has."""
    own = [0] * len(plan.program.steps)
    for table, (number, _) in _names(plan).items():
        own[number] += table.size_bytes
    return tuple(own)


def version_of(table: Table, instructions: InstructionSet | None) -> Table:
    """Returns what takes a table's place on cores with an instruction set."""
    # A core with Helium has DSP instructions as well.
    sets: tuple[InstructionSet, ...] = ("helium", "dsp") if instructions == "helium" else ()
    if instructions is not None and instructions != "helium":
        sets = (instructions,)
    return next((table.versions[each] for each in sets if each in table.versions), table)


def images(plan: Plan) -> Iterable[str]:
    """Yields the description of every buffer that a kernel finds rows of."""
    used: dict[int, None] = {}
    for step in plan.program.steps:
        used |= dict.fromkeys(field.buffer for field in step.fields.values() if isinstance(field, Rows))
    for index in used:
        buffer = plan.program.buffers[index]
        layout = buffer.layout
        fill = f"EDGE_PIXEL_FILL({layout.pad}u)" if layout.kind == "pixels" else f"{layout.pad * 0x01010101:#010x}u"
        members = {
            "base": f"edge_arena + {plan.offset(index)}",
            "row_bytes": str(layout.row_bytes),
            "fill": fill,
            "capacity": str(plan.rows_kept(index)),
            "width": str(layout.width),
            "channels": str(layout.channels),
            "stride": str(layout.stride),
            "top": str(buffer.top),
            "left": str(layout.left),
            "right": str(layout.right),
        }
        yield f"/* {plain(buffer.name)}, {layout.kind} */\n{_definition('EdgeImage', image_name(index), members)}"


def descriptors(plan: Plan) -> Iterable[str]:
    """Yields the descriptor of every step."""
    names = {table: name for table, (_, name) in _names(plan).items()}
    for number, step in enumerate(plan.program.steps):
        members = _members(plan, step.fields, names)
        definition = _definition(step.kernel.structure, step_name(number), members)
        yield f"/* {plain(step.name)} */\n{definition}"


def step_name(number: int) -> str:
    """Returns what a step's descriptor is called."""
    return f"edge_step_{number}"


def image_name(index: int) -> str:
    """Returns what a buffer's description is called."""
    return f"edge_image_{index}"


def _names(plan: Plan) -> Mapping[Table, tuple[int, str]]:
    """Returns of every constant array the first step that has it, and its name.

    Equal ones, such as the kernels of a layer that is called twice, are one.
    """
    names: dict[Table, tuple[int, str]] = {}
    for number, step in enumerate(plan.program.steps):
        for name, table in _tables_of(step.fields, step_name(number)):
            names.setdefault(table, (number, name))
    return names


def _tables_of(fields: Fields, owner: str) -> Iterable[tuple[str, Table]]:
    """Yields the constant arrays of a descriptor and of the structs inside it, with what they would be called."""
    for name, field in fields.items():
        if isinstance(field, Table):
            yield f"{owner}_{name}", field
        elif isinstance(field, Mapping):
            yield from _tables_of(field, f"{owner}_{name}")


def constant(name: str, table: Table) -> str:
    """Returns the definition of a constant array: all its versions, of which a core takes the first that it can."""
    texts: list[str] = []
    for instructions, condition in _CONDITIONS.items():
        version = table.versions.get(instructions)
        if version is not None:
            texts.append(f"#{'elif' if texts else 'if'} {condition}\n{_array(name, version)}")
    if not texts:
        return _array(name, table)
    return "\n".join([*texts, f"#else\n{_array(name, table)}", "#endif"])


def plain(text: str) -> str:
    """Returns a name that stays inside its comment: a tensor's name is whatever its author chose."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.:;+- ") else "_" for c in text)[:80]


def _array(name: str, table: Table) -> str:
    head = f"static const {table.c_type} {name}[{table.length}] EDGE_ALIGNED({table.alignment})"
    return f"{head} = {{\n{_numbers_wrapped(table.initializer)}}};"


def _definition(c_type: str, name: str, members: Mapping[str, str]) -> str:
    """Returns the definition of a constant struct, its members by name."""
    items = [f".{member} = {value}" for member, value in members.items()]
    head = f"static const {c_type} {name} = "
    line = f"{head}{{{', '.join(items)}}};"
    if len(line) <= _WIDTH:
        return line
    body = ",\n".join(f"    {each}" for each in _joined(items))
    return f"{head}{{\n{body}}};"


def _members(plan: Plan, fields: Fields, names: Mapping[Table, str]) -> dict[str, str]:
    return {name: _value(plan, field, names) for name, field in fields.items()}


def _value(plan: Plan, field: Field, names: Mapping[Table, str]) -> str:
    """Returns a field's value as C; `names`: of constant arrays."""
    if isinstance(field, Table):
        return names[field]
    if isinstance(field, Rows):
        return f"&{image_name(field.buffer)}"
    if isinstance(field, Pointer):
        return f"(int8_t *)(edge_arena + {plan.offset(field.buffer)})"
    if isinstance(field, Mapping):
        members = _members(plan, field, names)
        return f"{{{', '.join(f'.{member} = {value}' for member, value in members.items())}}}"
    return c_value(field)


def _joined(items: Sequence[str]) -> list[str]:
    """Returns the items, as many to a line as it has room for."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 6 <= _WIDTH:
            lines[-1] += f", {item}"
        else:
            lines.append(item)
    return lines


def _numbers_wrapped(text: str) -> str:
    """Returns a table's initializer: structs a line each, numbers as many to a line as it has room for."""
    if "{" in text:
        return text
    lines, line = [], ""
    for part in text.replace("\n", "").split(","):
        if len(line) + len(part) + 1 > _WIDTH:
            lines.append(line)
            line = ""
        line += f"{part},"
    return "\n".join([*lines, line.rstrip(",")])
