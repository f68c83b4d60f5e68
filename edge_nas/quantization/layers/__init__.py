"""What TFMOT's 8-bit scheme (0.8.1) lacks or leaves in float, one rule per file.

A rewrite turns a layer into layers that the scheme knows; `schemes` gives it a scheme of its own; `refusals` names
what neither can help, with what to use instead.
"""

from edge_nas.quantization.layers.refusals import advice_on, unquantizable
from edge_nas.quantization.layers.rewrites import rewrite, simplify
from edge_nas.quantization.layers.schemes import scheme_for, scope

__all__ = ["advice_on", "rewrite", "scheme_for", "scope", "simplify", "unquantizable"]
