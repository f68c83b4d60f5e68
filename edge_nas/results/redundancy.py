"""What a network's channels repeat of each other, layer by layer."""

from bisect import bisect_right

from edge_nas.core.frozen import Frozen


class ChannelRedundancy(Frozen):
    """One layer's output channels, from the covariance over all positions of the calibration set.

    `spectrum`: eigenvalues of the covariance, largest first. `effective_rank`: exp of the entropy of the normalised
    eigenvalues (Roy & Vetterli 2007). `score`: mean squared off-diagonal correlation, [0, 1]. `mean_abs_correlation`:
    the same with absolute values. `r2`: per channel, the share of its variance that the other channels explain.
    `dead`: channels without variance. `losses`: the share of the total variance that is lost once 1, 2, ...
    channels - 1 of them are predicted from the others by least squares, the cheapest first. `correlation`: the matrix
    of it, two digits; None above 128 channels, where it would be larger than all else.
    """

    name: str
    kind: str
    channels: int
    samples: int
    spectrum: tuple[float, ...]
    effective_rank: float
    score: float
    mean_abs_correlation: float
    r2: tuple[float, ...]
    dead: tuple[int, ...]
    losses: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...] | None = None

    def with_suggestion(self, width_error: float) -> "LayerRedundancy":
        """Returns the same with the width that loses at most the share `width_error` of the total variance."""
        width = self.channels - bisect_right(self.losses, width_error)
        return LayerRedundancy(**dict(self), suggested_width=width)


class LayerRedundancy(ChannelRedundancy):
    """The same, and `suggested_width`: the fewest channels from which all follow, but for a share of the variance."""

    suggested_width: int


class RedundancyRecord(Frozen):
    """One layer's redundancy while the network trains: on the last batch of an epoch, as in `LayerRedundancy`."""

    epoch: int
    layer: str
    score: float
    mean_abs_correlation: float
    effective_rank: float


class RedundancyReport(Frozen):
    """The redundancy of every layer with channels, in the order of the forward pass."""

    images: int
    layers: tuple[LayerRedundancy, ...]
