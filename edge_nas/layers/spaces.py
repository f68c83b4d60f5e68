"""Channel spaces: the channels of a tensor as a row of segments, and how a layer's output follows from its inputs.

A segment is a whole channel space. A convolution opens a space; BatchNorm, activations and pooling pass it on; a
concatenation puts rows side by side; an addition ties spaces into one; a convolution in groups joins the channels that
it reads together, so that whole groups go. `edge_nas.graph.channels` makes the channel groups of a network from them.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A whole channel space inside a tensor's channels; in a finished graph, `space` is the index of its group.

    Each of its `size` channels takes up `repeat` places side by side, which a depthwise layer of multiplier `repeat`
    has made of it. Until the graph is finished, it can be every `per` of them that take up `repeat` places: behind a
    convolution in groups, of which whole ones go.
    """

    space: int
    size: int
    repeat: int = 1
    per: int = 1

    @property
    def width(self) -> int:
        """How many channels of the tensor the segment takes up."""
        return self.size * self.repeat // self.per

    def times(self, made: int, read: int = 1) -> "Segment":
        """Returns the segment behind a layer that makes so many channels of every so many that it reads."""
        repeat, per = self.repeat * made, self.per * read
        common = math.gcd(repeat, per)
        return Segment(self.space, self.size, repeat // common, per // common)


Layout = tuple[Segment, ...]


class SplitRow(tuple[Segment, ...]):
    """The layout of a tensor whose channels a Reshape has cut into rows: its last two axes are (rows, columns).

    Of such tensors only Permute and Reshape know what to make: together they shuffle channels.
    """


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
        self._joined: dict[int, int] = {}  # likewise: how many successive channels go together, 1 where it says nothing

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

    def join(self, layout: Layout, count: int) -> bool:
        """Makes every `count` successive channels of a tensor one, so that they are kept or removed together.

        Returns:
            Whether that can be: not where such channels are of two spaces. Nothing is changed then.
        """
        joined: dict[int, int] = {}
        for segment in layout:
            root = self.find(segment.space)
            # The least number of the space's channels that take up a multiple of `count` places.
            least = segment.per * count // math.gcd(segment.repeat, segment.per * count)
            together = math.lcm(joined.get(root, self.together(root)), least)
            if segment.width % count or segment.size % together:
                return False
            joined[root] = together
        self._joined.update(joined)
        return True

    def together(self, space: int) -> int:
        """Returns how many successive channels of a space go together."""
        return self._joined.get(self.find(space), 1)

    def finished(self, segment: Segment) -> Segment:
        """Returns a segment with what goes together as one channel, of the space that stands for those tied with it."""
        root, together = self.find(segment.space), self.together(segment.space)
        return Segment(root, segment.size // together, segment.repeat * together // segment.per)

    def ties(self, space: int) -> tuple[str, ...]:
        """Returns the layers that tied `space` with others, in the order of the forward pass."""
        return tuple(dict.fromkeys(self._ties.get(self.find(space), ())))

    def freeze(self, layout: Layout, reason: str) -> None:
        """Keeps all channels of `layout`; the first reason stands."""
        for segment in layout:
            self._reasons.setdefault(self.find(segment.space), reason)

    def tie(self, first: Layout, second: Layout, where: str) -> None:
        """Makes the channels of two layouts one, segment by segment; where they are cut differently, freezes both."""
        if [(s.size, s.repeat, s.per) for s in first] != [(s.size, s.repeat, s.per) for s in second]:
            self.freeze(first + second, f"{where} ties channels that are cut differently")
            return
        for one, other in zip(first, second, strict=True):
            earlier, later = sorted((self.find(one.space), self.find(other.space)))
            if earlier == later:
                continue
            self._parents[later] = earlier
            self._joined[earlier] = math.lcm(self._joined.get(earlier, 1), self._joined.pop(later, 1))
            self._ties[earlier] = [*self._ties.get(earlier, ()), *self._ties.pop(later, ()), where]
            if later in self._reasons:
                self._reasons.setdefault(earlier, self._reasons.pop(later))
