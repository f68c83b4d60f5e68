"""What attention loses without half of its heads, and without half of the values' channels of every head.

    python -m benchmarks.attention_heads

Small networks of two attentions are trained to find two marked positions of a sequence and to say whether both hold the
same pattern. Then each attention in turn loses half of its heads, every choice of them tried, or half of its values'
channels, the same of every head and the least missed one first; the output projection is solved anew on 256 sequences.
Design note 38 has the figures: the error of the logits on other sequences, as a share of what varies between them.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from benchmarks.lib.markdown import table

L = tf_keras.layers
Array = npt.NDArray[np.floating]

SIZES = ((4, 6), (2, 12), (4, 8))
"""Heads, and channels of each."""
_POSITIONS, _WIDTH, _PATTERN, _CLASSES = 16, 24, 6, 4
_CALIBRATION = 256
_RIDGE = 1e-5


def main() -> None:
    """Prints a Markdown table."""
    print(
        table(
            ["heads x channels", "accuracy before", "half of the heads", "half of the values' channels"], list(_rows())
        )
    )


def _rows() -> Iterator[list[str]]:
    for seed, (heads, channels) in enumerate(SIZES, 2):
        tf_keras.utils.set_random_seed(seed)
        generator = np.random.default_rng(seed)
        patterns = generator.normal(size=(_CLASSES, _PATTERN))
        train, labels = sequences(6000, patterns, generator)
        tests, test_labels = sequences(1500, patterns, generator)
        network = _trained(heads, channels, train, labels)
        accuracy = np.mean(_logits(network, tests).argmax(-1) == test_labels)
        losses = [_loss(network, train[:_CALIBRATION], tests, channelwise=channelwise) for channelwise in (False, True)]
        yield [f"{heads} x {channels}", f"{accuracy:.2f}", *(f"{loss:.2f}" for loss in losses)]


def sequences(count: int, patterns: Array, generator: np.random.Generator) -> tuple[Array, npt.NDArray[np.integer]]:
    """Returns sequences (count, 16, 8) and their classes: that of both marked patterns, or 4 where they differ."""
    values = (0.5 * generator.normal(size=(count, _POSITIONS, _PATTERN + 2))).astype(np.float32)
    values[..., _PATTERN:] = 0
    labels = np.zeros(count, int)
    for number, sequence in enumerate(values):
        drawn = generator.integers(_CLASSES, size=2)
        if generator.random() < 0.5:
            drawn[1] = drawn[0]
        for mark, (place, pattern) in enumerate(
            zip(generator.choice(_POSITIONS, 2, replace=False), drawn, strict=True)
        ):
            sequence[place, :_PATTERN] = patterns[pattern] + 0.3 * generator.normal(size=_PATTERN)
            sequence[place, _PATTERN + mark] = 2
        labels[number] = drawn[0] if drawn[0] == drawn[1] else _CLASSES
    return values, labels


def _trained(heads: int, channels: int, train: Array, labels: npt.NDArray[np.integer]) -> tf_keras.Model:
    inputs = L.Input(train.shape[1:])
    x = L.Dense(_WIDTH)(inputs) + L.Embedding(_POSITIONS, _WIDTH)(tf.range(_POSITIONS))
    for _ in range(2):
        y = L.LayerNormalization()(x)
        x = L.Add()([x, L.MultiHeadAttention(heads, channels)(y, y)])
        x = L.Add()([x, L.Dense(_WIDTH)(L.Dense(2 * _WIDTH, "gelu")(L.LayerNormalization()(x)))])
    x = L.GlobalAveragePooling1D()(L.LayerNormalization()(x))
    network = tf_keras.Model(inputs, L.Dense(_CLASSES + 1)(x))
    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(tf_keras.optimizers.Adam(2e-3), loss)
    network.fit(train, labels, epochs=15, batch_size=64, verbose=0)
    return network


def _logits(network: tf_keras.Model, inputs: Array) -> Array:
    return np.asarray(network(inputs))


def _loss(network: tf_keras.Model, calibration: Array, tests: Array, *, channelwise: bool) -> float:
    """Returns the error of the logits of a narrowed network, which then has its weights of before again."""
    before, weights = _logits(network, tests), network.get_weights()
    for layer in network.layers:
        if isinstance(layer, L.MultiHeadAttention):
            _narrow(layer, tf_keras.Model(network.input, layer.input)(calibration), channelwise=channelwise)
    after = _logits(network, tests)
    network.set_weights(weights)
    return float(np.sqrt(np.mean((after - before) ** 2) / np.mean((before - before.mean(axis=0)) ** 2)))


def _narrow(attention: Any, inputs: Any, *, channelwise: bool) -> None:
    """Takes half of the heads, or of their channels, out of an attention: their rows of the projection become zero."""
    made = _of_heads(attention, inputs)
    kernel, bias = attention._output_dense.get_weights()  # (heads, channels, width)
    target = np.einsum("nhc,hcw->nw", made, kernel)
    heads, channels = kernel.shape[:2]
    parts: list[tuple[Any, Any]]
    if channelwise:
        parts = [(slice(None), list(kept)) for kept in _least_missed(made, target, channels)]
    else:
        parts = [(list(kept), slice(None)) for kept in itertools.combinations(range(heads), heads // 2)]
    solved = [(*_solve(made[:, part[0]][:, :, part[1]], target), part) for part in parts]
    _, rows, offset, part = min(solved, key=lambda one: one[0])
    narrowed = np.zeros_like(kernel)
    narrowed[part] = rows.reshape(narrowed[part].shape)
    attention._output_dense.set_weights([narrowed, bias + offset])


def _of_heads(attention: Any, inputs: Any) -> Array:
    """Returns what the heads hand to the output projection, (rows, heads, channels)."""
    dense = (attention._query_dense, attention._key_dense, attention._value_dense)
    query, key, value = (np.asarray(layer(inputs)) for layer in dense)
    scores = np.einsum("nthc,nshc->nhts", query, key) / np.sqrt(query.shape[-1])
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    made: Array = np.einsum("nhts,nshc->nthc", shares, value)
    return made.reshape(-1, *made.shape[2:])


def _least_missed(made: Array, target: Array, channels: int) -> list[Sequence[int]]:
    """Returns the one choice of half of the channels that is left when the least missed one goes, again and again."""
    kept = list(range(channels))
    while len(kept) > channels // 2:
        errors = [_solve(made[:, :, [one for one in kept if one != gone]], target)[0] for gone in kept]
        del kept[int(np.argmin(errors))]
    return [kept]


def _solve(made: Array, target: Array) -> tuple[float, Array, Array]:
    """Returns the mean square error, rows and offset of the ridge regression of a target (rows, width)."""
    rows = made.reshape(len(made), -1)
    centre, aim = rows.mean(axis=0), target.mean(axis=0)
    gram = (rows - centre).T @ (rows - centre)
    gram += _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    solved = np.linalg.solve(gram, (rows - centre).T @ (target - aim))
    error = float(np.mean(((rows - centre) @ solved + aim - target) ** 2))
    return error, solved, aim - centre @ solved


if __name__ == "__main__":
    main()
