"""Hostile run folders: links in them, records that name other places, code in files that a build once wrote."""

import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import kerasfiles
import numpy as np
from sampleoutputs import make_sample_outputs

from canaries.case import BAIT, LEAVES_A_CANARY, Case
from canaries.int8_files import int8_network
from canaries.networks import OWN_PARTS, own_network
from edge_nas.codegen.compile import compile_tflite
from edge_nas.core.atomic import json_bytes
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_bytes, sha256_data
from edge_nas.pipeline import Pipeline
from edge_nas.runs.progress import Silent
from edge_nas.stages.contract import Stage, StageContext
from edge_nas.stages.table import STAGES

SETTINGS = [
    *("name=run", "data.input_shape=[8,8,3]", "train.epochs=1", "gates.trivial=false"),
    *("verify.inputs=2", "verify.slow_inputs=1", "verify.core_inputs=1", "verify.cores=[cortex-m4]"),
    *(f"data.terrain.{split}_images=3" for split in ("train", "val", "test")),
]
FAST = ("--inputs", "2", "--slow-inputs", "1", "--core-inputs", "1", "--cores", "cortex-m4")
VERIFY = ("verify", "run", *FAST)
COMMANDS = (
    VERIFY,
    ("deploy", "run", "--board", "stm32l4r5", "--out", "out/bundle"),
    ("compile", "run", "--out", "out"),
    ("analyze", "run"),
    ("quantize", "run", "--out", "out/net.tflite"),
    ("build", "--run", "run", "--until", "train"),
    ("build", "--run", "run", "--from", "verify", "--until", "verify"),
    ("config", "show", "--run", "run"),
)
RUN_CODES = frozenset({0, 2, 3, 4, 7})


def finished_run(path: Path) -> None:
    """Builds a run whose stages do no work: a network, the C made of it, and records that a build goes on from."""
    tflite = int8_network()
    outputs = dict(zip((stage.name for stage in STAGES), make_sample_outputs().all(), strict=True))
    outputs["compile"] = compiled = compile_tflite(tflite)
    files = {
        "train": {"trained.npz": _network()},
        "export": {"model.tflite": tflite},
        "compile": {file.name: file.text.encode() for file in compiled.files},
        "report": {"report.html": b"<html>"},
    }
    places = {"export": "artifacts/", "compile": "artifacts/c/", "report": ""}

    def standing_in(stage: Stage) -> Stage:
        def work(context: StageContext) -> Frozen:
            for name, content in files.get(stage.name, {"file": b"content"}).items():
                (context.folder / name).write_bytes(content)
                if stage.name in places:
                    context.publish(name, f"{places[stage.name]}{name}")
            return outputs[stage.name]

        return replace(stage, function=work)

    Pipeline([standing_in(stage) for stage in STAGES]).build(load_config(None, SETTINGS), path, progress=Silent())


def _network() -> bytes:
    buffer = io.BytesIO()
    text = json.dumps(kerasfiles.configuration("k2.h5")["config"]).encode()
    arrays: dict[str, Any] = {"0000": kerasfiles.KERNEL, "0001": kerasfiles.BIAS}
    np.savez(buffer, config=np.frombuffer(text, np.uint8), **arrays)
    return buffer.getvalue()


def _changed(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Returns what plants the run and changes it; `change` gets the folder `run`."""

    def plant(folder: Path) -> None:
        # One run for all: TensorFlow is not needed, but the compiler of the C takes its time.
        whole = folder.parent.parent / "whole"
        if not whole.exists():
            finished_run(whole)
        shutil.copytree(whole, folder / "run")
        change(folder / "run")

    return plant


def _linked(name: str, target: str) -> Callable[[Path], None]:
    """Returns what puts a link in place of a part of the run; `target` is seen from the case's folder."""

    def change(run: Path) -> None:
        path = run / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.symlink_to(os.path.relpath(run.parent / target, path.parent))

    return _changed(change)


def _resealed(run: Path, folder: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Changes a stage's record and seals it again, and the manifest with it, as somebody can who writes a run."""
    path, manifest = run / folder / "stage.json", run / "manifest.json"
    record = json.loads(path.read_text())
    change(record)
    _seal(path, record)
    run_of = json.loads(manifest.read_text())
    published = {place: record["files"].get(name) for name, place in record["published"].items()}
    run_of["artifacts"] |= {place: sha256 for place, sha256 in published.items() if place in run_of["artifacts"]}
    _seal(manifest, run_of)


def _seal(path: Path, data: dict[str, Any]) -> None:
    data["seal"] = sha256_data({name: value for name, value in data.items() if name != "seal"})
    path.write_bytes(json_bytes(data))


def _with_c(text: str) -> Callable[[Path], None]:
    """Returns what puts other C into the run, with the hashes that go with it."""

    def change(run: Path) -> None:
        source = (run / "06_compile" / "edge_model.c").read_text() + text
        sha256 = sha256_bytes(source.encode())
        for place in ("06_compile", "artifacts/c"):
            (run / place / "edge_model.c").write_text(source)

        def forge(data: dict[str, Any]) -> None:
            data["files"]["edge_model.c"] = sha256
            for file in data["output"]["files"]:
                if file["name"] == "edge_model.c":
                    file |= {"text": source, "sha256": sha256}

        _resealed(run, "06_compile", forge)

    return _changed(change)


def _published_outside(run: Path) -> None:
    _resealed(run, "05_export", lambda data: data["published"].update({"model.tflite": f"../{BAIT}/victim.txt"}))


def _file_outside(run: Path) -> None:
    _resealed(run, "01_train", lambda data: data["files"].update({f"../../{BAIT}/secret.bin": "0" * 64}))


def _artifact_outside(run: Path) -> None:
    def forge(data: dict[str, Any]) -> None:
        data["output"]["model"]["path"] = f"../{BAIT}/secret.bin"

    _resealed(run, "01_train", forge)


def _c_outside(run: Path) -> None:
    def forge(data: dict[str, Any]) -> None:
        data["output"]["files"][0]["name"] = f"../{BAIT}/canary"

    _resealed(run, "06_compile", forge)


def _code_in_the_configuration(run: Path) -> None:
    (run.parent / "planted.py").write_text(f"{LEAVES_A_CANARY}def make():\n    return None\n")
    text = "task: classification\ndata: {source: function, function: 'planted:make', classes: [a, b]}\n"
    (run / "config.yaml").write_text(f"{text}name: run\n")


def _hostile_network(run: Path) -> None:
    folder = run.parent / "made"
    folder.mkdir()
    own_network(OWN_PARTS["operator that writes"])(folder)
    shutil.copy(folder / "net.npz", run / "01_train" / "trained.npz")
    shutil.rmtree(folder)


def _leftovers(run: Path) -> None:
    """Links under the names of what killed processes leave, which the next build removes."""
    (run / ".02_analyze.new").symlink_to(f"../{BAIT}/folder")
    (run / ".0123456789abcdef.tmp").symlink_to(f"../{BAIT}/victim.txt")


def _dangling(run: Path) -> None:
    shutil.rmtree(run / "03_prune")
    (run / "03_prune").symlink_to("nowhere")


def _hard_lock(run: Path) -> None:
    (run / ".lock").unlink(missing_ok=True)
    os.link(run / "../../../bait/victim.txt", run / ".lock")


def _holder(run: Path) -> None:
    (run / ".holder.json").unlink(missing_ok=True)
    (run / ".holder.json").symlink_to(f"../{BAIT}/victim.txt")


def _html(run: Path) -> None:
    config = load_config(None, SETTINGS)
    (run / "config.yaml").write_text(dump_config(config) + "# <script>alert(1)</script>\n")


_CODE = '\n#include <stdio.h>\n__attribute__((constructor)) static void f(void) { fopen("%s/canary", "w"); }\n'
_PLANTS: dict[str, tuple[Callable[[Path], None], frozenset[int]]] = {
    "artifacts outside": (_linked("artifacts", f"{BAIT}/folder"), frozenset({7})),
    "a stage outside": (_linked("01_train", f"{BAIT}/folder"), frozenset({7})),
    "a dangling stage": (_changed(_dangling), frozenset({7})),
    "a file of a stage outside": (_linked("05_export/model.tflite", f"{BAIT}/secret.bin"), frozenset({7})),
    "configuration outside": (_linked("config.yaml", f"{BAIT}/secret.bin"), frozenset({7})),
    "manifest outside": (_linked("manifest.json", f"{BAIT}/secret.bin"), frozenset({7})),
    "result outside": (_linked("result.json", f"{BAIT}/victim.txt"), frozenset({7})),
    "report outside": (_linked("report.html", f"{BAIT}/victim.txt"), frozenset({7})),
    "lock outside": (_linked(".lock", f"{BAIT}/victim.txt"), frozenset({7})),
    "lock with two names": (_changed(_hard_lock), frozenset({7})),
    "holder outside": (_changed(_holder), frozenset({7})),
    "leftovers outside": (_changed(_leftovers), RUN_CODES),
    "published outside": (_changed(_published_outside), RUN_CODES),
    "hashed outside": (_changed(_file_outside), RUN_CODES),
    "network outside": (_changed(_artifact_outside), RUN_CODES),
    "source outside": (_changed(_c_outside), RUN_CODES),
    "code in the configuration": (_changed(_code_in_the_configuration), RUN_CODES),
    "operator in the network": (_changed(_hostile_network), RUN_CODES),
    "code in the C": (_with_c(_CODE % BAIT), RUN_CODES),
    "file read by the C": (_with_c('\n#include "/etc/hostname"\n'), RUN_CODES),
    "nothing": (_changed(_html), RUN_CODES),
}


def _cases() -> list[Case]:
    cases = []
    reduced = {"artifacts outside", "published outside", "code in the C", "leftovers outside", "a dangling stage"}
    for number, (what, (plant, codes)) in enumerate(_PLANTS.items()):
        # Every reader of a run, in turn; verify, which compiles and runs, and a build, which writes, of each.
        chosen = dict.fromkeys((COMMANDS[6], VERIFY, COMMANDS[1 + number % 7], COMMANDS[1 + (number + 3) % 7]))
        cases.append(Case("run", what, plant, tuple(chosen), codes, what in reduced))
    return cases


WHOLE_BUILD = (
    *("build", "nano_u_48x64", "--run", "run", "train.epochs=1", "prune.fine_tune.epochs=1", "quantize.fit.epochs=1"),
    *("quantize.max_drop=1", "gates.trivial=false", "data.input_shape=[16,16,3]", "train.monitor.every_epochs=1"),
    *(f"data.terrain.{split}_images=8" for split in ("train", "val", "test")),
    *("verify.inputs=4", "verify.slow_inputs=2", "verify.core_inputs=1", "verify.cores=[cortex-m4,rv32imac]"),
    *("benchmark.runs=6", "benchmark.warmup=1"),
)
"""Every stage at work, on nothing hostile: libraries write where they like, if nobody looks."""

CASES = (*_cases(), Case("build", "every stage", lambda _: None, (WHOLE_BUILD,), frozenset({0})))
