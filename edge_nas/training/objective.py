"""What training minimises, as a Keras model whose `fit` does it."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.core.config import FitSpec
from edge_nas.covariance.penalty import OUTPUT, FeaturePenalty
from edge_nas.graph.probes import ProbedTensor
from edge_nas.tasks import BINARY_SEGMENTATION, Task


class Objective(tf_keras.Model):
    """Wraps a flat network for `fit`; the network's own variables are what is trained.

    loss = (1 − distillation_weight) · task loss + distillation_weight · task distillation + dice_weight · Dice
    + Σ weight · DeCov(features), over the features of decov_weight and of decov_layers; every term is a metric of its
    own, `decov` the mean penalty before its weights. The task's file has the formulas and their sources.

    Args:
        network: maps (N, H, W, 3) float32 to the task's outputs.
        spec: the weights.
        teacher: gives the soft targets; needed where distillation_weight > 0. It is not trained.
        probed: what probes saw of the network, for decov_layers.
        task: what is asked of the network.

    Raises:
        ConfigError: a name in decov_layers matches nothing.
    """

    def __init__(
        self,
        network: tf_keras.Model,
        spec: FitSpec,
        teacher: Any,
        probed: Iterable[ProbedTensor] = (),
        task: Task = BINARY_SEGMENTATION,
    ) -> None:
        super().__init__()
        weights = {OUTPUT: spec.decov_weight, **spec.decov_layers}
        weights = {selector: weight for selector, weight in weights.items() if weight > 0}
        self._penalty: FeaturePenalty | None = None
        self.network = tf_keras.Model(network.inputs, network.outputs)
        if weights:
            self._penalty = FeaturePenalty(network, None, weights, probed, stride=spec.decov_stride)
            # With the features as further outputs.
            self.network = self._penalty.network
        self._spec = spec
        self._teacher = teacher
        self._task = task
        self._losses = {name: tf_keras.metrics.Mean(name) for name in self._terms()}
        self._score = task.metric()

    def _terms(self) -> list[str]:
        """Returns the names of the terms that count, the whole loss first."""
        weights = {
            "loss": 1.0,
            self._task.loss_name: 1.0,
            "distillation": self._spec.distillation_weight,
            "dice": self._spec.dice_weight,
            "decov": self._penalty.weight if self._penalty else 0.0,
        }
        return [name for name, weight in weights.items() if weight > 0]

    @property
    def metrics(self) -> list[Any]:
        """The running means that Keras resets before every epoch."""
        return [*self._losses.values(), self._score]

    def train_step(self, data: Any) -> dict[str, Any]:
        """Returns the metrics after one step of the optimizer on (images, labels)."""
        images, labels = data
        with tf.GradientTape() as tape:
            terms = self._loss_terms(images, labels)
        gradients = tape.gradient(terms["loss"], self.network.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
        return self._record(terms)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Returns the task's primary score and loss of (images, labels) in inference."""
        images, labels = data
        outputs = tf.nest.flatten(self.network(images, training=False))[0]
        self._score.update_state(*self._task.scored(labels, outputs))
        loss = self._record({self._task.loss_name: self._task.loss(labels, outputs)})
        return loss | {self._score.name: self._score.result()}

    def _loss_terms(self, images: Any, labels: Any) -> dict[str, Any]:
        """Returns the loss of a batch as "loss", and its terms before their weights."""
        spec, task = self._spec, self._task
        # With DeCov, the network puts out its features as well.
        outputs, *features = tf.nest.flatten(self.network(images, training=True))
        terms = {task.loss_name: task.loss(labels, outputs)}
        loss = (1.0 - spec.distillation_weight) * terms[task.loss_name]
        if spec.distillation_weight > 0:
            teacher_outputs = tf.stop_gradient(self._teacher(images, training=False))
            terms["distillation"] = task.distillation(teacher_outputs, outputs)
            loss += spec.distillation_weight * terms["distillation"]
        if spec.dice_weight > 0:
            terms["dice"] = task.dice(labels, outputs)
            loss += spec.dice_weight * terms["dice"]
        if self._penalty is not None:
            terms["decov"] = self._penalty.penalty(features)
            loss += self._penalty.weight * terms["decov"]
        return {"loss": loss, **terms}

    def _record(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Adds the terms of a batch to the running means and returns those."""
        for name, term in terms.items():
            self._losses[name].update_state(term)
        return {name: self._losses[name].result() for name in terms}
