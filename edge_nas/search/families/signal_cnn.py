"""Classifiers and regressors of signals: a stem along the moments, separable stages of stride 2, pooling, dense."""

from typing import TYPE_CHECKING

from edge_nas.errors import ConfigError
from edge_nas.search.space import Candidate, Choice, Family, Signature, whole

if TYPE_CHECKING:
    import tf_keras

_MOST_STAGES = 5
_LEAST_MOMENTS = 8  # the stem's half and two stages leave one moment of it


class SignalCnnFamily(Family):
    """See the module; maps (moments, channels), 8 moments at least, to logits or values per signal."""

    name = "signal_cnn"

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns the stem and the stages.

        Raises:
            ConfigError: samples are no signals, or shorter than 8 moments.
        """
        shape = signature.input_shape
        if len(shape) != 2 or shape[0] < _LEAST_MOMENTS:
            raise ConfigError(
                f"family signal_cnn: samples are {shape}; allowed: [moments, channels], {_LEAST_MOMENTS} moments at "
                "least"
            )
        stages = min(_MOST_STAGES, shape[0].bit_length() - 2)
        return (
            Choice("stem", (4, 8, 16, 24, 32)),
            Choice("stem_kernel", (3, 5, 7)),
            Choice("stages", tuple(range(2, stages + 1))),
            *(choice for stage in range(1, stages + 1) for choice in _of_stage(stage)),
        )

    def network(self, candidate: Candidate) -> "tf_keras.Model":
        """Returns the network, with logits or values per signal."""
        import tf_keras

        from edge_nas.models.layers import batchnorm
        from edge_nas.search.families.blocks import L, separable_signal

        self.check(candidate)
        values, signature = candidate.values, candidate.signature
        start = tf_keras.Input(signature.input_shape)
        x = L.Conv1D(whole(values, "stem"), whole(values, "stem_kernel"), strides=2, padding="same", use_bias=False)(
            start
        )
        x = L.ReLU()(batchnorm()(x))
        for stage in range(1, whole(values, "stages") + 1):
            width, kernel = whole(values, f"width_{stage}"), whole(values, f"kernel_{stage}")
            for block in range(whole(values, f"depth_{stage}")):
                x = separable_signal(x, width, kernel, strides=2 if block == 0 else 1)
        x = L.Dense(signature.outputs)(L.GlobalAveragePooling1D()(x))
        return tf_keras.Model(start, x)


SIGNAL_CNN = SignalCnnFamily()


def _of_stage(stage: int) -> tuple[Choice, ...]:
    needs = None if stage <= 2 else ("stages", stage)
    return (
        Choice(f"width_{stage}", (8, 16, 24, 32, 48, 64), needs),
        Choice(f"depth_{stage}", (1, 2, 3), needs),
        Choice(f"kernel_{stage}", (3, 5, 7), needs),
    )
