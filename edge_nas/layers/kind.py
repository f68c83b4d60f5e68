"""What the package knows of one kind of layer, in one value."""

from dataclasses import dataclass

from edge_nas.layers.rules import ChannelRule, Unknown


@dataclass(frozen=True)
class LayerKind:
    """What there is to know of one kind of layer; whatever is left out has the answer that is safe.

    `channels`: how channels pass; by default none of those around the layer may be removed.
    """

    channels: ChannelRule = Unknown()  # noqa: RUF009 - it has no state


UNKNOWN = LayerKind()
