"""Networks that look at a picture and say what is in it."""

from typing import Any

import tensorflow as tf
import tf_keras

from architectures.registry import architecture

L, A = tf_keras.layers, tf_keras.applications
SMALL = (32, 32, 3)
WIDE = tf_keras.initializers.RandomNormal(stddev=5.0)
"""Of a last layer whose outputs would hardly vary otherwise."""


def conv(x: Any, filters: int, size: int = 3, strides: int = 1, **settings: Any) -> Any:
    """Convolution, BatchNorm, ReLU."""
    x = L.Conv2D(filters, size, strides, padding="same", use_bias=False, **settings)(x)
    return L.ReLU()(L.BatchNormalization()(x))


@architecture("MobileNetV1 0.25")
def mobilenet_v1() -> tf_keras.Model:
    return A.MobileNet(SMALL, alpha=0.25, weights=None, classes=4, dropout=0.0)


@architecture("MobileNetV2 0.35")
def mobilenet_v2() -> tf_keras.Model:
    return A.MobileNetV2(SMALL, alpha=0.35, weights=None, classes=4)


@architecture("MobileNetV3 small, a quarter as wide")
def mobilenet_v3() -> tf_keras.Model:
    settings = {"weights": None, "classes": 4, "dropout_rate": 0.0, "include_preprocessing": False}
    return A.MobileNetV3Small(SMALL, alpha=0.25, **settings)


@architecture("EfficientNet, three blocks")
def efficientnet() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.Activation("swish")(L.BatchNormalization()(L.Conv2D(8, 3, 2, padding="same")(L.Rescaling(0.5)(image))))
    for filters, strides in ((8, 1), (12, 2), (12, 1)):
        x = _mobile_block(x, filters, strides)
    x = L.GlobalAveragePooling2D()(L.Conv2D(24, 1, activation="swish")(x))
    return tf_keras.Model(image, L.Dense(4, "softmax")(L.Dropout(0.2)(x)))


def _mobile_block(x: Any, filters: int, strides: int) -> Any:
    """Expansion, depthwise convolution, squeeze-and-excite, projection; a residual where shapes allow."""
    wide = x.shape[-1] * 4
    y = L.Activation("swish")(L.BatchNormalization()(L.Conv2D(wide, 1, use_bias=False)(x)))
    y = L.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(y)
    y = L.Activation("swish")(L.BatchNormalization()(y))
    gate = L.Reshape((1, 1, wide))(L.GlobalAveragePooling2D()(y))
    gate = L.Conv2D(wide, 1, activation="sigmoid")(L.Conv2D(4, 1, activation="swish")(gate))
    y = L.BatchNormalization()(L.Conv2D(filters, 1, use_bias=False)(L.Multiply()([y, gate])))
    return L.Add()([x, L.Dropout(0.2, noise_shape=(None, 1, 1, 1))(y)]) if x.shape == y.shape else y


@architecture("ResNet, basic blocks")
def resnet() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 8)
    for filters, strides in ((8, 1), (16, 2), (24, 2)):
        y = conv(x, filters, strides=strides)
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        short = x if strides == 1 else L.BatchNormalization()(L.Conv2D(filters, 1, strides, use_bias=False)(x))
        x = L.ReLU()(L.Add()([short, y]))
    return tf_keras.Model(image, L.Dense(4, "softmax")(L.GlobalAveragePooling2D()(x)))


@architecture("ResNet of version 2, bottlenecks and + for the residual")
def resnet_v2() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.Conv2D(16, 3, padding="same")(image)
    for _ in range(2):
        y = L.ReLU()(L.BatchNormalization()(x))
        y = conv(conv(y, 4, 1), 4, 3)
        x = x + L.Conv2D(16, 1)(y)
    return tf_keras.Model(image, L.Dense(4)(L.GlobalMaxPooling2D()(x)))


@architecture("DenseNet")
def densenet() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 8, strides=2)
    for _ in range(2):
        for _ in range(3):
            y = conv(L.ReLU()(L.BatchNormalization()(x)), 12, 1)
            x = L.Concatenate()([x, L.Conv2D(4, 3, padding="same", use_bias=False)(y)])
        x = L.AveragePooling2D()(conv(x, x.shape[-1] // 2, 1))
    return tf_keras.Model(image, L.Dense(4, "softmax")(L.GlobalAveragePooling2D()(x)))


@architecture("ResNeXt, convolutions in groups between two of one tap")
def resnext() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 16, strides=2)
    for _ in range(2):
        y = conv(conv(x, 24, 1), 24, groups=6)
        x = L.ReLU()(L.Add()([x, L.BatchNormalization()(L.Conv2D(16, 1, use_bias=False)(y))]))
    return tf_keras.Model(image, L.Dense(4)(L.GlobalAveragePooling2D()(x)))


@architecture("ShuffleNet, grouped convolutions and channel shuffles")
def shufflenet() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 16, strides=2)
    for _ in range(2):
        y = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 1, groups=4, use_bias=False)(x)))
        y = L.Reshape((16, 16, 4, 4))(y)
        y = L.Reshape((16, 16, 16))(L.Permute((1, 2, 4, 3))(y))
        y = L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same", use_bias=False)(y))
        x = L.ReLU()(L.Add()([x, L.BatchNormalization()(L.Conv2D(16, 1, groups=4, use_bias=False)(y))]))
    return tf_keras.Model(image, L.Dense(4, "softmax")(L.GlobalAveragePooling2D()(x)))


@architecture("ShuffleNetV2, halves split, one worked on")
def shufflenet_v2() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 16, strides=2)
    for _ in range(2):
        left, right = tf.split(x, 2, axis=-1)
        right = L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same")(conv(right, 8, 1)))
        x = L.Concatenate()([left, conv(right, 8, 1)])
        x = tf.reshape(tf.transpose(tf.reshape(x, (-1, 16, 16, 2, 8)), (0, 1, 2, 4, 3)), (-1, 16, 16, 16))
    return tf_keras.Model(image, L.Dense(4)(L.GlobalAveragePooling2D()(x)))


@architecture("SqueezeNet, fire modules")
def squeezenet() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.MaxPooling2D(3, 2)(L.Conv2D(12, 3, 2, activation="relu")(image))
    for squeeze, expand in ((4, 8), (6, 12)):
        y = L.Conv2D(squeeze, 1, activation="relu")(x)
        sides = [L.Conv2D(expand, size, padding="same", activation="relu")(y) for size in (1, 3)]
        x = L.Concatenate()(sides)
    return tf_keras.Model(image, L.Softmax()(L.GlobalAveragePooling2D()(L.Conv2D(4, 1)(x))))


@architecture("Inception, four branches")
def inception() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = conv(image, 12, strides=2)
    pooled = conv(L.AveragePooling2D(3, 1, padding="same")(x), 4, 1)
    x = L.Concatenate()([conv(x, 4, 1), conv(conv(x, 4, 1), 8), conv(conv(x, 4, 1), 4, 5), pooled])
    return tf_keras.Model(image, L.Dense(4, "softmax")(L.GlobalAveragePooling2D()(conv(x, 16))))


@architecture("tiny ViT, attention over patches")
def vit() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.Reshape((16, 24))(L.Conv2D(24, 8, 8)(image))
    for _ in range(2):
        y = L.LayerNormalization()(x)
        x = L.Add()([x, L.MultiHeadAttention(2, 12)(y, y)])
        y = L.Dense(48, "gelu")(L.LayerNormalization()(x))
        x = L.Add()([x, L.Dense(24)(y)])
    return tf_keras.Model(image, L.Dense(4)(L.GlobalAveragePooling1D()(L.LayerNormalization()(x))))


@architecture("ConvNeXt, large depthwise kernels and layer norms")
def convnext() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.LayerNormalization()(L.Conv2D(12, 4, 4)(image))
    for _ in range(2):
        y = L.LayerNormalization()(L.DepthwiseConv2D(7, padding="same")(x))
        x = L.Add()([x, L.Dense(12)(L.Dense(48, "gelu")(y))])
    return tf_keras.Model(image, L.Dense(4)(L.LayerNormalization()(L.GlobalAveragePooling2D()(x))))


@architecture("MLP-Mixer")
def mixer() -> tf_keras.Model:
    image = L.Input(SMALL)
    x = L.Reshape((16, 12))(L.Conv2D(12, 8, 8)(image))
    y = L.Permute((2, 1))(L.LayerNormalization()(x))
    x = L.Add()([x, L.Permute((2, 1))(L.Dense(16)(L.Dense(32, "gelu")(y)))])
    x = L.Add()([x, L.Dense(12)(L.Dense(32, "gelu")(L.LayerNormalization()(x)))])
    return tf_keras.Model(image, L.Dense(4)(L.GlobalAveragePooling1D()(x)))


@architecture("CNN with Flatten, as tutorials have it")
def tutorial() -> tf_keras.Model:
    layers = [L.Rescaling(0.5), L.Conv2D(8, 3, activation="relu"), L.MaxPooling2D()]
    layers += [L.Conv2D(16, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dropout(0.3)]
    return tf_keras.Sequential([L.Input((28, 28, 1)), *layers, L.Dense(32, "relu"), L.Dense(4, "softmax")])


@architecture("siamese, two pictures and one encoder")
def siamese() -> tf_keras.Model:
    shape = (16, 16, 1)
    layers = [L.Conv2D(8, 3, 2, activation="relu"), L.Conv2D(16, 3, 2, activation="relu"), L.GlobalAveragePooling2D()]
    encoder = tf_keras.Sequential([L.Input(shape), *layers, L.Dense(8)])
    first, second = L.Input(shape, name="first"), L.Input(shape, name="second")
    distance = L.Multiply()([L.Subtract()([encoder(first), encoder(second)])] * 2)
    return tf_keras.Model([first, second], L.Dense(1, "sigmoid", kernel_initializer=WIDE)(distance))


@architecture("picture and numbers, two inputs", in_ci=True)
def picture_and_numbers() -> tf_keras.Model:
    image, numbers = L.Input((16, 16, 1), name="image"), L.Input((5,), name="numbers")
    x = L.GlobalAveragePooling2D()(L.Conv2D(12, 3, 2, activation="relu")(L.Conv2D(8, 3, 2, activation="relu")(image)))
    x = L.Concatenate()([x, L.Dense(8, "relu")(numbers)])
    return tf_keras.Model([image, numbers], L.Dense(3, "softmax")(L.Dense(12, "relu")(x)))
