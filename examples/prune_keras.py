"""Prune a Keras model in hand: images without labels, no run folder.

python examples/prune_keras.py [--quick]
"""

import sys

import numpy as np
import tf_keras

from edge_nas import prune_model

L = tf_keras.layers


def network() -> tf_keras.Model:
    """Returns yours; here one with a skip connection, whose two writers have to lose the same channels."""
    inputs = L.Input((32, 32, 3))
    first = L.Conv2D(16, 3, padding="same", activation="relu", name="first")(inputs)
    second = L.Conv2D(16, 3, padding="same", activation="relu", name="second")(first)
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.Add()([first, second])))


def main(quick: bool) -> None:
    """Removes half of the channels and says how far the outputs moved."""
    images = np.random.default_rng(0).integers(0, 256, (8 if quick else 128, 32, 32, 3), np.uint8)
    model = network()
    smaller, plan = prune_model(model, images, ratio=0.5)
    for group in plan.groups:
        print(f"{', '.join(group.members)}: {group.channels} -> {len(group.kept)} channels")
    before, after = (x.predict(images / 127.5 - 1, verbose=0) for x in (model, smaller))
    print(f"{plan.before.macs:,} -> {plan.after.macs:,} MACs; outputs moved by {np.abs(before - after).mean():.4f}")


if __name__ == "__main__":
    main("--quick" in sys.argv)
