"""Which layers share channels: the channel groups of a flat graph.

Every tensor's channels are a row of segments, each a whole channel space. A convolution opens a space; BatchNorm,
activations, pooling and depthwise layers pass it on; a concatenation puts rows side by side; an addition ties the
spaces of its inputs into one. Tied spaces are one channel group: they are kept or removed together.

    conv_a ── bn ── add ── conv_c         one group: conv_a and conv_b write it, bn carries it,
    conv_b ──────────┘                    conv_c reads it
"""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge_nas.core.arrays import Places
from edge_nas.core.nearnames import did_you_mean, nearest_name
from edge_nas.errors import ConfigError, GraphError
from edge_nas.layers.spaces import Layout, width


@dataclass(frozen=True)
class Reader:
    """A layer that mixes the channels of a group, which start at `offset` of its input's channels, `repeat` each.

    A layer that sees the group several times, such as a dense layer behind Flatten, is one reader per sight.
    """

    layer: str
    offset: int
    repeat: int = 1


@dataclass(frozen=True)
class ChannelGroup:
    """Channels that are kept or removed together.

    `writers` make them, `carriers` hold parameters per channel, `readers` mix them, `ties` are the layers that made
    one group of several. `frozen`: why none of them may be removed, or None. `together`: how many channels of its
    writers count as one channel of the group, since a convolution in groups, say, loses whole groups only.
    """

    name: str
    channels: int
    writers: tuple[str, ...]
    carriers: tuple[str, ...]
    readers: tuple[Reader, ...]
    frozen: str | None
    ties: tuple[str, ...] = ()
    together: int = 1

    @property
    def reader_layers(self) -> tuple[str, ...]:
        """The readers by name, each once."""
        return tuple(dict.fromkeys(reader.layer for reader in self.readers))

    def places(self, reader: str) -> Places:
        """Returns where a reading layer's input holds the group's channels, (sights of the group, channels)."""
        channels = np.arange(self.channels)
        sights = []
        for sight in self.readers:
            if sight.layer == reader:
                sights += [sight.offset + channels * sight.repeat + copy for copy in range(sight.repeat)]
        return np.stack(sights)

    def __str__(self) -> str:
        tied = ", tied with ".join(self.writers) or "the network's input"
        readers = ", ".join(self.reader_layers) or "no layer"
        return f"{self.name}: {self.channels} channels of {tied}; read by {readers}; {self.frozen or 'free'}"

    def describe(self) -> str:
        """Returns several lines of text: who makes the channels, who is coupled with whom and why, who reads them."""
        lines = [f"{self.name}: {self.channels} channels", f"  made by {_listed(self.writers) or 'the input'}"]
        if self.ties:
            lines.append(
                f"  tied by {_listed(self.ties)}: one channel of each goes with the same channel of the others"
            )
        if self.carriers:
            lines.append(f"  carried by {_listed(self.carriers)}, with parameters per channel")
        if self.together > 1:
            lines.append(f"  each of them stands for {self.together} successive channels, which go together")
        lines += [f"  read by {layer}, {_sights(self.places(layer))}" for layer in self.reader_layers]
        return "\n".join([*lines, f"  frozen: {self.frozen}" if self.frozen else "  free: channels may be removed"])


@dataclass(frozen=True)
class LayerChannels:
    """The layouts of a layer's inputs and of its output."""

    inputs: tuple[Layout, ...]
    output: Layout


@dataclass(frozen=True)
class ChannelGraph:
    """The channel groups of a network in the order of the forward pass, and the layouts around every layer.

    `tensors`: the layout of every tensor by its key in `edge_nas.graph.walk`.
    """

    groups: tuple[ChannelGroup, ...]
    layers: Mapping[str, LayerChannels]
    tensors: Mapping[str, Layout]

    @property
    def free(self) -> tuple[ChannelGroup, ...]:
        """The groups from which channels may be removed."""
        return tuple(group for group in self.groups if group.frozen is None)

    def kept_channels(self, layout: Layout, kept: Mapping[str, Sequence[int]]) -> list[int]:
        """Returns which channels of a tensor are kept, given the kept indices of groups by name (absent: all)."""
        channels: list[int] = []
        offset = 0
        for segment in layout:
            for index in kept.get(self.groups[segment.space].name, range(segment.size)):
                first = offset + index * segment.repeat
                channels += range(first, first + segment.repeat)
            offset += segment.width
        return channels

    def loses(self, layout: Layout, kept: Mapping[str, Sequence[int]]) -> bool:
        """True where a channel of a tensor is not kept."""
        return len(self.kept_channels(layout, kept)) < width(layout)

    def leaving(self, names: Sequence[str]) -> "ChannelGraph":
        """Returns the same graph with the groups around some layers frozen: those whose channels they put out.

        Args:
            names: layers or groups; `*` and `?` stand for any letters.

        Raises:
            ConfigError: a name that no layer or group has.
        """
        groups_of = {group.name: {group.name} for group in self.groups}
        for layer, channels in self.layers.items():
            groups_of[layer] = {self.groups[segment.space].name for segment in channels.output}
        left_alone: set[str] = set()
        for name in names:
            matches = fnmatch.filter(groups_of, name)
            if not matches:
                hint = did_you_mean(nearest_name(name, groups_of)) or f"; layers: {', '.join(groups_of)}"
                raise ConfigError(f"no layer or channel group {name!r} to leave alone{hint}")
            for match in matches:
                left_alone |= groups_of[match]
        groups = []
        for group in self.groups:
            freezes = group.frozen is None and group.name in left_alone
            groups.append(replace(group, frozen="left alone as asked") if freezes else group)
        return replace(self, groups=tuple(groups))

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


def _listed(names: Sequence[str]) -> str:
    """Returns names in words: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _sights(places: Places) -> str:
    """Returns in words where a reader's input holds a group."""
    first, last = int(places.min()), int(places.max())
    if len(places) == 1:
        return f"as channels {first} to {last} of its input"
    return f"{len(places)} times within channels {first} to {last} of its input"
