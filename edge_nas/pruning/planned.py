"""What a build's C will take on its board, known from the untrained network: shapes decide it, not weights.

The network is sketched at the widths that pruning will leave, with random weights, and its C is planned. The arena is
that of the build, to the byte, as far as pruning leaves these widths and no QUANTIZE comes in: training with fake
quantization may leave an up-sampling another range than what it copies, and TFLite then puts one between, with memory
of its own (Nano_U with three classes of 96x128: 70 KiB, where 55 were planned). Code and instructions are predicted.
"""

import tf_keras

from edge_nas.boards import Board, error_percent, estimate_ms
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.descriptors import constant_bytes
from edge_nas.core.config import CompileSpec, PruneSpec, QuantizeSpec
from edge_nas.costs import CostUnknownError, cost_of_plan, known_cores
from edge_nas.errors import GateError
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.pruning.widths import uniform_widths
from edge_nas.results.check import PlannedFit


def planned_fit(
    network: tf_keras.Model, spec: PruneSpec, quantize: QuantizeSpec, compiled: CompileSpec, board: Board
) -> PlannedFit:
    """Returns what the pruned network's C takes on a board.

    Under a budget the widths are searched and not known yet: it is what the network takes before.

    Args:
        network: flat, untrained.
        spec: how it is going to be pruned.
        quantize: how it is going to be quantized; with activations of 16 bits, what it takes is a lower bound.
        compiled: how its C is going to be made; what that takes is known in part where it is not made for speed.
        board: where.

    Raises:
        ConfigError: a layer whose operator cannot be sketched; names it.
        ArtifactError: an operator that is not compiled.
    """
    graph = channel_graph(network).leaving(spec.leave)
    widths = {} if spec.budget is not None else uniform_widths(graph, spec)
    sketch = Int8Interpreter(sketch_of(network, graph, widths, quantize.scheme))
    plan = plan_network(
        sketch,
        optimize=compiled.optimize,
        arena_limit=compiled.arena_limit,
        esp32s3_vectors=compiled.esp32s3_vectors,
    ).plan
    basis = f"prune.ratio={spec.ratio:g}" if spec.budget is None else "all channels, before prune.budget takes some"
    bare = PlannedFit(
        board=board.name,
        basis=basis,
        sram_bytes=plan.arena.size_bytes,
        flash_bytes=constant_bytes(plan),
        sram_available_bytes=None if board.sram_bytes is None else board.sram_bytes.value,
        flash_available_bytes=None if board.flash_bytes is None else board.flash_bytes.value,
        is_lower_bound=True,
        is_limited=spec.budget is not None,
    )
    if board.emulated_core not in known_cores() or quantize.activations != "int8":
        return bare
    try:
        cost = cost_of_plan(plan, str(board.emulated_core))
    except CostUnknownError:  # a kernel that was never counted: what is known without is told as a lower bound
        return bare
    predicted = {
        "flash_bytes": cost.flash_bytes,
        "instructions": cost.instructions,
        "milliseconds": estimate_ms(board, cost.instructions, cost.pace),
        "error_percent": error_percent(board),
        "is_lower_bound": False,
    }
    return bare.model_copy(update=predicted)


def batch_normalizations(network: tf_keras.Model) -> int:
    """Returns how many layers are BatchNormalization, which int8 folds and whose statistics are taken anew."""
    return sum(isinstance(layer, tf_keras.layers.BatchNormalization) for layer in network.layers)


def require_planned_fit(planned: PlannedFit) -> None:
    """Returns where the build's network will fit its board, or a budget may still see to that.

    Raises:
        GateError: names each memory that is too small.
    """
    if planned.over and not planned.is_limited:
        told = "; ".join(
            f"{name} is over by {needed - there:,} bytes: at least {needed:,} are needed, the board has {there:,}"
            for name, needed, there in planned.over
        )
        raise GateError(
            f"the network cannot fit {planned.board}, planned at {planned.basis}: {told}. Prune more (prune.ratio), "
            "use a smaller data.input_shape or fewer channels, or name a larger board (--board, edge-nas boards)"
        )
