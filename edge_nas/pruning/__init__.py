"""Stage 3: removal of channels, least-squares repair, fine-tuning."""

from edge_nas.pruning.criteria import CRITERIA
from edge_nas.pruning.model import prune_model
from edge_nas.pruning.preconditions import check_preconditions
from edge_nas.pruning.removal import Removal, remove_channels
from edge_nas.pruning.stage import prune

__all__ = ["CRITERIA", "Removal", "check_preconditions", "prune", "prune_model", "remove_channels"]
