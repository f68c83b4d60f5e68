"""The section about the generated C: proof, instructions, memory, and the board it is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge_nas.int8.names import layer_of
from edge_nas.reporting.charts import Bar, Chart, bar_chart, description
from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.reporting.formats import count, kibibytes
from edge_nas.reporting.material import Material
from edge_nas.results.compile import ArenaBuffer, CompiledModel, CompiledStep
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.verify import CoreReport, ProgramReport, VerificationReport

_ARENA_HEIGHT = 170.0
"""High enough for the buffers of a network of forty steps to be told apart."""
_COLOURS = ("blue", "teal", "violet", "orange")
"""Of buffers in turn: neighbours differ."""


@dataclass(frozen=True)
class StepRow:
    """A step of the generated code.

    `together` are the first and last step of those that it takes turns with row by row; `instructions` has a count per
    core on which steps were counted; `arena_bytes` are the buffers in use meanwhile, input and output included.
    """

    number: int
    layer: str
    operator: str
    together: tuple[int, int]
    instructions: dict[str, int]
    arena_bytes: int


@dataclass(frozen=True)
class Microcontroller:
    """What the section shows; `cores` holds those that were emulated, `skipped` why the others were not."""

    reference: str
    programs: tuple[ProgramReport, ...]
    cores: dict[str, CoreReport]
    skipped: dict[str, str]
    bundle: DeploymentBundle
    arena_bytes: int
    constant_bytes: int
    charts: tuple[Chart, ...]
    steps: tuple[StepRow, ...]


def microcontroller(material: Material) -> Microcontroller:
    """Returns the section; charts of instructions per step are of the cores on which steps were counted."""
    compiled, verified = material.compile, material.verify
    charts = [
        steps_chart(name, compiled.steps, core)
        for name, core in verified.cores.items()
        if core.steps and core.instructions
    ]
    return Microcontroller(
        reference=verified.reference,
        programs=verified.programs,
        cores={name: core for name, core in verified.cores.items() if core.skipped is None},
        skipped={name: core.skipped for name, core in verified.cores.items() if core.skipped is not None},
        bundle=material.deploy,
        arena_bytes=compiled.arena_bytes,
        constant_bytes=compiled.constant_bytes,
        charts=(*charts, arena_chart(compiled.arena, compiled.steps, compiled.arena_bytes)),
        steps=step_rows(compiled, verified),
    )


def step_rows(compiled: CompiledModel, verified: VerificationReport) -> tuple[StepRow, ...]:
    """Returns a row for each step, in execution order."""
    counted = {name: core.steps for name, core in verified.cores.items() if core.steps}
    segments: dict[int, list[int]] = {}
    for number, step in enumerate(compiled.steps):
        segments.setdefault(step.segment, []).append(number)
    rows = []
    for number, step in enumerate(compiled.steps):
        together = segments[step.segment]
        row = StepRow(
            number=number,
            layer=step_label(step.name),
            operator=step.name.rpartition(": ")[0],
            together=(together[0], together[-1]),
            instructions={core: steps[number].instructions for core, steps in counted.items()},
            arena_bytes=_bytes_in_use(compiled.arena, number),
        )
        rows.append(row)
    return tuple(rows)


def _bytes_in_use(buffers: Sequence[ArenaBuffer], step: int) -> int:
    """Returns the bytes of all buffers that hold something while a step runs."""
    return sum(buffer.size_bytes for buffer in buffers if buffer.first_step <= step <= buffer.last_step)


def steps_chart(core: str, steps: Sequence[CompiledStep], report: CoreReport) -> Chart:
    """Returns the instructions of each step of the generated code on a core."""
    counted = {step.name: step.instructions for step in report.steps}
    total = max(sum(counted.values()), 1)
    bars = []
    for step in steps:
        if step.name in counted:
            instructions = counted[step.name]
            text = f"{count(instructions)}, {100 * instructions / total:.0f} %"
            bars.append(Bar(step_label(step.name), instructions / 1e3, text))
    return bar_chart(f"steps-{core}", bars, f"Instructions of each step on {core}, in thousands")


def step_label(name: str) -> str:
    """Returns the layer that a step is of: `stem_relu` of `CONV_2D: stem_relu`."""
    return layer_of(name.rpartition(": ")[2])


def arena_chart(buffers: Sequence[ArenaBuffer], steps: Sequence[CompiledStep], arena_bytes: int) -> Chart:
    """Returns the arena over time: each buffer a box from its first to its last step, at its place in memory."""
    caption = f"The arena, {kibibytes(arena_bytes)}: each buffer at its place, from its first step to its last"

    def paint(axes: Any) -> None:
        for number, buffer in enumerate(buffers):
            colour = COLOURS[_COLOURS[number % len(_COLOURS)]]
            width = buffer.last_step - buffer.first_step + 1
            box = {"left": buffer.first_step, "width": width, "height": buffer.size_bytes / 1024, "align": "edge"}
            axes.barh(buffer.offset / 1024, **box, color=colour, alpha=0.55, edgecolor=colour, linewidth=0.8)
        axes.set_xlim(0, len(steps))
        axes.set_ylim(0, arena_bytes / 1024 * 1.04)
        axes.set_xlabel("step")
        axes.set_ylabel("KiB")
        axes.xaxis.get_major_locator().set_params(integer=True, nbins=8)

    places = []
    for buffer in buffers:
        when = f"steps {buffer.first_step} to {buffer.last_step}"
        places.append(f"{buffer.name} {buffer.size_bytes} bytes at {buffer.offset}, {when}")
    return Chart(chart("arena", _ARENA_HEIGHT, description(caption, places), paint), caption)
