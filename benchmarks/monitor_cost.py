"""What NASMonitorCallback adds to an epoch: epochs with and without it, in turn, in one process.

    python -m benchmarks.monitor_cost --model nano_u --epochs 12

Two equal models are trained by the loop that `fit` runs, their epochs taking turns. The first epoch of each, in which
Keras compiles the step and the monitor copies the model, is told apart. Random images of 48x64, batch 16; the monitor's
default frequency is one record per epoch.
"""

import argparse
import statistics
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.tables.cost import monitor_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import ModelSpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

SHAPE = (48, 64, 3)
BATCH = 16


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="nano_u")
    parser.add_argument("--images", type=int, default=400, help="training images per epoch")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--layers", help="a selector of layers to watch as well, such as '*_relu'")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load_tensorflow()
    without, watched = run(options.model, options.images, options.epochs, options.layers)
    print(f"{options.model}, {options.epochs} epochs of {options.images} images, layers {options.layers}")
    print(monitor_table(without, watched))
    shares = {kind: more_percent(without, watched, place) for place, kind in enumerate(("wall time", "processor time"))}
    for kind, (low, middle, high) in shares.items():
        print(f"\nmore {kind} per epoch after the first: median {middle:+.1f} %, quartiles {low:+.1f} to {high:+.1f} %")
    if options.json:
        facts = {"model": options.model, "images": options.images, "layers": options.layers}
        rows = {"without": without, "with": watched, "more_percent_quartiles": shares}
        write_json(options.json, {**facts, "machine": machine_facts(), **rows})


Times = list[tuple[float, float]]
"""(wall, processor) seconds per epoch."""


def more_percent(without: Times, watched: Times, place: int) -> list[float]:
    """Returns quartiles of what the monitor adds to epochs after the first; `place` 0: wall time, 1: processor time."""
    pairs = zip(without[1:], watched[1:], strict=True)
    return statistics.quantiles([100 * (with_it[place] / bare[place] - 1) for bare, with_it in pairs], n=4)


def run(model: str, images: int, epochs: int, layers: str | None) -> tuple[Times, Times]:
    """Returns what each epoch took without and with the monitor."""
    import tensorflow as tf
    import tf_keras

    from edge_nas.covariance.monitor import NASMonitorCallback
    from edge_nas.models import create_model

    generator = np.random.default_rng(0)
    inputs = generator.uniform(-1, 1, (images, *SHAPE)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((inputs, (inputs[..., :1] > 0).astype(np.float32))).batch(BATCH)
    trained = []
    for callbacks in ([], [NASMonitorCallback(layers=layers)]):
        network = create_model(ModelSpec(name=model))
        network.compile("adam", tf_keras.losses.BinaryCrossentropy(from_logits=True))
        network.make_train_function()
        watchers = tf_keras.callbacks.CallbackList(callbacks, model=network)
        watchers.on_train_begin()
        trained.append((network, watchers))
    times: tuple[Times, Times] = ([], [])
    for number in range(epochs):
        for (network, watchers), seconds in zip(trained, times, strict=True):
            start, processor = perf_counter(), process_time()
            epoch(network, watchers, data, number)
            seconds.append((perf_counter() - start, process_time() - processor))
    return times


def epoch(network: Any, watchers: Any, data: Any, number: int) -> None:
    """Trains for one epoch as `fit` of tf_keras does."""
    watchers.on_epoch_begin(number)
    iterator = iter(data)
    for step in range(len(data)):
        watchers.on_train_batch_begin(step)
        logs = network.train_function(iterator)
        watchers.on_train_batch_end(step, logs)
    watchers.on_epoch_end(number, {})


if __name__ == "__main__":
    main()
