"""Stage 3: removal of channels, least-squares repair, fine-tuning."""

from edge_nas.pruning.criteria import CRITERIA
from edge_nas.pruning.engine import Pruned, remove_channels
from edge_nas.pruning.feasible import check_feasible
from edge_nas.pruning.model import prune_model
from edge_nas.pruning.stage import prune

__all__ = ["CRITERIA", "Pruned", "check_feasible", "prune", "prune_model", "remove_channels"]
