"""Small int8 .tflite files made without TensorFlow, for tests: a writer, layers with random parameters, whole graphs.

data = random_graph(seed).data
"""

from int8graphs.draft import Draft
from int8graphs.layers import KINDS, add_layer
from int8graphs.random_graphs import RandomGraph, probe_inputs, random_graph
from int8graphs.reference import run_reference, run_tflite_micro
from int8graphs.writer import Writer

__all__ = [
    "KINDS",
    "Draft",
    "RandomGraph",
    "Writer",
    "add_layer",
    "probe_inputs",
    "random_graph",
    "run_reference",
    "run_tflite_micro",
]
