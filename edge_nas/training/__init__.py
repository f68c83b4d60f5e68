"""Training: the loss with DeCov and distillation, and one fit."""

from edge_nas.training.fit import fit

__all__ = ["fit"]
