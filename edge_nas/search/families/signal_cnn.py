"""Classifiers and regressors of signals: a stem along the moments, separable stages of stride 2, pooling, dense."""

from edge_nas.errors import ConfigError
from edge_nas.search.families.block_family import BlockFamily
from edge_nas.search.families.blocks import Blocks, T
from edge_nas.search.space import Candidate, Choice, Decision, Signature, whole

_MOST_STAGES = 5
_LEAST_MOMENTS = 8  # the stem's half and two stages leave one moment of it


class SignalCnnFamily(BlockFamily):
    """See the module; maps (moments, channels), 8 moments at least, to logits or values per signal."""

    name = "signal_cnn"
    widths = ("stem", "width_")

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

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns the stages of the model MotionNet, 24-32-48-64 and five taps, of separable convolutions."""
        wanted: dict[str, Decision] = {"stem": 16, "stem_kernel": 5, "stages": 4}
        for stage, width in enumerate((24, 32, 48, 64), 1):
            wanted |= {f"width_{stage}": width, f"kernel_{stage}": 5}
        return (self._like(signature, wanted),)

    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns logits or values per signal."""
        values = candidate.values
        x = blocks.convolution(blocks.input, whole(values, "stem"), whole(values, "stem_kernel"), strides=2)
        for stage in range(1, whole(values, "stages") + 1):
            width, kernel = whole(values, f"width_{stage}"), whole(values, f"kernel_{stage}")
            for block in range(whole(values, f"depth_{stage}")):
                x = blocks.separable(x, width, kernel, strides=2 if block == 0 else 1)
        return blocks.dense(blocks.mean(x), candidate.signature.outputs)


SIGNAL_CNN = SignalCnnFamily()


def _of_stage(stage: int) -> tuple[Choice, ...]:
    needs = None if stage <= 2 else ("stages", stage)
    return (
        Choice(f"width_{stage}", (8, 16, 24, 32, 48, 64), needs),
        Choice(f"depth_{stage}", (1, 2, 3), needs),
        Choice(f"kernel_{stage}", (3, 5, 7), needs),
    )
