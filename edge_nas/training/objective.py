"""What training minimises, as a Keras model whose `fit` does it."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.core.config import FitSpec
from edge_nas.covariance.penalty import OUTPUT, FeaturePenalty
from edge_nas.graph.probes import ProbedTensor

_SMOOTH = 1.0


def dice_loss(truth: Any, logits: Any) -> Any:
    """Returns 1 − soft Dice of the foreground over the batch, a scalar in [0, 1] (V-Net, arXiv 1606.04797)."""
    probabilities = tf.sigmoid(logits)
    overlap = 2.0 * tf.reduce_sum(truth * probabilities) + _SMOOTH
    return 1.0 - overlap / (tf.reduce_sum(truth) + tf.reduce_sum(probabilities) + _SMOOTH)


def cross_entropy(targets: Any, logits: Any) -> Any:
    """Returns the mean binary cross-entropy of logits against targets in [0, 1], a scalar."""
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))


class Objective(tf_keras.Model):
    """Wraps a flat binary segmentation network for `fit`; the network's own variables are what is trained.

    loss = (1 − distillation_weight) · BCE(mask) + distillation_weight · BCE(sigmoid(teacher logits))
    + dice_weight · Dice + Σ weight · DeCov(features), over the features of decov_weight and of decov_layers; every
    term is a metric of its own, `decov` the mean penalty before its weights. The soft-target term is that of Hinton et
    al. (arXiv 1503.02531) at temperature 1 for one logit.

    Args:
        network: maps (N, H, W, 3) float32 to logits (N, H, W, 1).
        spec: the weights.
        teacher: gives the soft targets; needed where distillation_weight > 0. It is not trained.
        probed: what probes saw of the network, for decov_layers.

    Raises:
        ConfigError: a name in decov_layers matches nothing.
    """

    def __init__(
        self, network: tf_keras.Model, spec: FitSpec, teacher: Any, probed: Iterable[ProbedTensor] = ()
    ) -> None:
        super().__init__()
        weights = {OUTPUT: spec.decov_weight, **spec.decov_layers}
        where = {selector: weight for selector, weight in weights.items() if weight > 0}
        self._penalty = FeaturePenalty(network, None, where, probed, stride=spec.decov_stride) if where else None
        self.network = self._penalty.network if self._penalty else tf_keras.Model(network.inputs, network.outputs)
        self._spec = spec
        self._teacher = teacher
        self._losses = {name: tf_keras.metrics.Mean(name) for name in self._terms()}
        self._miou = tf_keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.5, name="miou")

    def _terms(self) -> list[str]:
        weights = {
            "loss": 1.0,
            "cross_entropy": 1.0,
            "distillation": self._spec.distillation_weight,
            "dice": self._spec.dice_weight,
            "decov": self._penalty.weight if self._penalty else 0.0,
        }
        return [name for name, weight in weights.items() if weight > 0]

    @property
    def metrics(self) -> list[Any]:
        """The running means that Keras resets before every epoch."""
        return [*self._losses.values(), self._miou]

    def train_step(self, data: Any) -> dict[str, Any]:
        """Returns the metrics after one step of the optimizer on (images, masks)."""
        images, masks = data
        with tf.GradientTape() as tape:
            values = self._values(images, masks)
        gradients = tape.gradient(values["loss"], self.network.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
        return self._record(values)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Returns mIoU and cross-entropy of (images, masks) in inference."""
        images, masks = data
        logits = tf.nest.flatten(self.network(images, training=False))[0]
        self._miou.update_state(masks, tf.cast(logits > 0, tf.float32))  # the rule of edge_nas.evaluation
        return self._record({"cross_entropy": cross_entropy(masks, logits)}) | {"miou": self._miou.result()}

    def _values(self, images: Any, masks: Any) -> dict[str, Any]:
        spec = self._spec
        logits, *features = tf.nest.flatten(self.network(images, training=True))
        values = {"cross_entropy": cross_entropy(masks, logits)}
        loss = (1.0 - spec.distillation_weight) * values["cross_entropy"]
        if spec.distillation_weight > 0:
            soft = tf.sigmoid(tf.stop_gradient(self._teacher(images, training=False)))
            values["distillation"] = cross_entropy(soft, logits)
            loss += spec.distillation_weight * values["distillation"]
        if spec.dice_weight > 0:
            values["dice"] = dice_loss(masks, logits)
            loss += spec.dice_weight * values["dice"]
        if self._penalty is not None:
            values["decov"] = self._penalty.penalty(features)
            loss += self._penalty.weight * values["decov"]
        return {"loss": loss, **values}

    def _record(self, values: dict[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            self._losses[name].update_state(value)
        return {name: self._losses[name].result() for name in values}
