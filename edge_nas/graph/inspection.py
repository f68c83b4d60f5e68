"""A Keras model looked at as `edge-nas inspect` looks at files: layers as operators, activations taken as int8."""

from pathlib import Path
from typing import Any

from edge_nas.boards import Board
from edge_nas.graph.cost import list_operations
from edge_nas.graph.flatten import flatten
from edge_nas.int8.inspection import board_fit
from edge_nas.int8.memory import live_bytes
from edge_nas.models.outside import open_model
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.inspect import InspectedOperator, Inspection

_REASON = "a Keras model is no int8 file yet: edge-nas quantize makes one, with samples of its data"


def inspect_keras(path: Path, boards: list[Board]) -> Inspection:
    """Returns what is known of a model of one input without running it; sizes are those of its int8 form.

    Args:
        path: a .keras, .h5 or .npz file.
        boards: beside whose memories its least sizes are held.

    Raises:
        ArtifactError, UnsafeError, GraphError: see `open_model` and `flatten`.
    """
    model = flatten(open_model(str(path)))
    listed = list_operations(model)
    nodes = [operation.node for operation in listed.operations]
    live = live_bytes(nodes, listed.sizes, listed.inputs, listed.outputs, listed.source)
    operators = tuple(
        InspectedOperator(
            number=number,
            kind=operation.node.kind,
            output=TensorSpec(name=operation.node.name, shape=_shape(operation.layer.output_shape), dtype="float32"),
            macs=operation.node.macs,
            live_bytes=alive,
        )
        for number, (operation, alive) in enumerate(zip(listed.operations, live, strict=True))
    )
    params = sum(node.params for node in nodes)
    return Inspection(
        source=str(path),
        notes=tuple(f"the MACs of layer {name} are not counted" for name in listed.uncounted),
        inputs=tuple(TensorSpec(name=each.name, shape=_shape(each.shape), dtype="float32") for each in model.inputs),
        outputs=tuple(TensorSpec(name=each.name, shape=_shape(each.shape), dtype="float32") for each in model.outputs),
        operators=operators,
        macs=sum(node.macs for node in nodes),
        params=params,
        file_bytes=path.stat().st_size,
        constant_bytes=params,
        peak_ram_bytes=max(live, default=0),
        boards=tuple(board_fit(board, params, max(live, default=0)) for board in boards),
        not_compiled=_REASON,
    )


def _shape(shape: Any) -> tuple[int, ...]:
    """Returns a shape with a batch of 1 where it is open; of a layer with several outputs, the first one's."""
    first = shape[0] if isinstance(shape, list) else shape
    return tuple(1 if size is None else int(size) for size in first)
