"""How channels pass each kind of layer: one rule per kind, in one table.

A rule answers two questions. `flow`: given the layouts of the inputs, what is the layout of the output, and does the
layer produce, carry or read channels? `narrow`: given which input and output channels stay, what are its new
configuration and weights? Layers without a rule freeze what they touch. A custom layer names its rule in an attribute
`channel_rule`, for example `channel_rule = Elementwise()`.
"""

from edge_nas.graph.rules.channelwise import Depthwise, Elementwise, PerChannel
from edge_nas.graph.rules.mixing import Mixing, Separable
from edge_nas.graph.rules.protocol import Indices, Kernel, Narrowed, Rule, Weights, last_size
from edge_nas.graph.rules.table import RULES, rule_for

__all__ = [
    "RULES",
    "Depthwise",
    "Elementwise",
    "Indices",
    "Kernel",
    "Mixing",
    "Narrowed",
    "PerChannel",
    "Rule",
    "Separable",
    "Weights",
    "last_size",
    "rule_for",
]
