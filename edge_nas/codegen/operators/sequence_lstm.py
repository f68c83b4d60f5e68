"""UNIDIRECTIONAL_SEQUENCE_LSTM: one moment after the other, in portable C."""

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Pointer
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.sequence_lstm import SequenceLstm


@lowers(SequenceLstm)
class SequenceLstmLowering(OperatorLowering[SequenceLstm]):
    """Input, forget, cell and output gate, a cell of 16 bits; no peepholes, projection or layer normalization."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every moment."""
        operator = self.operator
        given, kept = operator.input_parts, operator.recurrent_parts
        hidden, cell = (Pointer(builder.read(state)) for state in operator.states)
        fields: Fields = {
            "hidden": hidden,
            "cell": cell,
            "weights": table(np.stack([part.weights for part in given])),
            "recurrent_weights": table(np.stack([part.weights for part in kept])),
            "bias": table(np.stack([part.bias for part in given])),
            "recurrent_bias": table(np.stack([part.bias for part in kept])),
            "multipliers": tuple(part.multiplier.value for part in given),
            "recurrent_multipliers": tuple(part.multiplier.value for part in kept),
            "hidden_multiplier": operator.hidden_multiplier.value,
            "shifts": tuple(part.multiplier.shift for part in given),
            "recurrent_shifts": tuple(part.multiplier.shift for part in kept),
            "hidden_shift": operator.hidden_multiplier.shift,
            "cell_bits": operator.cell_bits,
            "hidden_zero_point": operator.hidden_zero_point,
            "cell_clip": operator.cell_clip,
            "inputs": operator.input_shape[1],
            "units": operator.output_shape[1],
        }
        builder.flat_step(operator, "sequence_lstm", fields, runs=operator.input_shape[0])
