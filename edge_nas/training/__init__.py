"""Training: the loss with DeCov and distillation, one fit, and the stage."""

from edge_nas.training.fit import fit
from edge_nas.training.stage import train

__all__ = ["fit", "train"]
