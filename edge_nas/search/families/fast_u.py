"""Segmentation networks around Fast_U: most work at low resolution, a decoder that adds or leaves out skips.

    (H, W, C) ─ stem, stride 2 ─ level 1 ─ level 2 ... ─ decoder ... ─ logits ─ bilinear to (H, W, outputs)

Each level begins with stride 2 and is decided by width, depth and whether its further blocks are residual; the lowest
one by its kernel too, for 5 x 5 taps pay off only where a pixel sees much of the image. The decoder climbs to half of
the input's resolution or stops at a quarter, the stem's half: in experiments with successive halving all finalists did,
for the layers at the highest resolution cost the most.
"""

from edge_nas.errors import ConfigError
from edge_nas.search.families.block_family import BlockFamily
from edge_nas.search.families.blocks import Blocks, T
from edge_nas.search.space import Candidate, Choice, Decision, Signature, halvings, whole

# Multiples of 4, up to where one level takes more than a small microcontroller has for all.
_STEMS = (4, 8, 12, 16, 20, 24)
_WIDTHS = (8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96)
_MOST_LEVELS = 4


class FastUFamily(BlockFamily):
    """See the module; maps (H, W, C), H and W divisible by 8 at least, to logits per pixel."""

    name = "fast_u"
    widths = ("stem", "width_")
    per_pixel = True

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns the stem, the levels, the skips and the resolution of the logits.

        Raises:
            ConfigError: samples are no images, or a side cannot be halved three times: the stem's half and two levels.
        """
        levels = _levels(signature)
        return (
            Choice("stem", _STEMS),
            Choice("levels", tuple(range(2, levels + 1))),
            *(choice for level in range(1, levels + 1) for choice in _of_level(level)),
            Choice("lowest_kernel", (3, 5)),
            # All levels below the logits have a skip or none has; "add" costs an addition a pixel.
            Choice("skip", ("none", "add")),
            # By how much a side of the logits is smaller than that of the image.
            Choice("logits", (4, 2)),
            Choice("context", (False, True)),
        )

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns the model Fast_U: widths 16-24-32-48, two blocks a level, skips added, logits at half resolution."""
        wanted: dict[str, Decision] = {"stem": 16, "levels": 3, "skip": "add", "logits": 2}
        for level, width in enumerate((24, 32, 48), 1):
            wanted |= {f"width_{level}": width, f"depth_{level}": 2}
        return (self._like(signature, wanted),)

    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns logits at the input's resolution."""
        values = candidate.values
        x = blocks.convolution(blocks.input, whole(values, "stem"), kernel=3, strides=2)
        above = []
        levels = whole(values, "levels")
        for level in range(1, levels + 1):
            above.append(x)
            width, kernel = whole(values, f"width_{level}"), whole(values, "lowest_kernel") if level == levels else 3
            x = blocks.separable(x, width, kernel, strides=2)
            for _ in range(whole(values, f"depth_{level}") - 1):
                y = blocks.separable(x, width, kernel)
                x = blocks.add(x, y) if values[f"residual_{level}"] else y
        if values["context"]:
            rows, columns, width = blocks.shape(x)
            summary = blocks.convolution(blocks.mean(x, keep=True), width)
            x = blocks.add(x, blocks.upsample(summary, (rows, columns)))
        # above[0] has half of the input's resolution, above[1] a quarter.
        for skipped in reversed(above[halvings(whole(values, "logits")) - 1 :]):
            width = blocks.shape(skipped)[-1]
            x = blocks.upsample(blocks.convolution(x, width))
            if values["skip"] == "add":
                x = blocks.add(x, skipped)
            x = blocks.separable(x, width)
        return blocks.bilinear(blocks.logits(x, candidate.signature.outputs), whole(values, "logits"))


FAST_U = FastUFamily()


def _of_level(level: int) -> tuple[Choice, ...]:
    needs = None if level <= 2 else ("levels", level)
    return (
        Choice(f"width_{level}", _WIDTHS, needs),
        Choice(f"depth_{level}", (1, 2, 3, 4), needs),
        # Of a level of one block it decides nothing, so that it is not asked.
        Choice(f"residual_{level}", (False, True), (f"depth_{level}", 2)),
    )


def _levels(signature: Signature) -> int:
    """Returns how many levels an input has room for."""
    shape = signature.input_shape
    if len(shape) != 3:
        raise ConfigError(f"family fast_u: samples are {shape}; allowed: images [height, width, channels]")
    levels = min(halvings(shape[0]), halvings(shape[1])) - 1
    if levels < 2:
        raise ConfigError(
            f"family fast_u: images are {shape[0]} x {shape[1]}; allowed: sides divisible by 8, or data.input_shape"
        )
    return min(levels, _MOST_LEVELS)
