"""Hostile Keras files: code in them, modules and files that they name, sizes that fill memory, names outside."""

import stat
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import kerasfiles
from kerasfiles import LAYOUTS, write


def with_lambda(layout: str) -> Callable[[Path], Any]:
    return lambda path: write(
        path, layout, config=lambda c: kerasfiles.behind_the_input(c, kerasfiles.lambda_layer(layout))
    )


def with_setting(layout: str, **settings: Any) -> Callable[[Path], Any]:
    return lambda path: write(path, layout, config=lambda c: c["config"]["layers"][1]["config"].update(settings))


def with_layer(layout: str, **changes: Any) -> Callable[[Path], Any]:
    return lambda path: write(path, layout, config=lambda c: c["config"]["layers"][1].update(changes))


def with_weights(layout: str, change: Callable[[h5py.Group], Any]) -> Callable[[Path], Any]:
    return lambda path: write(path, layout, weights=change)


def external(group: h5py.Group) -> None:
    name = next(iter(group))
    del group[name]
    group.create_dataset(name, (1, 1, 3, 1), "f4", external=[("secret.bin", 0, h5py.h5f.UNLIMITED)])


def virtual(group: h5py.Group) -> None:
    layout = h5py.VirtualLayout((1, 1, 3, 1), "f4")
    layout[...] = h5py.VirtualSource("secret.h5", "kernel", (1, 1, 3, 1))
    group.create_virtual_dataset("virtual", layout)


def linked(link: Any) -> Callable[[h5py.Group], None]:
    def change(group: h5py.Group) -> None:
        group["link"] = link

    return change


def shape_bomb(group: h5py.Group) -> None:
    group.create_dataset("bomb", (60_000, 60_000), "f4", chunks=(100, 100))


def own_child(group: h5py.Group) -> None:
    group["child"] = group.parent


def zip_with(name: str, content: bytes = b"x", **settings: Any) -> Callable[[Path], Any]:
    def make(path: Path) -> None:
        write(path, "k3.keras")
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        for key, value in settings.items():
            setattr(entry, key, value)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(entry, content)

    return make


def twice(path: Path) -> None:
    write(path, "k3.keras")
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")  # of the second name
        archive.writestr("config.json", "{}")


STRUCTURE = {
    "external storage": external,
    "virtual array": virtual,
    "external link": linked(h5py.ExternalLink("secret.h5", "/kernel")),
    "soft link": linked(h5py.SoftLink("/")),
    "shape bomb": shape_bomb,
    "group in itself": own_child,
}
OF_A_MODULE: dict[str, Any] = {"module": "evil_module", "class_name": "Boom", "config": {}, "registered_name": None}
SYSTEM = {"class_name": "function", "config": "system", "module": "os", "registered_name": "system"}
WRITE_FILE = {"class_name": "TFOpLambda", "config": {"name": "logit", "function": "io.write_file"}}
VOCABULARY = {"class_name": "StringLookup", "config": {"name": "logit", "vocabulary": "secret.bin"}}
HOSTILE: dict[str, tuple[str, Callable[[Path], Any]]] = {
    **{f"lambda {layout}": (layout, with_lambda(layout)) for layout in LAYOUTS},
    **{f"module {layout}": (layout, with_setting(layout, kernel_initializer=OF_A_MODULE)) for layout in LAYOUTS},
    **{f"function {layout}": (layout, with_setting(layout, activation=SYSTEM)) for layout in LAYOUTS},
    **{f"class {layout}": (layout, with_layer(layout, class_name="Boom", module="evil_module")) for layout in LAYOUTS},
    **{
        f"{name} {layout}": (layout, with_weights(layout, change))
        for name, change in STRUCTURE.items()
        for layout in ("k2.h5", "k3.keras")
    },
    "operator k2.h5": ("k2.h5", with_layer("k2.h5", **WRITE_FILE)),
    "operator k2.keras": ("k2.keras", with_layer("k2.keras", **WRITE_FILE)),
    "graph of operators": ("k2.h5", with_layer("k2.h5", class_name="TensorFlowOpLayer")),
    "file of words": ("k3.keras", with_layer("k3.keras", **VOCABULARY)),
    "other model": ("k3.keras", with_layer("k3.keras", class_name="TFSMLayer")),
    "pickled module": ("k3.keras", with_layer("k3.keras", class_name="TorchModuleWrapper")),
    "layer in disguise": ("k3.keras", with_layer("k3.keras", module="evil_module")),
    "zip traversal": ("k3.keras", zip_with("../canary")),
    "zip absolute": ("k3.keras", zip_with("/tmp/canary")),
    "zip link": ("k3.keras", zip_with("assets", b"secret.bin", external_attr=(stat.S_IFLNK | 0o777) << 16)),
    "zip bomb": ("k3.keras", zip_with("assets/zeros", bytes(5_000_000))),
    "zip with one name twice": ("k3.keras", twice),
}
