"""One line that adds the DeCov penalty to any Keras model.

model = with_decov(Nano_U(), weight=0.01, input_shape=(48, 64, 3))
model.compile("adam", tf_keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(images, masks, validation_data=val, callbacks=[...])      # loss includes the penalty, `decov` shows it
model.save("net.keras")
plain = tf_keras.models.load_model("net.keras")                     # the network alone: no class of ours is needed
"""

import inspect
from typing import Any

import tf_keras

from edge_nas.covariance.penalty import OUTPUT, FeaturePenalty, Where, tell_features
from edge_nas.errors import ConfigError
from edge_nas.graph.flatten import InputShape, mirror


def with_decov(
    model: tf_keras.Model,
    weight: float | None = None,
    where: Where = OUTPUT,
    input_shape: InputShape | None = None,
    *,
    normalize: bool = True,
    stride: int = 1,
) -> tf_keras.Model:
    """Returns a flat functional copy of `model` whose loss has Σ weight · DeCov(features) added to it.

    The copy is an ordinary Keras model: compile, fit, evaluate, callbacks, metrics, get_layer work as ever, and the
    metric `decov` is the mean penalty before its weight ([0, ½] where normalised). `save` and `save_weights` write the
    network without the penalty, a plain functional model; `load_weights` reads what they write. To train a loaded
    network on with the penalty, hand it to `with_decov` again. `model` itself is left as it is: go on with what is
    returned, and compile that.

    Args:
        model: subclassed, functional or sequential; one with probes too, which are not in the copy.
        weight: of the penalty of each chosen tensor, from 0; None where `where` gives the weights.
        where: "output" (for one output channel the features that feed the output layer, said in the log); selectors of
            layers or probes, such as "encoder_*_pointwise_relu"; or {selector: weight}.
        input_shape: (H, W, C), needed for a model that was never built.
        normalize: penalise the correlation, which shrinking the features does not lower, instead of the covariance.
        stride: positions looked at; see `covariance_redundancy`.

    Raises:
        ConfigError: a weight below 0, an unknown layer (the nearest are listed), a model with a `train_step` of its
            own, which the copy would not have.
        GraphError: the model cannot be flattened, or was never built and input_shape is missing.
    """
    if not isinstance(model, tf_keras.Model):
        raise ConfigError(
            f"with_decov takes a tf_keras model; seen {type(model).__module__}.{type(model).__name__}: build it with "
            "tf_keras, or set TF_USE_LEGACY_KERAS=1 before TensorFlow is imported, so that tf.keras is tf_keras"
        )
    for method in ("train_step", "test_step", "compute_loss"):
        if not isinstance(model, Decorrelated) and getattr(type(model), method) is not getattr(tf_keras.Model, method):
            raise ConfigError(
                f"model {model.name!r} has a {method} of its own, which a copy with the penalty would not run: add "
                "covariance_redundancy(features) to the loss there; ActivationExtractor shows what layers are called"
            )
    mirrored = mirror(model, input_shape)
    penalty = FeaturePenalty(mirrored.flat, weight, where, mirrored.probed, normalize=normalize, stride=stride)
    if penalty.output is not None:
        tell_features(penalty.output)
    return Decorrelated(mirrored.flat, penalty)


class Decorrelated(tf_keras.Model):
    """A flat functional network trained with a penalty on some of its features; made by `with_decov`.

    Keras gives a class that calls this constructor the parent `Functional`. The forward pass gives output and features
    at once, so the penalty costs no second one.
    """

    def __init__(self, network: tf_keras.Model, penalty: FeaturePenalty) -> None:
        super().__init__(inputs=network.input, outputs=network.output, name=network.name)
        self._parts = _Parts(network, penalty)

    @property
    def metrics(self) -> list[Any]:
        """The running means that Keras resets before every epoch."""
        return [*super().metrics, self._parts.mean]

    @property
    def network(self) -> tf_keras.Model:
        """The network without the penalty; it shares its variables with this model."""
        return self._parts.network

    @property
    def penalised(self) -> dict[str, float]:
        """The weight of each penalised activation by name."""
        return {feature.name: feature.weight for feature in self._parts.penalty.features}

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Returns the network's output; adds the penalty to the losses."""
        if tf_keras.backend.is_keras_tensor(_first(inputs)):
            # Somebody builds a graph on top: only the network itself belongs there.
            return super().call(inputs, training=training, mask=mask)
        outputs, features = self._parts.penalty.network(inputs, training=training)
        self._parts.latest = self._parts.penalty.penalty(features)
        self.add_loss(self._parts.penalty.weight * self._parts.latest)
        return outputs

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> dict[str, Any]:
        """Returns the metrics of a step, `decov` among them."""
        self._parts.mean.update_state(self._parts.latest)
        return dict(super().compute_metrics(x, y, y_pred, sample_weight))

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Prepares training; see `tf_keras.Model.compile`."""
        super().compile(*args, **kwargs)
        arguments = inspect.signature(tf_keras.Model.compile).bind(self, *args, **kwargs).arguments
        arguments.pop("self")
        other_arguments = arguments.pop("kwargs", {})
        self._parts.compiled = {**arguments, **other_arguments}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes the network without the penalty, compiled as this model is, with the state of its optimizer."""
        plain = tf_keras.Model(self.input, self.output, name=self.name)
        if self._parts.compiled is not None:
            plain.compile(**{**self._parts.compiled, "optimizer": self.optimizer})
        plain.save(*args, **kwargs)

    def save_weights(self, *args: Any, **kwargs: Any) -> None:
        """Writes the network's weights."""
        self.network.save_weights(*args, **kwargs)

    def load_weights(self, *args: Any, **kwargs: Any) -> Any:
        """Reads weights that this model, or the network without the penalty, has written."""
        return self.network.load_weights(*args, **kwargs)


class _Parts:
    """What Keras must not track as parts of the model: its layers and variables would be listed twice."""

    def __init__(self, network: tf_keras.Model, penalty: FeaturePenalty) -> None:
        self.network, self.penalty = network, penalty
        self.compiled: dict[str, Any] | None = None
        self.latest: Any = None
        self.mean = tf_keras.metrics.Mean("decov")


def _first(inputs: Any) -> Any:
    """Returns one tensor of a structure of inputs."""
    while isinstance(inputs, dict | list | tuple):
        inputs = next(iter(inputs.values() if isinstance(inputs, dict) else inputs))
    return inputs
