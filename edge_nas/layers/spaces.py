"""Channel spaces: the channels of a tensor as a row of segments, and how a layer's output follows from its inputs.

A segment is a whole channel space. A convolution opens a space; BatchNorm, activations and pooling pass it on; a
concatenation puts rows side by side; an addition ties spaces into one. `edge_nas.graph.channels` makes the channel
groups of a network from them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A whole channel space inside a tensor's channels; in a finished graph, `space` is the index of its group.

    Each of its `size` channels takes up `repeat` places side by side, which a depthwise layer of multiplier `repeat`
    has made of it.
    """

    space: int
    size: int
    repeat: int = 1

    @property
    def width(self) -> int:
        """How many channels of the tensor the segment takes up."""
        return self.size * self.repeat


Layout = tuple[Segment, ...]


def width(layout: Layout) -> int:
    """Returns the number of channels of a tensor."""
    return sum(segment.width for segment in layout)


@dataclass(frozen=True)
class Flow:
    """How channels pass a layer: the layout of its output, and what the layer does to its input's channels.

    `writes`: its weights make the output's channels. `carries`: it holds parameters per channel. `reads`: it mixes
    its input's channels.
    """

    output: Layout
    writes: bool = False
    carries: bool = False
    reads: bool = False


class Spaces:
    """The channel spaces that are open, and which of them are tied by which layers.

    A disjoint-set forest (Galler & Fischer 1964) with path halving; of tied spaces the one that was opened first stands
    for all, so that groups come in the order of the forward pass.
    """

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._reasons: dict[int, str] = {}  # by the space that stands for those tied with it
        self._ties: dict[int, list[str]] = {}  # likewise

    def open(self, size: int, frozen: str | None = None) -> Layout:
        """Returns the layout of a new space of `size` channels."""
        space = len(self._parents)
        self._parents.append(space)
        if frozen:
            self._reasons[space] = frozen
        return (Segment(space, size),)

    def find(self, space: int) -> int:
        """Returns the space that stands for all that are tied with `space`: the one opened first."""
        while self._parents[space] != space:
            self._parents[space] = self._parents[self._parents[space]]
            space = self._parents[space]
        return space

    def reason(self, space: int) -> str | None:
        """Returns why the channels of `space` are frozen, or None."""
        return self._reasons.get(self.find(space))

    def ties(self, space: int) -> tuple[str, ...]:
        """Returns the layers that tied `space` with others, in the order of the forward pass."""
        return tuple(dict.fromkeys(self._ties.get(self.find(space), ())))

    def freeze(self, layout: Layout, reason: str) -> None:
        """Keeps all channels of `layout`; the first reason stands."""
        for segment in layout:
            self._reasons.setdefault(self.find(segment.space), reason)

    def tie(self, first: Layout, second: Layout, where: str) -> None:
        """Makes the channels of two layouts one, segment by segment; where they are cut differently, freezes both."""
        if [(s.size, s.repeat) for s in first] != [(s.size, s.repeat) for s in second]:
            self.freeze(first + second, f"{where} ties channels that are cut differently")
            return
        for one, other in zip(first, second, strict=True):
            earlier, later = sorted((self.find(one.space), self.find(other.space)))
            if earlier == later:
                continue
            self._parents[later] = earlier
            self._ties[earlier] = [*self._ties.get(earlier, ()), *self._ties.pop(later, ()), where]
            if later in self._reasons:
                self._reasons.setdefault(earlier, self._reasons.pop(later))
