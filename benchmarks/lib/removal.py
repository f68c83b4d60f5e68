"""Channels removed from the U-Net: by the engine, or as Torch-Pruning chooses, brought back to the Keras network."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tf_keras

from benchmarks.lib.subjects import Subject
from edge_nas.core.config import PruneSpec
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.pruning import remove_channels
from edge_nas.pruning.repair import RepairSettings, repair
from edge_nas.runtimes.keras import KerasRuntime

TORCH = "Torch-Pruning "
TORCH_IMPORTANCES = ("l1", "l2", "lamp", "batchnorm_scale", "geometric_median", "taylor", "random")
_CLOSE = 1e-4


class Removed(NamedTuple):
    """The network as cut and repaired, and its widths by group."""

    narrowed: tf_keras.Model
    repaired: tf_keras.Model
    widths: dict[str, int]


def removed(subject: Subject, spec: PruneSpec, seed: int, python: str | None) -> Removed:
    """Returns what is left after a removal.

    Args:
        subject: the U-Net of benchmarks/lib/unet_camvid.py.
        spec: what to remove; its criterion may be TORCH + the name of an importance, with a ratio.
        seed: of random importances, and of the positions that the repair looks at.
        python: for Torch-Pruning, an interpreter with torch and torch-pruning.
    """
    if not spec.criterion.startswith(TORCH):
        pruned = remove_channels(
            subject.model, subject.inputs, spec, seed, labels=subject.labels, groups=subject.groups
        )
        return Removed(pruned.narrowed, pruned.repaired, {group.name: len(group.kept) for group in pruned.plan.groups})
    graph = channel_graph(subject.model)
    gone = _torch_choice(subject, spec, seed, python or sys.executable)
    kept = {}
    for group in graph.free:
        (channels,) = (gone[name] for name in group.writers if name in gone)
        kept[group.name] = tuple(index for index in range(group.channels) if index not in channels)
    narrowed = narrow(subject.model, graph, kept)
    settings = RepairSettings.of(spec, seed)
    repaired = repair(subject.model, narrowed, graph, kept, subject.inputs, settings=settings)
    return Removed(narrowed, repaired, {name: len(channels) for name, channels in kept.items()})


def _torch_choice(subject: Subject, spec: PruneSpec, seed: int, python: str) -> dict[str, set[int]]:
    """Returns the channels that Torch-Pruning removes from each convolution."""
    convolutions = [layer for layer in subject.model.layers if isinstance(layer, tf_keras.layers.Conv2D)][:-1]
    importance = spec.criterion.removeprefix(TORCH)
    with tempfile.TemporaryDirectory() as place:
        given, result = Path(place, "given.npz"), Path(place, "result.json")
        arrays = {"images": subject.inputs, "masks": subject.labels, **_weights(subject.model)}
        np.savez(given, allow_pickle=False, **arrays)
        script = Path(__file__).with_name("torch_worker.py")
        choice = ["--importance", importance, "--ratio", str(spec.ratio), "--seed", str(seed)]
        subprocess.run([python, script, given, result, *choice], check=True)
        answer = json.loads(result.read_text())
    logits = KerasRuntime(subject.model).run(subject.inputs[:1])[0, :, :, 0]
    difference = np.abs(logits - np.array(answer["logits"])).max()
    if difference > _CLOSE * max(1.0, float(np.abs(logits).max())):
        raise SystemExit(f"the network in PyTorch is not the one in Keras: logits differ by {difference:.2g}")
    return {layer.name: set(gone) for layer, gone in zip(convolutions, answer["removed"], strict=True)}


def _weights(model: tf_keras.Model) -> dict[str, np.ndarray]:
    """Returns the weights as benchmarks/lib/torch_worker.py names them."""
    weights: dict[str, np.ndarray] = {}
    norms = [layer for layer in model.layers if isinstance(layer, tf_keras.layers.BatchNormalization)]
    *convolutions, output = (layer for layer in model.layers if isinstance(layer, tf_keras.layers.Conv2D))
    for number, (convolution, norm) in enumerate(zip(convolutions, norms, strict=True)):
        weights[f"kernel_{number}"] = convolution.get_weights()[0]
        for name, value in zip(("gamma", "beta", "mean", "variance"), norm.get_weights(), strict=True):
            weights[f"{name}_{number}"] = value
    weights["kernel"], weights["bias"] = output.get_weights()
    return weights
