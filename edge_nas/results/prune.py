"""What stage prune hands on: the narrower network, and everything that removal did."""

from typing import Literal

from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.redundancy import ChannelRedundancy
from edge_nas.results.scores import Evaluations
from edge_nas.results.train import EpochRecord

_LISTED = 3
"""Of the groups that are not free: an example of each kind of reason, as a rule."""


class GroupPlan(Frozen):
    """One channel group: which of its channels stay, and the share lost as the criterion sees it.

    `channels` counts the channels of a convolution in groups that go together as one. `predicted_error`: criterion
    covariance: of the readers' signal, [0, 1]; others: of the importance.
    """

    name: str
    members: tuple[str, ...]
    readers: tuple[str, ...]
    channels: int
    kept: tuple[int, ...]
    predicted_error: float


class FrozenGroup(Frozen):
    """A channel group that keeps all its channels, and why."""

    name: str
    members: tuple[str, ...]
    channels: int
    reason: str


class UnrepairedReader(Frozen):
    """A layer that lost channels it read and was not solved anew, and why."""

    name: str
    reason: str


StartName = Literal["cut", "merge", "nearest"]
"""Towards which kernel the ridge drew: as it was cut; with the removed channels merged into all kept ones, or each into
the nearest one."""


class ReaderRepair(Frozen):
    """How a reader was solved anew: from how many rows, towards which kernel, with which ridge."""

    name: str
    rows: int
    start: StartName
    ridge: float


class PruningPlan(Frozen):
    """Everything that removal did: the groups, the frozen ones with reasons, and the cost before and after.

    `ratio`: share of channels removed per group, as asked; under a budget, the share of all that came of it.
    `repaired`: readers in the order of the network, and how each was solved; empty where nothing was removed.
    `unrepaired`: readers of removed channels that the repair left as they were cut. `blocks`: residual blocks that went
    as a whole, by the names of their additions; groups inside of them are not among `groups`.
    """

    criterion: str
    ratio: float
    groups: tuple[GroupPlan, ...]
    frozen: tuple[FrozenGroup, ...]
    before: Cost
    after: Cost
    unrepaired: tuple[UnrepairedReader, ...] = ()
    repaired: tuple[ReaderRepair, ...] = ()
    blocks: tuple[str, ...] = ()

    @property
    def warning(self) -> str | None:
        """What to tell of a ratio that removed nothing, and of readers that were not repaired; None: of neither."""
        if self.ratio > 0 and not self.blocks and all(len(group.kept) == group.channels for group in self.groups):
            return self._nothing_removed
        if not self.unrepaired:
            return None
        readers = "; ".join(f"layer {reader.name!r} {reader.reason}" for reader in self.unrepaired)
        return (
            f"pruned without repair, so that outputs are further off than they had to be: {readers}. Fine-tune, "
            "register a kind of layer with its kernel (edge_nas.layers), or name what feeds them in `leave`"
        )

    @property
    def _nothing_removed(self) -> str:
        """Says why every channel was kept although a share of them was to go."""
        if self.groups:
            widest = max(group.channels for group in self.groups)
            why = f"the widest of {len(self.groups)} groups has {widest} channels, which multiple and min_channels keep"
        else:
            reasons = "; ".join(dict.fromkeys(f"{group.name!r}: {group.reason}" for group in self.frozen[:_LISTED]))
            more = f" and {len(self.frozen) - _LISTED} more" if len(self.frozen) > _LISTED else ""
            why = f"no group of channels is free ({reasons}{more})" if reasons else "there is no group of channels"
        return f"ratio {self.ratio:g} removed nothing, and the network stays as it was: {why}"


class PruneOutput(Frozen):
    """The narrower network after repair and after fine-tuning.

    `masked_max_abs`: largest difference between the narrowed and the masked network's logits, `masked_tolerance`
    what the gate allows. Where TFMOT sparsity was asked for, `zero_share` is the share of zeroed kernel weights and
    `dense_model` the network before; else both are None. `redundancy`: what is left of it, layer by layer; the widths
    that this suggests are left to the report, which knows `analyze.width_error`.
    """

    plan: PruningPlan
    repaired_model: ModelArtifact
    model: ModelArtifact
    dense_model: ModelArtifact | None
    history: tuple[EpochRecord, ...]
    repaired: Evaluations
    pruned: Evaluations
    masked_max_abs: float
    masked_tolerance: float
    redundancy: tuple[ChannelRedundancy, ...]
    zero_share: float | None
