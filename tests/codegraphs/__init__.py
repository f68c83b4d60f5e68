"""Networks that reach the fast kernels of generated code, and many networks in one host program.

graph = image_network(seed)
"""

from codegraphs.dense_networks import dense_network
from codegraphs.image_networks import enlarging_network, image_network, wide_window_network
from codegraphs.merged import Case, run_merged, run_merged_on_core, write_merged
from codegraphs.window_networks import window_network

__all__ = [
    "Case",
    "dense_network",
    "enlarging_network",
    "image_network",
    "run_merged",
    "run_merged_on_core",
    "wide_window_network",
    "window_network",
    "write_merged",
]
