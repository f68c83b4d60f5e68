"""Latency of model files and Keras models on this machine."""

from edge_nas.benchmarking.measure import Progress, Subject, benchmark
from edge_nas.benchmarking.subjects import file_subject, keras_subject

__all__ = ["Progress", "Subject", "benchmark", "file_subject", "keras_subject"]
