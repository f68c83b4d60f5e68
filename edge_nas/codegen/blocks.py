"""Weights in blocks of four outputs, in the order in which the kernels of each instruction set want them."""

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.program import Table
from edge_nas.codegen.tables import table
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operands import Codes

BLOCK_OUTPUTS = 4


def weight_blocks(weights: Codes) -> Integers:
    """Returns weights (outputs, ...) as (blocks of four outputs, 4, depth), rows of zeros behind the last output."""
    rows = weights.reshape(len(weights), -1).astype(np.int64)
    padded = np.pad(rows, ((0, -len(rows) % BLOCK_OUTPUTS), (0, 0)))
    return padded.reshape(-1, BLOCK_OUTPUTS, rows.shape[1])


def block_weights(blocks: Integers) -> Table:
    """Returns what `edge_block_sums` reads, of weights (blocks, 4, depth); see edge_blocks.h."""
    depth = blocks.shape[2]
    words = np.pad(blocks, ((0, 0), (0, 0), (0, -depth % 4))).reshape(len(blocks), 2, 2, -1, 2, 2)
    # (block, pair of outputs, output of it, word, later input of it, earlier or later half): lanes of both outputs
    paired = lanes.packed(words[:, :, 0], words[:, :, 1])
    return table(
        blocks.transpose(0, 2, 1),
        "int8",
        dsp=table(lanes.words(paired.transpose(0, 2, 4, 1, 3)), "uint32"),
        helium=table(blocks, "int8"),
    )
