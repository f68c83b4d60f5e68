"""Classifiers and regressors of signals: a stem along the moments, stages that halve them, mean, dense.

Convolutions of the stages are separable, or plain: a kernel has few taps along time, where a plain one costs little.
"""

from collections.abc import Callable

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
            Choice("convolutions", ("separable", "plain")),
            Choice("halving", ("stride", "pool")),
            *(choice for stage in range(1, stages + 1) for choice in _of_stage(stage)),
        )

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns the model MotionNet: 24-32-48-64 channels, five taps, pooled by two."""
        wanted: dict[str, Decision] = {"stem": 24, "stem_kernel": 5, "stages": 3}
        wanted |= {"convolutions": "plain", "halving": "pool"}
        for stage, width in enumerate((32, 48, 64), 1):
            wanted |= {f"width_{stage}": width, f"kernel_{stage}": 5}
        return (self._like(signature, wanted),)

    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns logits or values per signal."""
        values = candidate.values
        convolution = blocks.separable if values["convolutions"] == "separable" else blocks.convolution

        def halved(convolve: Callable[..., T], x: T, width: int, kernel: int) -> T:
            if values["halving"] == "pool":
                return blocks.max_pool(convolve(x, width, kernel))
            return convolve(x, width, kernel, strides=2)

        x = halved(blocks.convolution, blocks.input, whole(values, "stem"), whole(values, "stem_kernel"))
        for stage in range(1, whole(values, "stages") + 1):
            width, kernel = whole(values, f"width_{stage}"), whole(values, f"kernel_{stage}")
            x = halved(convolution, x, width, kernel)
            for _ in range(whole(values, f"depth_{stage}") - 1):
                x = convolution(x, width, kernel)
        return blocks.dense(blocks.mean(x), candidate.signature.outputs)


SIGNAL_CNN = SignalCnnFamily()


def _of_stage(stage: int) -> tuple[Choice, ...]:
    needs = None if stage <= 2 else ("stages", stage)
    return (
        Choice(f"width_{stage}", (8, 16, 24, 32, 48, 64), needs),
        Choice(f"depth_{stage}", (1, 2, 3), needs),
        Choice(f"kernel_{stage}", (3, 5, 7), needs),
    )
