"""Networks whose output is a map: segmentation, detection, super-resolution."""

from typing import Any

import tensorflow as tf
import tf_keras

from architectures.registry import architecture
from architectures.vision import conv

L = tf_keras.layers
SMALL = (32, 32, 3)


def _encoder(x: Any) -> tuple[Any, Any, Any]:
    fine = conv(x, 8)
    middle = conv(L.MaxPooling2D()(fine), 12)
    return fine, middle, conv(L.MaxPooling2D()(middle), 16)


@architecture("U-Net, transposed convolutions")
def unet() -> tf_keras.Model:
    image = L.Input(SMALL)
    fine, middle, x = _encoder(image)
    x = conv(L.Concatenate()([L.Conv2DTranspose(12, 2, 2, padding="same")(x), middle]), 12)
    x = conv(L.Concatenate()([L.Conv2DTranspose(8, 2, 2, padding="same")(x), fine]), 8)
    return tf_keras.Model(image, L.Conv2D(1, 1)(x))


@architecture("attention U-Net, gates on the skips")
def attention_unet() -> tf_keras.Model:
    image = L.Input(SMALL)
    fine, middle, x = _encoder(image)
    for skip, filters in ((middle, 12), (fine, 8)):
        x = L.UpSampling2D()(x)
        gate = L.ReLU()(L.Add()([L.Conv2D(6, 1)(x), L.Conv2D(6, 1)(skip)]))
        gate = L.Conv2D(1, 1, activation="sigmoid")(gate)
        x = conv(L.Concatenate()([x, L.Multiply()([skip, gate])]), filters)
    return tf_keras.Model(image, L.Conv2D(1, 1)(x))


@architecture("ResUNet, residual blocks before the activation")
def resunet() -> tf_keras.Model:
    image = L.Input(SMALL)
    stem = L.Conv2D(8, 3, padding="same")(image)
    down = _pre_activated(stem, 12, 2)
    x = L.UpSampling2D(interpolation="bilinear")(_pre_activated(down, 16, 2))
    x = _pre_activated(L.Concatenate()([x, down]), 12, 1)
    x = _pre_activated(L.Concatenate()([L.UpSampling2D(interpolation="bilinear")(x), stem]), 8, 1)
    return tf_keras.Model(image, L.Conv2D(1, 1)(x))


def _pre_activated(x: Any, filters: int, strides: int) -> Any:
    y = L.Conv2D(filters, 3, strides, padding="same")(L.ReLU()(L.BatchNormalization()(x)))
    y = L.Conv2D(filters, 3, padding="same")(L.ReLU()(L.BatchNormalization()(y)))
    return L.Add()([L.Conv2D(filters, 1, strides)(x), y])


@architecture("DeepLab, dilated pyramid and resizing to tf.shape")
def deeplab() -> tf_keras.Model:
    image = L.Input(SMALL)
    low = conv(image, 8, strides=2)
    x = conv(low, 16, strides=2)
    branches = [conv(x, 8, 1), *(conv(x, 8, 3, dilation_rate=rate) for rate in (2, 3))]
    pooled = conv(L.GlobalAveragePooling2D(keepdims=True)(x), 8, 1)
    branches.append(tf.image.resize(pooled, tf.shape(x)[1:3]))
    x = conv(L.Concatenate()(branches), 12, 1)
    x = L.Concatenate()([tf.image.resize(x, tf.shape(low)[1:3]), conv(low, 4, 1)])
    return tf_keras.Model(image, tf.image.resize(L.Conv2D(3, 1)(conv(x, 12)), SMALL[:2]))


@architecture("feature pyramid, two scales of boxes and classes")
def detector() -> tf_keras.Model:
    image = L.Input(SMALL)
    fine = conv(conv(image, 8, strides=2), 12, strides=2)
    coarse = conv(fine, 16, strides=2)
    lateral = L.Conv2D(12, 1)(coarse)
    fine = L.Add()([L.Conv2D(12, 1)(fine), L.UpSampling2D()(lateral)])
    outputs = [L.Conv2D(7, 1, name=f"scale_{index}")(conv(x, 12)) for index, x in enumerate((fine, lateral))]
    return tf_keras.Model(image, outputs)


@architecture("SSD, anchors of all scales side by side")
def ssd() -> tf_keras.Model:
    image = L.Input(SMALL)
    fine = conv(conv(image, 8, strides=2), 12, strides=2)
    boxes = [L.Reshape((-1, 4))(L.Conv2D(8, 3, padding="same")(x)) for x in (fine, conv(fine, 16, strides=2))]
    return tf_keras.Model(image, L.Concatenate(axis=1)(boxes))


@architecture("FOMO, a grid of classes at an eighth")
def fomo() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 8, strides=2)
    for filters in (12, 16):
        x = L.ReLU(6.0)(L.BatchNormalization()(L.DepthwiseConv2D(3, 2, padding="same", use_bias=False)(x)))
        x = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(filters, 1, use_bias=False)(x)))
    return tf_keras.Model(image, L.Softmax()(L.Conv2D(3, 1)(L.Conv2D(16, 1, activation="relu")(x))))


@architecture("super-resolution, depth_to_space")
def super_resolution() -> tf_keras.Model:
    image = L.Input((16, 16, 1))
    x = L.Conv2D(12, 5, padding="same", activation="relu")(image)
    x = L.Conv2D(4, 3, padding="same")(L.Conv2D(8, 3, padding="same", activation="relu")(x))
    return tf_keras.Model(image, tf.nn.depth_to_space(x, 2))


@architecture("denoiser, reflected borders and a residual over all")
def denoiser() -> tf_keras.Model:
    image = L.Input((16, 16, 1))
    x = image
    for filters in (8, 8):
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
        x = L.PReLU(shared_axes=[1, 2])(L.Conv2D(filters, 3)(x))
    return tf_keras.Model(image, L.Subtract()([image, L.Conv2D(1, 3, padding="same")(x)]))
