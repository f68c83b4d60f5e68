"""Names of layers that TensorFlow can compute under: each becomes a scope of its graph."""

import re

import tf_keras

from edge_nas.errors import ArtifactError

# TensorFlow (2.21) checks them when a graph is made: Keras lets any text pass before.
_OUTERMOST = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
_INNER = re.compile(r"[A-Za-z0-9_.\\/>-]*")


def require_plain_names(model: tf_keras.Model, source: str) -> None:
    """Refuses a network with a name that no graph can have.

    Args:
        model: any network.
        source: what to call its file.

    Raises:
        ArtifactError: names the layer.
    """
    for layer in (model, *model._flatten_layers(include_self=False)):
        allowed = _OUTERMOST if layer is model else _INNER
        if not allowed.fullmatch(layer.name):
            raise ArtifactError(
                f"{source}: a layer is called {layer.name!r}; TensorFlow takes the letters a to z, digits and _ . - in "
                "names: rename it and save again"
            )
