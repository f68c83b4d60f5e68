"""What a network's channels repeat of each other, layer by layer."""

from edge_nas.core.frozen import Frozen


class LayerRedundancy(Frozen):
    """One layer's output channels, from the covariance over all positions of the calibration set.

    `spectrum`: eigenvalues of the covariance, largest first. `effective_rank`: exp of the entropy of the normalised
    eigenvalues (Roy & Vetterli 2007). `score`: mean squared off-diagonal correlation, [0, 1]. `mean_abs_correlation`:
    the same with absolute values. `r2`: per channel, the share of its variance that the other channels explain.
    `dead`: channels without variance. `suggested_width`: the fewest channels that explain 99 % of the total variance
    of all by least squares. `correlation`: the matrix of it, two digits; None above 128 channels, where it would be
    larger than all else.
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
    suggested_width: int
    correlation: tuple[tuple[float, ...], ...] | None = None


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
