"""The body of edge_model_run: segments one after the other, and the loop in which the strips of a segment take turns.

In such a loop it is always the last strip whose rows are there that runs next, as `schedule.ring_capacities` has it.
"""

from collections.abc import Iterable, Sequence

from edge_nas.codegen.descriptors import image_name, step_name
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import RowWindow
from edge_nas.codegen.schedule import Strip, writers_of


def body(plan: Plan) -> str:
    """Returns the statements, indented by two."""
    lines: list[str] = []
    for start, stop in plan.schedule.segments:
        strips = plan.schedule.strips[start:stop]
        lines += _turns(plan, strips) if len(strips) > 1 else _single(plan, strips[0])
    return "\n".join(f"  {line}" for line in lines)


def step_functions(plan: Plan) -> Iterable[str]:
    """Yields a function for each step, its kernel called with its descriptor.

    What a step takes then depends on its own constants, and on no step beside it (design note 33).
    """
    for number, step in enumerate(plan.program.steps):
        yield f"EDGE_STEP void {_function(number)}(int y) {{ {step.kernel.function}(&{step_name(number)}, y); }}"


def _function(number: int) -> str:
    """Returns what a step's function is called."""
    return f"edge_run_{number}"


def _single(plan: Plan, strip: Strip) -> Iterable[str]:
    """Yields all runs of a strip that has its segment for itself."""
    if strip.runs == 1:
        yield from _calls(strip, "0")
        return
    yield f"for (int y = 0; y < {strip.runs}; y++) {{"
    yield from _indented(_run(plan, strip, "y"))
    yield "}"


def _turns(plan: Plan, strips: Sequence[Strip]) -> Iterable[str]:
    """Yields the loop in which strips take turns; nI is how often strip I of the segment has run."""
    counters = ", ".join(f"n{number} = 0" for number in range(len(strips)))
    yield f"for (int {counters};;) {{"
    yield "  int strip;"
    # First which, then what: compilers make less code of it than of one chain of conditions with calls inside.
    for number in range(len(strips) - 1, -1, -1):
        keyword = "if" if number == len(strips) - 1 else "else if"
        yield f"  {keyword} ({_is_ready(strips, number)}) strip = {number};"
    yield "  else break;"
    yield "  switch (strip) {"
    for number, strip in enumerate(strips):
        yield f"    case {number}:"
        yield from _indented(_run(plan, strip, f"n{number}"), by=6)
        yield f"      n{number}++;"
        yield "      break;"
    yield "  }"
    yield "}"


def _run(plan: Plan, strip: Strip, run: str) -> Iterable[str]:
    """Yields one run of a strip: a row of each step, or behind the last row a row of border."""
    if strip.runs == strip.rows:
        yield from _calls(strip, run)
        return
    image = image_name(plan.program.steps[strip.last].write)
    yield f"if ({run} < {strip.rows}) {{"
    yield from _indented(_calls(strip, run))
    yield "} else {"
    yield f"  edge_border_row(&{image}, {run});"
    yield "}"


def _calls(strip: Strip, run: str) -> Iterable[str]:
    for number in range(strip.first, strip.last + 1):
        yield f"{_function(number)}({run});"


def _is_ready(strips: Sequence[Strip], number: int) -> str:
    """Returns whether a strip can run: what `schedule.turns_of` asks, as C."""
    strip = strips[number]
    conditions = [f"n{number} < {strip.runs}"]
    for writer, window in writers_of(strips, number):
        conditions.append(f"n{writer} >= {needed_rows(window, f'n{number}', strips[writer].runs)}")
    return " && ".join(conditions)


def needed_rows(window: RowWindow, run: str, rows: int) -> str:
    """Returns `RowWindow.needed` for one run more than `run` as C; beyond the last row, rows are capped anyway."""
    if window.whole:
        return str(rows)
    dividend = f"{run} * {window.numerator}" if window.numerator != 1 else run
    if window.denominator == 1:
        return f"edge_min({dividend} + {window.offset + window.size}, {rows})"
    shift = -(-max(-window.offset, 0) // window.denominator)  # C divides towards zero, a floor is wanted
    dividend += f" + {window.offset + shift * window.denominator}"
    return f"edge_min(({dividend}) / {window.denominator} + {window.size - shift}, {rows})"


def _indented(lines: Iterable[str], by: int = 2) -> Iterable[str]:
    return (f"{' ' * by}{line}" for line in lines)
