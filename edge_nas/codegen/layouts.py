"""Steps that move a tensor from one layout to another, row by row, and how kernels go through a row of pairs."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Kernel, Layout, Rows, RowWindow
from edge_nas.core.config import Optimize

Places = tuple[tuple[str, str], ...]

# The farthest that a store may move its pointer in one instruction.
_NEAR = 255


def stepping(target: Layout, optimize: Optimize) -> tuple[Places, Places]:
    """Returns the parameters, and what follows from them, of a kernel that writes pairs two pixels at a time.

    For speed it knows how many bytes lie between them; for size one kernel is told.
    """
    parameters: Places = ()
    if target.kind != "pairs":
        reach, step = "none", ""
    elif optimize == "size":
        parameters, reach, step = (("step", "any"),), "any", "step"
    else:
        step = str(target.stride)
        parameters, reach = (("step", step),), "near" if target.stride <= _NEAR else "far"
    told = reach == "any"
    return parameters, (
        ("reach", reach),
        ("step_bytes", step),
        ("step_declared", ", int step" if told else ""),
        ("step_passed", ", out->stride" if told else ""),
        ("step_forwarded", ", step" if told else ""),
        ("copies", "2" if optimize == "speed" else "1"),
    )


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
        [lowering.reading(source, RowWindow())],
        target,
        runs=lowering.buffer(source).rows,
        whole=False,
    )
