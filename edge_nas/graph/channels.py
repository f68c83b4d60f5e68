"""Which layers share channels: the channel groups of a flat graph.

Every tensor's channels are a row of segments, each a whole channel space. A convolution opens a space; BatchNorm,
activations, pooling and depthwise layers pass it on; a concatenation puts rows side by side; an addition ties the
spaces of its inputs into one. Tied spaces are one channel group: they are kept or removed together.

    conv_a ── bn ── add ── conv_c         one group: conv_a and conv_b produce it, bn carries it,
    conv_b ──────────┘                    conv_c reads it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_nas.errors import GraphError


@dataclass(frozen=True)
class Segment:
    """A whole channel space inside a tensor's channels; in a finished graph, `space` is the index of its group."""

    space: int
    size: int


Layout = tuple[Segment, ...]


@dataclass(frozen=True)
class Flow:
    """How channels pass a layer: the layout of its output, and what the layer does to its input's channels.

    `produces`: its weights make the output's channels. `carries`: it holds parameters per channel. `reads`: it mixes
    its input's channels.
    """

    output: Layout
    produces: bool = False
    carries: bool = False
    reads: bool = False


@dataclass(frozen=True)
class Reader:
    """A layer that mixes the channels of a group, which start at `offset` of its input's channels."""

    layer: str
    offset: int


@dataclass(frozen=True)
class ChannelGroup:
    """Channels that are kept or removed together.

    `members` produce them, `carriers` hold parameters per channel, `readers` mix them. `frozen`: why none of them may
    be removed, or None.
    """

    name: str
    channels: int
    members: tuple[str, ...]
    carriers: tuple[str, ...]
    readers: tuple[Reader, ...]
    frozen: str | None

    def __str__(self) -> str:
        tied = ", tied with ".join(self.members) or "the network's input"
        readers = ", ".join(reader.layer for reader in self.readers) or "no layer"
        return f"{self.name}: {self.channels} channels of {tied}; read by {readers}; {self.frozen or 'free'}"


@dataclass(frozen=True)
class LayerChannels:
    """The layouts of a layer's inputs and of its output."""

    inputs: tuple[Layout, ...]
    output: Layout


@dataclass(frozen=True)
class ChannelGraph:
    """The channel groups of a network in the order of the forward pass, and the layouts around every layer."""

    groups: tuple[ChannelGroup, ...]
    layers: Mapping[str, LayerChannels]

    @property
    def free(self) -> tuple[ChannelGroup, ...]:
        """The groups from which channels may be removed."""
        return tuple(group for group in self.groups if group.frozen is None)

    def stays(self, layout: Layout, kept: Mapping[str, Sequence[int]]) -> list[int]:
        """Returns which channels of a tensor stay, given the kept indices of groups by name (absent: all stay)."""
        result, offset = [], 0
        for segment in layout:
            group = self.groups[segment.space]
            result += [offset + index for index in kept.get(group.name, range(segment.size))]
            offset += segment.size
        return result

    def loses(self, layout: Layout, kept: Mapping[str, Sequence[int]]) -> bool:
        """True where a channel of a tensor does not stay."""
        return len(self.stays(layout, kept)) < sum(segment.size for segment in layout)

    def check(self, kept: Mapping[str, Sequence[int]]) -> None:
        """Refuses kept indices that name no free group, or are not ascending channels of it.

        Raises:
            GraphError: names the group, what was seen and what is allowed.
        """
        groups = {group.name: group for group in self.groups}
        for name, indices in kept.items():
            if name not in groups:
                raise GraphError(f"no channel group {name!r}; known: {', '.join(groups)}")
            group = groups[name]
            if group.frozen and len(indices) != group.channels:
                raise GraphError(f"channel group {name!r} is frozen: {group.frozen}")
            ascending = list(indices) == sorted(set(indices))
            if not len(indices) or not ascending or indices[0] < 0 or indices[-1] >= group.channels:
                raise GraphError(
                    f"channel group {name!r}: kept indices {list(indices)} must be ascending, from 0 to "
                    f"{group.channels - 1}, and at least one"
                )


class Spaces:
    """The channel spaces found so far, and which of them are tied (union-find)."""

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._reasons: dict[int, str] = {}

    def open(self, size: int, frozen: str | None = None) -> Layout:
        """Returns the layout of a new space of `size` channels."""
        space = len(self._parents)
        self._parents.append(space)
        if frozen:
            self._reasons[space] = frozen
        return (Segment(space, size),)

    def find(self, space: int) -> int:
        """Returns the representative of all spaces tied with `space`: the one opened first."""
        while self._parents[space] != space:
            self._parents[space] = self._parents[self._parents[space]]
            space = self._parents[space]
        return space

    def reason(self, space: int) -> str | None:
        """Returns why the channels of `space` are frozen, or None."""
        return self._reasons.get(self.find(space))

    def freeze(self, layout: Layout, reason: str) -> None:
        """Keeps all channels of `layout`; the first reason stands."""
        for segment in layout:
            self._reasons.setdefault(self.find(segment.space), reason)

    def tie(self, first: Layout, second: Layout, where: str) -> None:
        """Makes the channels of two layouts one, segment by segment; where they are cut differently, freezes both."""
        if [segment.size for segment in first] != [segment.size for segment in second]:
            self.freeze(first + second, f"{where} ties channels that are cut differently")
            return
        for a, b in zip(first, second, strict=True):
            one, other = sorted((self.find(a.space), self.find(b.space)))
            if one == other:
                continue
            self._parents[other] = one
            if other in self._reasons:
                self._reasons.setdefault(one, self._reasons.pop(other))
