"""How kernels that write pairs go through a row of them, two pixels at a time."""

from dataclasses import dataclass

from edge_nas.codegen.program import Layout
from edge_nas.core.config import Optimize

# The farthest that a store of the DSP cores may move its pointer in the same instruction.
_NEAR = 255


@dataclass(frozen=True)
class PairStride:
    """The distance from two pixels to the next two, as parameters and places of a kernel (see `program.Kernel`).

    Attributes:
        parameters: `pair_stride`, in bytes or "any"; none where the kernel writes another layout than pairs.
        places: `pair_stride_is`: "near" where a store moves its pointer so far in the same instruction, "far" where it
            takes an addition, "any" where it is an argument, "none" without pairs; `pair_bytes`, the distance as C;
            what declares, passes and forwards it where it is an argument; `copies` of the loop; what the C is made for.
    """

    parameters: dict[str, str]
    places: dict[str, str]


def pair_stride(target: Layout, optimize: Optimize) -> PairStride:
    """Returns the distance for a kernel that writes rows of a layout.

    For speed every distance has a kernel, in which it is a constant; for size it is an argument of one kernel. And for
    speed the loop is written twice, which saves every second jump.
    """
    parameters: dict[str, str] = {}
    if target.kind != "pairs":
        stride_is, pair_bytes = "none", ""
    elif optimize == "size":
        parameters = {"pair_stride": "any"}
        stride_is, pair_bytes = "any", "pair_bytes"
    else:
        pair_bytes = str(target.stride)
        parameters = {"pair_stride": pair_bytes}
        stride_is = "near" if target.stride <= _NEAR else "far"
    is_argument = stride_is == "any"
    places = {
        "pair_stride_is": stride_is,
        "pair_bytes": pair_bytes,
        "pair_declared": ", int pair_bytes" if is_argument else "",
        "pair_passed": ", out->stride" if is_argument else "",
        "pair_forwarded": ", pair_bytes" if is_argument else "",
        "copies": "2" if optimize == "speed" else "1",
        "optimize": optimize,
    }
    return PairStride(parameters, places)
