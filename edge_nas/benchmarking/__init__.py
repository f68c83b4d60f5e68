"""Latency of model files and Keras models on this machine."""

from edge_nas.benchmarking.measure import TimedModel, benchmark
from edge_nas.benchmarking.timed import timed_file, timed_keras

__all__ = ["TimedModel", "benchmark", "timed_file", "timed_keras"]
