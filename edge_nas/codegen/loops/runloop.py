"""How often the loops of edge_model_run itself run: strips that take turns, and what is looked at before each turn."""

from edge_nas.codegen.loops.counting import Loops
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.schedule import turns_of

RUN = "edge_model_run"


def run_loops(plan: Plan) -> Loops:
    """Returns the loops of a plan's edge_model_run, without those of its steps."""
    counts = dict.fromkeys(("segments", "runs alone", "turns", "strips looked at", "rows below", "words below"), 0)
    for start, stop in plan.schedule.segments:
        strips = plan.schedule.strips[start:stop]
        counts["segments"] += 1
        if len(strips) == 1:
            counts["runs alone"] += strips[0].runs
            continue
        for number in turns_of(strips):
            counts["turns"] += 1
            counts["strips looked at"] += len(strips) - number
        counts["strips looked at"] += len(strips)
    for strip in plan.schedule.strips:
        below = plan.program.buffers[plan.program.steps[strip.last].write]
        counts["rows below"] += strip.runs - strip.rows
        counts["words below"] += (strip.runs - strip.rows) * below.layout.row_bytes // 4
    return Loops({"run": 1, **counts})
