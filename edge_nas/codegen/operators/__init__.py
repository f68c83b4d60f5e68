"""How operators become steps, one file each, mirroring `edge_nas.int8.operators`.

A file holds an `OperatorLowering`, which names its fast kernels (`edge_nas.codegen.kernels`) if there are any.
Importing this package imports all of them, and those that other distributions name under the entry point group
`edge_nas.lowerings`.
"""

from typing import Any

from edge_nas.codegen.lowering import OperatorLowering, lowering_class
from edge_nas.core.discovery import import_modules
from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.operands import ParsedOperator

import_modules(__name__, "edge_nas.lowerings")


def lowering_of(graph: Int8Graph, operator: ParsedOperator) -> OperatorLowering[Any]:
    """Returns how an operator becomes steps.

    Raises:
        ArtifactError: it can be run, but no C is known for it.
    """
    lowering = lowering_class(type(operator))
    if lowering is None:
        raise ArtifactError(
            f"{graph.source}: operator {operator.index} ({operator.kind}) has no kernel in C; it can be run but not "
            "compiled"
        )
    return lowering(operator)
