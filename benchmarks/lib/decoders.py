"""Networks with decoders, of random weights: what is predicted of them depends on shapes alone."""

from collections.abc import Sequence

from edge_nas.int8.sketch import HALVING, THREE, Sketch, SketchTensor

_PICTURE = (48, 64, 3)


def unet(widths: Sequence[int] = (16, 32, 64, 128)) -> bytes:
    """Returns the U-Net that pruning is measured on: two 3 x 3 convolutions a block, skips that are concatenated."""
    net = Sketch(_PICTURE)

    def block(x: SketchTensor, width: int) -> SketchTensor:
        return net.convolution(net.convolution(x, width, THREE), width, THREE)

    x, skips = net.input, []
    for width in widths[:-1]:
        x = block(x, width)
        skips.append(x)
        x = net.max_pool(x)
    x = block(x, widths[-1])
    for width in reversed(widths[:-1]):
        x = block(net.concatenate([net.upsample(x), skips.pop()]), width)
    return net.finish(net.convolution(x, 1, activation="linear"))


def fast_u(widths: Sequence[int] = (16, 24, 32, 48), depth: int = 2) -> bytes:
    """Returns a Fast_U (`edge_nas.models.fast_u`), whose skips are added."""
    net = Sketch(_PICTURE)
    x, skips = net.convolution(net.input, widths[0], HALVING), []
    for width in widths[1:]:
        skips.append(x)
        for block in range(depth):
            x = net.convolution(net.depthwise(x, HALVING if block == 0 else THREE), width)
    for skip in reversed(skips):
        x = net.add(net.upsample(net.convolution(x, skip.shape[-1])), skip)
        x = net.convolution(net.depthwise(x), skip.shape[-1])
    return net.finish(net.bilinear(net.convolution(x, 1, activation="linear")))
