"""Networks for sound, motion and other rows of numbers."""

from typing import Any

import tf_keras

from architectures.registry import architecture

L = tf_keras.layers


@architecture("DS-CNN for keywords")
def ds_cnn() -> tf_keras.Model:
    spectrogram = L.Input((49, 10, 1))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, (10, 4), 2, padding="same")(spectrogram)))
    for _ in range(2):
        x = L.ReLU()(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same")(x)))
        x = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 1)(x)))
    x = L.Flatten()(L.AveragePooling2D((25, 5))(L.Dropout(0.4)(x)))
    return tf_keras.Model(spectrogram, L.Dense(4, "softmax")(x))


@architecture("TC-ResNet, convolutions over time", in_ci=True)
def tc_resnet() -> tf_keras.Model:
    spectrogram = L.Input((49, 10))
    x = L.Conv1D(8, 3, padding="same", use_bias=False)(spectrogram)
    for filters in (12, 16):
        y = L.ReLU()(L.BatchNormalization()(L.Conv1D(filters, 9, 2, padding="same", use_bias=False)(x)))
        y = L.BatchNormalization()(L.Conv1D(filters, 9, padding="same", use_bias=False)(y))
        short = L.ReLU()(L.BatchNormalization()(L.Conv1D(filters, 1, 2, padding="same", use_bias=False)(x)))
        x = L.ReLU()(L.Add()([y, short]))
    return tf_keras.Model(spectrogram, L.Dense(4, "softmax")(L.GlobalAveragePooling1D()(x)))


@architecture("temporal convolutions, causal and dilated")
def tcn() -> tf_keras.Model:
    signal = L.Input((32, 3))
    x = L.Conv1D(8, 1)(signal)
    for rate in (1, 2, 4):
        y = L.Conv1D(8, 3, padding="causal", dilation_rate=rate, activation="relu")(x)
        x = L.Add()([x, L.Conv1D(8, 1)(y)])
    return tf_keras.Model(signal, L.Dense(3)(x[:, -1]))


@architecture("1-D CNN for motion, Flatten and Dense")
def motion() -> tf_keras.Model:
    layers = [L.Conv1D(8, 5, 2, activation="relu"), L.Conv1D(16, 5, 2, activation="relu"), L.Flatten()]
    return tf_keras.Sequential([L.Input((64, 3)), *layers, L.Dense(16, "relu"), L.Dense(4, "softmax")])


@architecture("dense auto-encoder")
def autoencoder() -> tf_keras.Model:
    layers: list[Any] = []
    for units in (32, 32, 8, 32, 32):
        layers += [L.Dense(units), L.BatchNormalization(), L.ReLU()]
    return tf_keras.Sequential([L.Input((64,)), *layers, L.Dense(64)])


@architecture("convolutional auto-encoder of a signal")
def signal_autoencoder() -> tf_keras.Model:
    signal = L.Input((64, 2))
    x = L.Conv1D(12, 5, 2, padding="same", activation="relu")(
        L.Conv1D(8, 5, 2, padding="same", activation="relu")(signal)
    )
    x = L.Conv1D(8, 5, padding="same", activation="relu")(L.UpSampling1D(2)(x))
    return tf_keras.Model(signal, L.Conv1D(2, 5, padding="same")(L.UpSampling1D(2)(x)))


@architecture("LSTM on a spectrogram")
def lstm() -> tf_keras.Model:
    spectrogram = L.Input((12, 8))
    x = L.LSTM(12)(L.Conv1D(8, 3, padding="same", activation="relu")(spectrogram))
    return tf_keras.Model(spectrogram, L.Dense(4, "softmax")(L.Dense(12, "relu")(x)))


@architecture("GRU on a signal")
def gru() -> tf_keras.Model:
    return tf_keras.Sequential([L.Input((12, 3)), L.Dense(8, "relu"), L.GRU(8), L.Dense(2)])


@architecture("sensor fusion, TimeDistributed and RepeatVector")
def fusion() -> tf_keras.Model:
    signal = L.Input((16, 6))
    x = L.TimeDistributed(L.Dense(12, "relu"))(signal)
    whole = L.RepeatVector(16)(L.Dense(8, "relu")(L.GlobalMaxPooling1D()(x)))
    x = L.Concatenate()([x, whole])
    return tf_keras.Model(signal, L.Dense(2)(L.Conv1D(8, 3, padding="same", activation="relu")(x)))
