"""Hostile networks in files of every format, and the commands that read each.

Of Keras files and our own: code, modules, TensorFlow operators, files that they name. Of .tflite and .onnx: data kept
elsewhere, operators that write, sizes, names that would be more than names in the C, Markdown or HTML made of them.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kerasfiles
import numpy as np
from onnx import TensorProto, helper

from canaries.case import BAIT, LEAVES_A_CANARY, TAKEN, Case
from canaries.data_sets import images, segmentation
from canaries.int8_files import INJECTED, int8_network
from canaries.keras_files import HOSTILE

READ = ("--data", "set", "--out", "out")
"""Images for a model, and where its results go."""


def keras_commands(file: str) -> tuple[tuple[str, ...], ...]:
    """Returns every command that opens a Keras file, or a network of ours."""
    return (
        ("evaluate", file, "--data", "set"),
        ("predict", file, "set/test/img", "--out", "out"),
        ("analyze", file, *READ),
        ("quantize", file, "--data", "set", "--out", "out/net.tflite"),
        ("check", f"model.name={file}", "data.input_shape=[8,8,3]"),
        ("build", f"model.name={file}", "data.input_shape=[8,8,3]", "--run", "run"),
    )


def _keras_cases() -> list[Case]:
    cases = []
    for number, (what, (layout, make)) in enumerate(HOSTILE.items()):
        file = f"net{Path(layout).suffix}"

        def plant(folder: Path, make: Callable[[Path], Any] = make, file: str = file) -> None:
            (folder / "evil_module.py").write_text(f"{LEAVES_A_CANARY}class Boom: ...\n")
            # Names in the corpus are relative to the current folder.
            for name in ("secret.bin", "secret.h5"):
                (folder / name).symlink_to(f"{BAIT}/secret.bin")
            segmentation(folder / "set")
            make(folder / file)

        # All six are one way in, `open_model`; each file takes two of them, and all six are taken in turn.
        commands = keras_commands(file)
        chosen = (commands[number % 6], commands[(number + 3) % 6])
        cases.append(Case("keras", what, plant, chosen, frozenset({7}), reduced=number % 6 == 0))
    return cases


def own_network(part: dict[str, Any]) -> Callable[[Path], None]:
    """Returns what plants `net.npz`, with a part between its input and its output."""

    def plant(folder: Path) -> None:
        config = kerasfiles.configuration("k2.h5")
        kerasfiles.behind_the_input(config, kerasfiles._part(part["class_name"], part["config"], []) | part)
        segmentation(folder / "set")
        arrays: dict[str, Any] = {"0000": kerasfiles.KERNEL, "0001": kerasfiles.BIAS}
        text = json.dumps(config["config"]).encode()
        np.savez(folder / "net.npz", config=np.frombuffer(text, np.uint8), **arrays)

    return plant


_NODE = '{"name": "w", "op": "WriteFile", "input": ["image", "image"]}'
OWN_PARTS: dict[str, dict[str, Any]] = {
    "operator that writes": {
        "class_name": "TensorFlowOpLayer", "config": {"name": "evil", "node_def": _NODE, "constants": {}}},
    "words of a file": {
        "class_name": "StringLookup", "config": {"name": "evil", "vocabulary": f"{BAIT}/secret.bin"}},
    "lambda": kerasfiles.lambda_layer("k2.h5") | {"module": "keras"},
    "function of the system": {
        "class_name": "Activation", "config": {"name": "evil", "activation": {
            "class_name": "function", "config": "system", "module": "os", "registered_name": "system"}}},
    "saved model": {
        "class_name": "TFSMLayer", "config": {"name": "evil", "filepath": f"{BAIT}/folder"}},
    "operator by name": {
        "class_name": "TFOpLambda", "config": {"name": "evil", "function": "io.write_file"}},
}  # fmt: skip


def _pickled(folder: Path) -> None:
    segmentation(folder / "set")
    np.savez(folder / "net.npz", config=np.array([{"layers": []}], dtype=object))


def _declared(folder: Path) -> None:
    segmentation(folder / "set")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (60_000, 60_000)})
    with zipfile.ZipFile(folder / "net.npz", "w") as archive:
        archive.writestr("0000.npy", header.getvalue())


def _outside(folder: Path) -> None:
    segmentation(folder / "set")
    with zipfile.ZipFile(folder / "net.npz", "w") as archive:
        archive.writestr(f"{BAIT}/canary.npy", b"x")


def _own_cases() -> list[Case]:
    plants = {what: own_network(part) for what, part in OWN_PARTS.items()}
    plants |= {"pickled": _pickled, "declares more than it has": _declared, "name outside": _outside}
    commands = keras_commands("net.npz")
    return [
        Case("npz", what, plant, (commands[number % 6], commands[(number + 3) % 6]), frozenset({3, 7}), number < 2)
        for number, (what, plant) in enumerate(plants.items())
    ]


TFLITE = (
    ("compile", "net.tflite", "--out", "out"),
    ("verify", "net.tflite", "--inputs", "2", "--slow-inputs", "1", "--core-inputs", "1", "--cores", "cortex-m4"),
    ("deploy", "net.tflite", "--board", "stm32l4r5", "--out", "out/bundle"),
    ("evaluate", "net.tflite", "--data", "set"),
    ("predict", "net.tflite", "set/test/img", "--out", "out"),
)


def _tflite(make: Callable[[], bytes]) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        segmentation(folder / "set")
        (folder / "net.tflite").write_bytes(make())

    return plant


def _tflite_cases() -> list[Case]:
    whole = int8_network()
    plants: dict[str, tuple[Callable[[Path], None], tuple[tuple[str, ...], ...], frozenset[int]]] = {
        "names that are code": (_tflite(lambda: int8_network(INJECTED)), TFLITE, TAKEN),
        "eight bytes": (_tflite(lambda: b"\x1c\0\0\0TFL3"), (TFLITE[0], TFLITE[2], TFLITE[4]), frozenset({3})),
        "cut": (_tflite(lambda: whole[: len(whole) // 2]), (TFLITE[0], TFLITE[3]), frozenset({3})),
        "offsets outside": (
            _tflite(lambda: whole[:8] + b"\xff\xff\xff\x7f" * 4 + whole[24:]), (TFLITE[0], TFLITE[4]), frozenset({3})),
        "an array in C": (_c_array, (("compile", "net.c", "--out", "out"),), frozenset({0, 3})),
    }  # fmt: skip
    return [
        Case("tflite", what, plant, commands, codes, reduced=what in ("names that are code", "eight bytes"))
        for what, (plant, commands, codes) in plants.items()
    ]


def _c_array(folder: Path) -> None:
    text = ", ".join(map(str, int8_network()))
    start = f'#include "{BAIT}/secret.bin"\n__attribute__((constructor)) void f(void) {{ system("touch canary"); }}\n'
    (folder / "net.c").write_text(f"{start}const unsigned char net[] = {{{text}}};\n")


def _onnx(location: str | None = None, *, prepare: Callable[[Path], object] = lambda _: None, **changes: Any) -> Any:
    """Returns what plants `net.onnx`: one convolution, its weights at `location` outside of the file."""

    def plant(folder: Path) -> None:
        segmentation(folder / "set")
        prepare(folder)
        weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 3, 1, 1])
        if location is None:
            weights.raw_data = kerasfiles.KERNEL.tobytes()
        else:
            weights.data_location = TensorProto.EXTERNAL
            weights.external_data.add(key="location", value=location)
        shapes = {"x": [1, 3, 8, 8], "y": [1, 1, 8, 8]}
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
        node = helper.make_node(changes.get("kind", "Conv"), ["x", "w"], ["y"], domain=changes.get("domain", ""))
        graph = helper.make_graph([node], "g", ends[:1], ends[1:], [weights])
        (folder / "net.onnx").write_bytes(helper.make_model(graph).SerializeToString())

    return plant


ONNX = (("evaluate", "net.onnx", "--data", "set"), ("predict", "net.onnx", "set/test/img", "--out", "out"))


def _text(folder: Path) -> None:
    segmentation(folder / "set")
    (folder / "net.onnx").write_text("<script>")


def _onnx_cases() -> list[Case]:
    bait = f"{BAIT}/secret.bin"
    plants = {
        "data above": _onnx(bait),
        "data at an absolute path": _onnx("/etc/hostname"),
        "data behind a link": _onnx("w.bin", prepare=lambda folder: (folder / "w.bin").symlink_to(bait)),
        "data with two names": _onnx("w.bin", prepare=lambda folder: os.link(folder / bait, folder / "w.bin")),
        "operator of a library": _onnx(domain="com.evil", kind="WriteFile"),
        "text": _text,
    }
    codes = {what: frozenset({7}) if what.startswith("data") else frozenset({3}) for what in plants}
    return [Case("onnx", what, plant, ONNX, codes[what], what == "data above") for what, plant in plants.items()]


def _other_cases() -> list[Case]:
    def architecture(folder: Path) -> None:
        images(folder / "set")
        text = json.dumps(kerasfiles.configuration("k3.keras"))
        (folder / "net.json").write_text(text.replace('"Conv2D"', '"Lambda"'))

    def saved_model(folder: Path) -> None:
        images(folder / "set")
        (folder / "net" / "variables").mkdir(parents=True)
        (folder / "net" / "saved_model.pb").write_bytes(b"\x08\x01\x12\x10WriteFile")

    return [
        Case("json", "architecture with code", architecture, (("analyze", "net.json", *READ),), frozenset({2, 3, 7})),
        Case("folder", "saved model", saved_model, (("analyze", "net", *READ),), frozenset({7})),
    ]


CASES = (*_keras_cases(), *_own_cases(), *_tflite_cases(), *_onnx_cases(), *_other_cases())
