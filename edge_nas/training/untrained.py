"""The network that is to be trained, flat and with fresh weights, once it is known to answer what the task asks."""

import tf_keras

from edge_nas.core.config import ModelSpec
from edge_nas.core.modelnames import is_outside
from edge_nas.errors import ConfigError, GraphError
from edge_nas.graph.flatten import Mirror, mirror
from edge_nas.models.registry import create_model
from edge_nas.tasks import Task


def untrained_network(spec: ModelSpec, input_shape: tuple[int, ...], seed: int, task: Task) -> Mirror:
    """Returns the network of `spec` for samples of a shape; the weights of a model from a file are its own.

    Raises:
        ConfigError: its outputs are not those of the task.
        GraphError: the model cannot be flattened, or not for samples of this shape.
    """
    tf_keras.utils.set_random_seed(seed)
    return flat_network(spec, input_shape, task)


def flat_network(spec: ModelSpec, input_shape: tuple[int, ...], task: Task) -> Mirror:
    """Returns the network of `spec`, with weights from the generators as they stand.

    Raises:
        ConfigError: its outputs are not those of the task.
        GraphError: the model cannot be flattened, or not for samples of this shape.
    """
    model = create_model(spec, task)
    try:
        created = mirror(model, input_shape)
    except GraphError as error:
        raise GraphError(f"model.name={spec.name} with data.input_shape={list(input_shape)}: {error}") from error
    _check_outputs(created.flat, spec.name, input_shape, task)
    return created


def _check_outputs(network: tf_keras.Model, name: str, input_shape: tuple[int, ...], task: Task) -> None:
    """Refuses a network that does not answer what is asked.

    Raises:
        ConfigError: says which outputs it has, which are needed and how to get them.
    """
    shapes = [tuple(output.shape[1:]) for output in network.outputs]
    needed = task.output_shape(input_shape)
    if shapes == [needed]:
        return
    per_pixel = " terrain_net, nano_u, fast_u and bu_net answer for every pixel."
    hint = "" if task.has_masks or is_outside(name) else per_pixel
    raise ConfigError(
        f"model {name!r}: for a sample {input_shape} the output has shape {', '.join(map(str, shapes))}; task "
        f"{task.name!r} needs {needed}.{hint} Give a network of yours, model=module:function or a .keras file, whose "
        f"last layer is such as {task.last_layer}"
    )
