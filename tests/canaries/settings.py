"""Hostile configurations and boards: code that a file names, places outside, text that is more than text."""

from collections.abc import Callable
from pathlib import Path

from canaries.case import BAIT, LEAVES_A_CANARY, TAKEN, Case
from canaries.int8_files import INJECTED, int8_network

_PLUGIN = f"{LEAVES_A_CANARY}def make(*arguments, **named):\n    {LEAVES_A_CANARY}    return None\nBoom = make\n"
_TOUCH = f"touch {BAIT}/canary"
READERS = (("check", "own.yaml"), ("build", "own.yaml", "--run", "run"), ("config", "show", "own.yaml"))


def _config(text: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / "planted.py").write_text(_PLUGIN)
        (folder / "own.yaml").write_text(text)

    return plant


def _linked_config(folder: Path) -> None:
    (folder / "own.yaml").symlink_to("/etc/passwd")


_CODE = {
    "system as a model": f"model: {{name: 'os:system', arguments: {{command: '{_TOUCH}'}}}}",
    "process as a model": f"model: {{name: 'subprocess:run', arguments: {{args: [touch, {BAIT}/canary]}}}}",
    "exec as a model": "model: {name: 'builtins:exec', arguments: {}}",
    "module as a model": "model: {name: 'planted:make'}",
    "module as a teacher": "train: {teacher: {name: 'planted:make'}}",
    "custom object": "model: {name: net.keras, custom_objects: ['planted:Boom']}",
    "custom object of the system": "model: {name: net.keras, custom_objects: ['os:system']}",
    "trust": "model: {name: net.keras, trust: true}",
    "data function": "task: classification\ndata: {source: function, function: 'planted:make', classes: [a, b]}",
    "download as a model": f"model: {{name: 'urllib.request:urlretrieve', "
    f"arguments: {{url: 'http://127.0.0.1:9/x', filename: {BAIT}/canary}}}}",
    "our own function": "model: {name: 'edge_nas.core.atomic:remove', arguments: {path: ../../bait/victim.txt}}",
    "numpy's function": "model: {name: 'numpy:save', arguments: {file: ../../bait/canary, arr: 1}}",
}
_TEXT = {
    "python tag": f"!!python/object/apply:os.system ['{_TOUCH}']",
    "python name": "model: {name: !!python/name:os.system }",
    "aliases that grow": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
    "deep": "[" * 5000 + "]" * 5000,
    "name outside": "name: ../../bait/canary",
    "absolute name": "name: /tmp/canary",
    "criterion with code": "prune: {criterion: 'os:system'}",
    "two megabytes": "name: " + "x" * 2_000_000,
}  # fmt: skip


def _config_cases() -> list[Case]:
    cases = [
        Case("config", what, _config(text), READERS, frozenset({0, 2, 3, 7}), number < 3)
        for number, (what, text) in enumerate(_CODE.items())
    ]
    cases += [
        # A criterion is a name, which is looked up when something is going to be built.
        Case(
            "config",
            what,
            _config(text),
            READERS,
            frozenset({0, 2} if what == "criterion with code" else {2}),
            not number,
        )
        for number, (what, text) in enumerate(_TEXT.items())
    ]
    cases.append(Case("config", "link to another file", _linked_config, READERS[:1], frozenset({2, 3, 7})))
    return cases


_BOARD = """
name: {name}
title: {text}
core: Cortex-M4
emulated_core: {emulated}
runtime: c
alignment_bytes: 1
flash_bytes: {{value: 1000000, source: the manual}}
sram_bytes: {{value: 200000, source: the manual}}
clock_mhz: {{value: 80, source: the manual}}
cycle_model: {{cycles_per_instruction: 2.0, basis: none that was held against silicon}}
npu: {npu}
platforms: [cmake, esp-idf, zephyr, arduino]
notes: [{text}]
"""


def _board(**changes: str) -> Callable[[Path], None]:
    fields = {"name": "mine", "text": "a board", "emulated": "cortex-m4", "npu": "null"} | changes

    def plant(folder: Path) -> None:
        (folder / "net.tflite").write_bytes(int8_network())
        (folder / "board.yaml").write_text(_BOARD.format(**fields))

    return plant


def _in_text(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


_NPU = "{{accelerator: ethos-u55-128, system_config: '{0}', memory_mode: Shared_Sram, source: the manual}}"
DEPLOYS = (("deploy", "net.tflite", "--board", "board.yaml", "--out", "out/bundle"),)
SHOWS = ("boards", "board.yaml")


def _board_cases() -> list[Case]:
    option = _NPU.format(f"--output-dir={BAIT}")
    plants = {
        "name outside": (_board(name="../../bait/canary"), (*DEPLOYS, SHOWS), frozenset({2})),
        "text that is code": (_board(text=_in_text(INJECTED)), (*DEPLOYS, SHOWS), TAKEN),
        "text that is CMake": (
            _board(text=_in_text(f'")\\nexecute_process(COMMAND {_TOUCH}) # ]]]')), DEPLOYS, TAKEN),
        "option for the compiler of the NPU": (_board(npu=option), DEPLOYS, TAKEN),
        "program as a core": (_board(emulated="../../bin/sh"), DEPLOYS, frozenset({2})),
    }  # fmt: skip
    return [
        Case("board", what, plant, commands, codes, what == "text that is code")
        for what, (plant, commands, codes) in plants.items()
    ]


CASES = (*_config_cases(), *_board_cases())
