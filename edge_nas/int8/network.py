"""From a file's graph to the network on codes that is computed: each rewriting once, in the order that they need.

states     variables become tensors that keep their values
folding    what follows from the file alone is constant
batches    what a mean over the batch left without one has it again
rows       and what a reshape for dense layers did
parts      one output for each operator
dilation   what only spreads an image for a convolution becomes its dilation
micro      dense layers of what only tflite-micro runs are rounded as it does
ends       what converts inputs and outputs stands beside the network
"""

from edge_nas.int8.batches import with_batches
from edge_nas.int8.dilation import with_dilations
from edge_nas.int8.ends import Network, split_ends
from edge_nas.int8.folding import fold_constants
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.micro import with_micro_rounding
from edge_nas.int8.parts import one_output_each
from edge_nas.int8.rows import rows_with_batches
from edge_nas.int8.states import with_states


def network_of(graph: Int8Graph) -> Network:
    """Returns the network that a file's graph describes.

    Raises:
        ArtifactError: its variables, or what only tflite-micro runs of it, are not supported.
    """
    whole = rows_with_batches(with_batches(fold_constants(with_states(graph))))
    return split_ends(with_micro_rounding(with_dilations(one_output_each(whole))))
