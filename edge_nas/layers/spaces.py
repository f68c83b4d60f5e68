"""Channel spaces: the channels of a tensor as a row of segments, and how a layer's output follows from its inputs.

A segment is a whole channel space. A convolution opens a space; BatchNorm, activations and pooling pass it on; a
concatenation puts rows side by side; an addition ties spaces into one; a convolution in groups joins the channels that
it reads together, so that whole groups go; what cuts channels into equal parts folds a space, so that each part loses
the same ones. `edge_nas.graph.channels` makes the channel groups of a network from them.
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


class Rows(tuple[Segment, ...]):
    """The layout of a tensor whose channels are cut into rows, so that they do not lie along the last axis.

    Few layers know what to make of it (`ChannelRule.takes_rows`).
    """


class SplitRow(Rows):
    """The last two axes are (rows, columns): behind a Reshape, for a channel shuffle or for the heads of attention."""


class RowsFirst(Rows):
    """The axis behind the batch is (rows) and the last one (columns), positions lie between: heads of attention."""


class NoChannels(Rows):
    """No axis holds channels of a layer: the scores of attention, positions by positions. It has no segments."""


def width(layout: Layout) -> int:
    """Returns the number of channels of a tensor."""
    return sum(segment.width for segment in layout)


def parts_of(layout: Layout, count: int) -> list[Layout] | None:
    """Returns the layouts of so many parts of a tensor's channels, as wide as each other; None: they cut segments."""
    size = len(layout) // count
    parts = [layout[start : start + size] for start in range(0, len(layout), max(1, size))]
    is_even = len(layout) == size * count and len({width(part) for part in parts}) == 1
    return parts if is_even else None


@dataclass(frozen=True)
class Flow:
    """How channels pass a layer: the layout of its output, and what the layer does to its input's channels.

    `outputs`: of several outputs, the layout of each; `output` is then that of all their channels in a row. `writes`:
    its weights make the output's channels. `carries`: it holds parameters per channel. `reads`: it mixes its input's
    channels.
    """

    output: Layout
    writes: bool = False
    carries: bool = False
    reads: bool = False
    outputs: tuple[Layout, ...] = ()


class Spaces:
    """The channel spaces that are open, and which of them are tied by which layers.

    A disjoint-set forest (Galler & Fischer 1964) with path halving; of tied spaces the one that was opened first stands
    for all, so that groups come in the order of the forward pass.
    """

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._sizes: list[int] = []
        self._reasons: dict[int, str] = {}  # by the space that stands for those tied with it
        self._ties: dict[int, list[str]] = {}  # likewise
        self._units: dict[int, int] = {}  # likewise: how many can be removed one by one, where not every channel can
        self._folds: dict[int, tuple[int, int]] = {}  # likewise: the space that takes its place, and how often

    def open(self, size: int, frozen: str | None = None) -> Layout:
        """Returns the layout of a new space of `size` channels."""
        space = len(self._parents)
        self._parents.append(space)
        self._sizes.append(size)
        if frozen:
            self._reasons[space] = frozen
        return (Segment(space, size),)

    def find(self, space: int) -> int:
        """Returns the space that stands for all that are tied with `space`: the one opened first."""
        while self._parents[space] != space:
            self._parents[space] = self._parents[self._parents[space]]
            space = self._parents[space]
        return space

    def present(self, layout: Layout) -> Layout:
        """Returns a layout in terms of the spaces that stand for others by now; it stays of its class."""
        segments: list[Segment] = []
        for segment in layout:
            root = self.find(segment.space)
            if root in self._folds:
                space, times = self._folds[root]
                part = Segment(space, segment.size // times, segment.repeat, segment.per)
                segments += self.present((part,)) * times
            else:
                segments.append(Segment(root, segment.size, segment.repeat, segment.per))
        return type(layout)(segments)

    def fold(self, layout: Layout, times: int, where: str) -> Layout | None:
        """Returns the layout of a tensor whose channels lie in so many equal parts, of which each loses the same ones.

        Args:
            layout: of the tensor.
            times: how many parts.
            where: the layer that asks for it.

        Returns:
            None where a part ends inside of a segment; nothing is changed then.
        """
        layout = self.present(layout)
        if len(layout) == 1:
            return self._fold_space(layout, times)
        parts = parts_of(layout, times)
        if parts is None:
            return None
        for part in parts[1:]:
            self.tie(parts[0], part, where)
        return self.present(layout)

    def _fold_space(self, layout: Layout, times: int) -> Layout | None:
        """Returns a layout of a single segment with another space, so many times, in the place of its own."""
        root = layout[0].space
        units = self.units(root) // times
        if self.units(root) % times:
            return None
        (folded,) = self.open(self._sizes[root] // times, frozen=self._reasons.get(root))
        self._ties[folded.space] = self._ties.get(root, [])
        if units != folded.size:
            self._units[folded.space] = units
        self._folds[root] = (folded.space, times)
        return self.present(layout)

    def reason(self, space: int) -> str | None:
        """Returns why the channels of `space` are frozen, or None."""
        return self._reasons.get(self.find(space))

    def join(self, layout: Layout, count: int) -> bool:
        """Makes every `count` successive channels of a tensor one, so that they are kept or removed together.

        Returns:
            Whether that can be: not where such channels are of two spaces. Nothing is changed then.
        """
        units: dict[int, int] = {}
        for segment in self.present(layout):
            root = segment.space
            # The least number of the space's channels that take up a multiple of `count` places.
            least = segment.per * count // math.gcd(segment.repeat, segment.per * count)
            together = math.lcm(segment.size // units.get(root, self.units(root)), least)
            if segment.width % count or segment.size % together:
                return False
            units[root] = segment.size // together
        self._units.update(units)
        return True

    def units(self, space: int) -> int:
        """Returns how many parts of a space can be removed one by one: all channels, where none are joined."""
        root = self.find(space)
        return self._units.get(root, self._sizes[root])

    def together(self, space: int) -> int:
        """Returns how many successive channels of a space go together."""
        return self._sizes[space] // self.units(space)

    def finished(self, segment: Segment) -> Segment:
        """Returns a segment with what goes together as one channel, of the space that stands for those tied with it."""
        units = self.units(segment.space)
        return Segment(self.find(segment.space), units, segment.width // units)

    def ties(self, space: int) -> tuple[str, ...]:
        """Returns the layers that tied `space` with others, in the order of the forward pass."""
        return tuple(dict.fromkeys(self._ties.get(self.find(space), ())))

    def freeze(self, layout: Layout, reason: str) -> None:
        """Keeps all channels of `layout`; the first reason stands."""
        for segment in self.present(layout):
            self._reasons.setdefault(segment.space, reason)

    def tie(self, first: Layout, second: Layout, where: str) -> None:
        """Makes the channels of two layouts one, segment by segment; where they are cut differently, freezes both."""
        first, second = self._folded_alike(self.present(first), self.present(second))
        if len(first) != len(second) or not all(map(self._cut_alike, first, second)):
            self.freeze(first + second, f"{where} ties channels that are cut differently")
            return
        for one, other in zip(first, second, strict=True):
            earlier, later = sorted((self.find(one.space), self.find(other.space)))
            if earlier == later:
                continue
            self._units[earlier] = math.gcd(self.units(earlier), self._units.pop(later, self._sizes[later]))
            self._parents[later] = earlier
            self._ties[earlier] = [*self._ties.get(earlier, ()), *self._ties.pop(later, ()), where]
            if later in self._reasons:
                self._reasons.setdefault(earlier, self._reasons.pop(later))

    def _folded_alike(self, first: Layout, second: Layout) -> tuple[Layout, Layout]:
        """Returns two layouts with the same folds, where one of them has folds that the other can have too."""
        if len(first) > len(second):
            second, first = self._folded_alike(second, first)
        elif len(first) == 1 and len(second) > 1 and width(first) == width(second):
            is_folded = second == second[:1] * len(second)
            first = (self._fold_space(first, len(second)) or first) if is_folded else first
        return first, second

    def _cut_alike(self, one: Segment, other: Segment) -> bool:
        """True where two segments can lose the same places: their channels lie alike, or parts that go whole do."""
        if (one.size, one.repeat, one.per) == (other.size, other.repeat, other.per):
            return True
        fewer, more = sorted((self.units(one.space), self.units(other.space)))
        return one.width == other.width and more % fewer == 0
