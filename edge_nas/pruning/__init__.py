"""Stage 3: removal of channels, least-squares repair, fine-tuning."""

from edge_nas.pruning.engine import Pruned, remove_channels
from edge_nas.pruning.stage import prune

__all__ = ["Pruned", "prune", "remove_channels"]
