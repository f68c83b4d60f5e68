"""UNIDIRECTIONAL_SEQUENCE_LSTM: one moment after the other, whatever the weights."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.sequence_lstm_blocks import GateParts, SequenceLstmBlocks, state_pointers
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.sequence_lstm import SequenceLstm


@lowers(SequenceLstm)
class SequenceLstmLowering(OperatorLowering[SequenceLstm]):
    """Input, forget, cell and output gate, a cell of 16 bits; no peepholes, projection or layer normalization."""

    fast_kernels = (SequenceLstmBlocks,)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every moment."""
        operator = self.operator
        given, kept = GateParts.of(operator.input_parts), GateParts.of(operator.recurrent_parts)
        fields: Fields = {
            **state_pointers(operator, builder),
            "weights": table(given.weights),
            "recurrent_weights": table(kept.weights),
            "bias": table(given.bias),
            "recurrent_bias": table(kept.bias),
            "multipliers": tuple(part.multiplier.value for part in operator.input_parts),
            "recurrent_multipliers": tuple(part.multiplier.value for part in operator.recurrent_parts),
            "hidden_multiplier": operator.hidden_multiplier.value,
            "shifts": tuple(part.multiplier.shift for part in operator.input_parts),
            "recurrent_shifts": tuple(part.multiplier.shift for part in operator.recurrent_parts),
            "hidden_shift": operator.hidden_multiplier.shift,
            "cell_bits": operator.cell_bits,
            "hidden_zero_point": operator.hidden_zero_point,
            "cell_clip": operator.cell_clip,
            "inputs": operator.input_shape[1],
            "units": operator.output_shape[1],
        }
        builder.flat_step(operator, "sequence_lstm", fields, runs=operator.input_shape[0])
