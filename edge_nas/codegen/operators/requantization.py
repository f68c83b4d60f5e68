"""QUANTIZE from int8 to int8."""

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.lookup import lower_lookup
from edge_nas.int8.operators.lookup import all_codes
from edge_nas.int8.operators.requantization import Requantization


@lowers(Requantization)
class RequantizationLowering(OperatorLowering[Requantization]):
    """From int8 to int8: a table of 256 codes."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        lower_lookup(builder, self.operator, self.operator.run(all_codes().astype(np.int8)))
