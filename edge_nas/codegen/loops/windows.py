"""How many taps of a window lie inside an image."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edge_nas.codegen.loops.counting import CountedStep


@dataclass(frozen=True)
class Axis:
    """A window that moves along one axis of an image: rows, or columns."""

    outputs: int
    taps: int
    stride: int
    dilation: int
    pad: int
    size: int

    @property
    def inside(self) -> int:
        """Taps inside the image, over all outputs."""
        places = (output * self.stride - self.pad + tap * self.dilation for output, tap in self._pairs())
        return sum(0 <= place < self.size for place in places)

    @property
    def outside(self) -> int:
        """Taps outside the image, over all outputs."""
        return self.outputs * self.taps - self.inside

    @property
    def ends_outside(self) -> int:
        """First and last taps outside the image, over all outputs: how often some before it are left out, or behind."""
        starts = [output * self.stride - self.pad for output in range(self.outputs)]
        reach = (self.taps - 1) * self.dilation
        return sum(start < 0 for start in starts) + sum(start + reach >= self.size for start in starts)

    @property
    def met(self) -> int:
        """Taps of a transposed window that meet an input, over all outputs."""
        places = (output + self.pad - tap for output, tap in self._pairs())
        return sum(place >= 0 and place % self.stride == 0 and place // self.stride < self.size for place in places)

    def tap_places(self) -> Iterator[tuple[int, int]]:
        """Yields, of each tap of each output that lies inside the image, its number and its place."""
        for output, tap in self._pairs():
            place = output * self.stride - self.pad + tap * self.dilation
            if 0 <= place < self.size:
                yield tap, place

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return ((output, tap) for output in range(self.outputs) for tap in range(self.taps))


def axis(step: CountedStep, along: Literal["y", "x"], outputs: int, size: int) -> Axis:
    """Returns how a step's window, of `window_fields`, moves along rows (y) or columns (x) of an image of a size."""
    taps, pad = ("window_height", "pad_top") if along == "y" else ("window_width", "pad_left")
    # Pools have no dilation.
    dilation = step.number(f"dilation_{along}") if f"dilation_{along}" in step.step.fields else 1
    return Axis(outputs, step.number(taps), step.number(f"stride_{along}"), dilation, step.number(pad), size)
