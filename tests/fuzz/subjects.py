"""Whole files of every kind, how mutants of them are made, and the command that reads each."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kerasfiles
import numpy as np
import yaml
from canaries.data_sets import segmentation
from canaries.int8_files import int8_network
from int8graphs import random_graph
from onnx import TensorProto, helper
from PIL import Image

from fuzz import changes
from fuzz.changes import Random

SHARED = "set"
"""Images with masks, beside the folder of every mutant."""
NETWORK = "whole.tflite"
"""A network that is whole, beside it."""


@dataclass(frozen=True)
class Mutant:
    """A file, and the command line that reads it.

    `name` is the file's; the command runs in the folder that holds it.
    """

    kind: str
    name: str
    data: bytes
    command: tuple[str, ...]


def plant(root: Path) -> None:
    """Writes what lies beside all mutants into `root`."""
    segmentation(root / SHARED)
    (root / NETWORK).write_bytes(int8_network())


def mutant(kind: str, number: int) -> Mutant:
    """Returns mutant `number` of a kind, the same ones each time."""
    random = np.random.default_rng([sorted(KINDS).index(kind), number])
    name, data, command = KINDS[kind](number, random)
    return Mutant(kind, name, data, command)


def _tflite(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    whole = int8_network() if number % 8 == 0 else random_graph(number % 101, single=True).data
    changed = changes.of_bytes(whole, random) if number % 3 == 0 else changes.of_tflite(whole, random)
    # The driver holds the C against the reference kernels itself, with sanitizers.
    return "net.tflite", changed, ("compile", "net.tflite", "--out", "out", "--no-check")


@cache
def _onnx_whole(quantized: bool) -> bytes:
    """Returns a convolution 1x1 from (1, 8, 8, 3) to one logit, float or with int8 at both ends."""
    ends = {"x": [1, 8, 8, 3], "y": [1, 8, 8, 1]}
    kind = TensorProto.INT8 if quantized else TensorProto.FLOAT
    source, target = (helper.make_tensor_value_info(name, kind, shape) for name, shape in ends.items())
    weights = helper.make_tensor("w", TensorProto.FLOAT, [1, 3, 1, 1], kerasfiles.KERNEL.ravel())
    scale = helper.make_tensor("s", TensorProto.FLOAT, [], [0.05])
    zero = helper.make_tensor("z", TensorProto.INT8, [], [3])
    nodes = [
        helper.make_node("Transpose", ["real" if quantized else "x"], ["a"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["a", "w"], ["b"], kernel_shape=[1, 1]),
        helper.make_node("Transpose", ["b"], ["c" if quantized else "y"], perm=[0, 2, 3, 1]),
    ]
    if quantized:
        nodes.insert(0, helper.make_node("DequantizeLinear", ["x", "s", "z"], ["real"]))
        nodes.append(helper.make_node("QuantizeLinear", ["c", "s", "z"], ["y"]))
    graph = helper.make_graph(nodes, "net", [source], [target], [weights, *([scale, zero] if quantized else [])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def _onnx(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    whole = _onnx_whole(number % 2 == 0)
    changed = changes.of_bytes(whole, random) if number % 3 == 0 else changes.of_onnx(whole, random)
    return "net.onnx", changed, ("evaluate", "net.onnx", "--data", f"../{SHARED}")


def _keras(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    layout = kerasfiles.LAYOUTS[number % 4]
    name = f"net.{layout.partition('.')[2]}"
    command = ("evaluate", name, "--data", f"../{SHARED}")
    if number % 3 == 0:
        return name, changes.of_bytes(_keras_file(layout, lambda config: config), random), command
    return name, _keras_file(layout, lambda config: changes.of_tree(config, random)), command


def _keras_file(layout: str, config: Callable[[dict[str, Any]], Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return kerasfiles.write(Path(folder) / "net", layout, config=config).read_bytes()


def _arrays(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _npz(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    """Returns a network of ours or samples with labels, in turn."""
    if number % 2:
        arrays: dict[str, Any] = {
            "samples": random.integers(0, 256, (3, 8, 8, 3), np.uint8),
            "labels": random.integers(0, 2, (3, 8, 8), np.uint8),
            "groups": np.array(["a", "b", "b"]),
        }
        name, command = "set.npz", ("evaluate", f"../{NETWORK}", "--data", "set.npz")
    else:
        config = kerasfiles.configuration("k2.h5")["config"]
        if number % 3:
            config = changes.of_tree(config, random)
        text = np.frombuffer(json.dumps(config).encode(), np.uint8)
        arrays = {"config": text, "0000": kerasfiles.KERNEL, "0001": kerasfiles.BIAS}
        name, command = "net.npz", ("evaluate", "net.npz", "--data", f"../{SHARED}")
    what = number % 3
    if what == 0:
        return name, changes.of_bytes(_arrays(**arrays), random), command
    if what == 1:
        key = str(random.choice(list(arrays)))
        arrays[key] = _strange_array(arrays[key], random)
        return name, _arrays(**arrays), command
    return name, _changed_entry(_arrays(**arrays), random), command


def _strange_array(array: Any, random: Random) -> Any:
    what = int(random.integers(6))
    if what == 0:
        if array.dtype.kind == "U":
            return array.astype("S2")
        return array.astype(str(random.choice(["float16", "float64", "int64", "complex64", "U3", "bool", "S2"])))
    if what == 1:
        return array[..., None]
    if what == 2:
        return array[:0]
    if what == 3:
        return array.reshape(-1)
    if what == 4:
        return np.array(str(random.choice(changes.STRANGE_TEXTS)))
    return np.full(array.shape, random.choice(changes.STRANGE_REALS))


def _changed_entry(data: bytes, random: Random) -> bytes:
    """Returns a .npz file with the bytes of one array changed, and the checksum right."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(buffer, "w") as archive:
        names = whole.namelist()
        changed = str(random.choice(names))
        for name in names:
            entry = whole.read(name)
            archive.writestr(name, changes.of_bytes(entry, random) if name == changed else entry)
    return buffer.getvalue()


@cache
def _picture(mode: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 4), np.uint8)
    image = Image.fromarray(pixels, "RGBA")
    deep = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    buffer = io.BytesIO()
    (deep if mode == "I;16" else image.convert(mode)).save(buffer, "png")
    return buffer.getvalue()


_MODES = ("RGB", "L", "P", "RGBA", "1", "I;16")


def _png(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    whole = _picture(_MODES[number % len(_MODES)])
    changed = changes.of_bytes(whole, random) if number % 4 == 0 else changes.of_png(whole, random)
    return "image.png", changed, ("predict", f"../{NETWORK}", "image.png", "--out", "out")


@cache
def _settings() -> str:
    from edge_nas.core.config import BuildConfig

    small = {"train_images": 4, "val_images": 2, "test_images": 2}
    settings = BuildConfig().to_data()
    settings["data"]["terrain"] |= small
    return json.dumps(settings)


def _yaml(number: int, random: Random) -> tuple[str, bytes, tuple[str, ...]]:
    settings = json.loads(_settings())
    text = yaml.safe_dump(settings, sort_keys=False).encode()
    if number % 3 == 0:
        text = changes.of_bytes(text, random)
    else:
        text = yaml.safe_dump(changes.of_tree(settings, random), sort_keys=False).encode()
    # `check` builds the network and makes the data as well, which takes a second.
    command = ("check", "mine.yaml") if number % 12 == 1 else ("config", "show", "mine.yaml", "--resolved")
    return "mine.yaml", text, command


KINDS: Mapping[str, Callable[[int, Random], tuple[str, bytes, tuple[str, ...]]]] = {
    "tflite": _tflite,
    "onnx": _onnx,
    "keras": _keras,
    "npz": _npz,
    "png": _png,
    "yaml": _yaml,
}
