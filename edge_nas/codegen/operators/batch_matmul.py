"""BATCH_MATMUL: matrix by matrix."""

from edge_nas.codegen.builder import ProgramBuilder, readings
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Kernel, Pointer
from edge_nas.int8.operators.batch_matmul import BatchMatmul


@lowers(BatchMatmul)
class BatchMatmulLowering(OperatorLowering[BatchMatmul]):
    """Both inputs computed or one constant, either transposed; as many matrices of both, or one of either."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every matrix."""
        operator = self.operator
        a, b = (builder.operand(tensor) for tensor in operator.inputs)
        write = builder.create(operator.output, "flat")
        rows, inner, columns = operator.rows, operator.inner, operator.columns
        first, second = operator.transposed
        fields: Fields = {
            "a": a,
            "b": b,
            "output": Pointer(write),
            "multiplier": operator.multiplier.value,
            "rows": rows,
            "inner": inner,
            "columns": columns,
            "a_matrix": rows * inner if operator.matrices[0] > 1 else 0,
            "b_matrix": inner * columns if operator.matrices[1] > 1 else 0,
            # From one element of a sum to the next, and from one row of a or column of b to the next.
            "a_step": rows if first else 1,
            "a_line": 1 if first else inner,
            "b_step": 1 if second else columns,
            "b_line": inner if second else 1,
            "a_zero_point": operator.zero_points[0],
            "b_zero_point": operator.zero_points[1],
            "output_zero_point": operator.output_zero_point,
            "shift": operator.multiplier.shift,
        }
        builder.step(
            [operator], Kernel("batch_matmul"), fields, readings([a, b]), write, runs=operator.count, whole=True
        )
