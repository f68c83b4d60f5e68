"""Removal of channels and least-squares repair."""

from edge_nas.core.extensions import CRITERIA
from edge_nas.pruning.model import prune_model
from edge_nas.pruning.preconditions import check_preconditions
from edge_nas.pruning.removal import Removal, remove_channels

__all__ = ["CRITERIA", "Removal", "check_preconditions", "prune_model", "remove_channels"]
