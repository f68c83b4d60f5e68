"""The 489k-parameter U-Net that pruning figures are measured on: 16-32-64-128, two 3x3 convolutions per block."""

from pathlib import Path

import tf_keras

L = tf_keras.layers


def unet_camvid(weights: Path) -> tf_keras.Model:
    """Returns the network with the weights of an .h5 file: (N, 48, 64, 3) float32 in [-1, 1] to logits."""
    inputs = x = L.Input((48, 64, 3))
    skips = []
    for width in (16, 32, 64):
        x = _block(x, width)
        skips.append(x)
        x = L.MaxPooling2D(2)(x)
    x = _block(x, 128)
    for width in (64, 32, 16):
        x = _block(L.Concatenate()([L.UpSampling2D(2)(x), skips.pop()]), width)
    model = tf_keras.Model(inputs, L.Conv2D(1, 1)(x), name="unet_camvid")
    model.load_weights(str(weights))
    return model


def _block(x: object, width: int) -> object:
    for _ in range(2):
        x = L.ReLU()(L.BatchNormalization()(L.Conv2D(width, 3, padding="same", use_bias=False)(x)))
    return x
