"""Steps that move a tensor from one layout to another, row by row."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Kernel, Reading, Rows


def convert(lowering: Lowering, source: int, target: int) -> None:
    """Adds the step that fills a buffer from another one of the same tensor."""
    layouts = lowering.buffer(source).layout, lowering.buffer(target).layout
    unit = f"{layouts[1].kind}_from_{layouts[0].kind}"
    # Pixels of a flat row are so far apart; where the compiler knows it, most of the addressing is gone.
    parameters = (("channels", str(layouts[0].channels)),) if unit == "planar_from_flat" else ()
    lowering.step(
        [],
        Kernel(unit, parameters),
        [Rows(source), Rows(target)],
        [Reading(source)],
        target,
        runs=lowering.buffer(source).rows,
        whole=False,
    )
