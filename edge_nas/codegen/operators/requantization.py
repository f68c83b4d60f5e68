"""QUANTIZE from int8 to int8: a table of 256 codes."""

import numpy as np

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.lookup import lower_table
from edge_nas.int8.operators.lookup import all_codes
from edge_nas.int8.operators.requantization import Requantization


def lower(lowering: Lowering, operator: Requantization) -> None:
    """Adds the steps of the operator."""
    lower_table(lowering, operator, operator.run(all_codes().astype(np.int8)))
