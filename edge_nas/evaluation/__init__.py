"""Scores of a network on a split, trivial baselines, and parity between two runtimes."""
