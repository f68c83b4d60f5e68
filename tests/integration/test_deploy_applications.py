"""The applications in deploy/: the bare-metal one runs in QEMU for each task, the others compile against stand-ins."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from edge_nas.boards import load_board
from edge_nas.codegen import compile_tflite
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.samples import SampleFormat
from edge_nas.deployment import make_bundle
from edge_nas.int8.sketch import HALVING, THREE, Sketch
from edge_nas.results.verify import VerificationReport
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.tasks import TaskCard

DEPLOY = Path(__file__).parents[2] / "deploy"
SHAPE = (10, 14, 3)
TASKS = {
    "binary_segmentation": (),
    "segmentation": ("soil", 'the "lane"?', "sky"),
    "classification": ("cat", "dog", "caf\u00e9", "none"),
    "regression": (),
}
VALUES = 2

# The few declarations that each platform's application uses.
STAND_INS = {
    "esp_timer.h": "#include <stdint.h>\nint64_t esp_timer_get_time(void);\n",
    "freertos/FreeRTOS.h": "#include <stdint.h>\n#define pdMS_TO_TICKS(ms) (ms)\n",
    "freertos/task.h": "void vTaskDelay(uint32_t ticks);\n",
    "zephyr/kernel.h": (
        "#include <stdint.h>\nuint32_t k_cycle_get_32(void);\nuint32_t k_cyc_to_us_floor32(uint32_t cycles);\n"
        "int32_t k_msleep(int32_t ms);\n"
    ),
    "zephyr/sys/printk.h": "void printk(const char *format, ...);\n",
    "Arduino.h": (
        "#include <cstdint>\nstruct Port { void begin(long); explicit operator bool() const; "
        "template <typename T> void print(T); template <typename T> void println(T); };\nextern Port Serial;\n"
        "unsigned long micros(); void delay(unsigned long ms);\n"
    ),
}


class Bundle(NamedTuple):
    """An int8 file, its card and the bundle made of both."""

    data: bytes
    card: TaskCard
    folder: Path


def network(task: str) -> bytes:
    """Returns a network with random weights for pictures of 10 x 14, with as many outputs as the task has answers."""
    sketch = Sketch(SHAPE, seed=3)
    x = sketch.depthwise(sketch.convolution(sketch.input, 4, THREE))
    if "segmentation" in task:
        return sketch.finish(sketch.convolution(x, len(TASKS[task]) or 1, THREE, "linear"))
    x = sketch.convolution(x, 6, HALVING)
    return sketch.finish(sketch.dense(sketch.mean(x), len(TASKS[task]) or VALUES))


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    made = {}
    for task, classes in TASKS.items():
        data, card = network(task), TaskCard(task=task, classes=classes)
        compiled = compile_tflite(data)
        report = VerificationReport(model_sha256=compiled.model_sha256, programs=(), cores={})
        folder = tmp_path_factory.mktemp("deploy") / "edge model"  # a space, which build files must survive
        make_bundle(load_board("nrf52840"), data, compiled, report, folder, sample=SampleFormat(shape=SHAPE), card=card)
        made[task] = Bundle(data, card, folder)
    return made


def pictures(count: int) -> np.ndarray:
    """Returns what camera_stub.c draws: (count, 10, 14, 3) uint8."""
    frame, y, x, channel = np.meshgrid(np.arange(count), np.arange(10), np.arange(14), np.arange(3), indexing="ij")
    return (5 * x + 3 * y + 70 * channel + 11 * frame).astype(np.uint8)


def answers(bundle: Bundle) -> Iterator[str]:
    """Yields what answer.h has to print for each picture, by the codes of the reference kernels."""
    reference = LitertRuntime(bundle.data, reference=True)
    codes = reference.run_int8(reference.quantize_input(Preprocessing().apply(pictures(3)))).astype(np.int64)
    scale, zero_point = reference.output_spec.scale or 0.0, reference.output_spec.zero_point or 0
    for frame in codes:
        if bundle.card.task == "regression":
            values = np.float32(1000) * (np.float32(scale) * (frame - zero_point).astype(np.float32))
            yield "thousandths of values: " + " ".join(str(int(np.trunc(v + np.copysign(0.5, v)))) for v in values)
        elif bundle.card.task == "classification":
            yield f"class: {bundle.card.classes[int(frame.argmax())]}"
        else:
            is_binary = bundle.card.task == "binary_segmentation"
            classes = (frame[..., 0] > zero_point).astype(int) if is_binary else frame.argmax(axis=-1)
            names = ("background", "foreground") if is_binary else bundle.card.classes
            counts = np.bincount(classes.reshape(-1), minlength=len(names))
            yield "pixels: " + ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))


@pytest.mark.mcu
@pytest.mark.parametrize("task", TASKS)
def test_the_bare_metal_programs_run_in_the_emulator(bundles: dict[str, Bundle], tmp_path: Path, task: str) -> None:
    bundle = bundles[task]
    toolchain = bundle.folder / "self_test/qemu/toolchain.cmake"
    configure = ["cmake", "-S", DEPLOY / "bare_metal", "-B", tmp_path, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}"]
    subprocess.run([*configure, f"-DBUNDLE={bundle.folder}"], check=True, capture_output=True)
    build = ["cmake", "--build", tmp_path, "--target", "run"]
    done = subprocess.run(build, capture_output=True, encoding="utf-8", check=True, timeout=120)
    printed = done.stdout + done.stderr
    assert "self-test passed" in printed
    assert "warning" not in printed
    expected = list(answers(bundle))
    assert re.findall(r"^picture \d, \d+ ticks, (.*)$", printed, re.MULTILINE) == expected
    assert len(set(expected)) > 1 or task == "classification"


@pytest.mark.mcu
@pytest.mark.parametrize("board", ["nrf52840", "rp2040", "corstone300", "esp32c3"])
def test_a_bundle_alone_shows_its_proof_on_an_emulated_core_with_two_commands(board: str, tmp_path: Path) -> None:
    data = network("classification")
    compiled = compile_tflite(data)
    report = VerificationReport(model_sha256=compiled.model_sha256, programs=(), cores={})
    make_bundle(load_board(board), data, compiled, report, tmp_path / "bundle")
    readme = (tmp_path / "bundle/README.md").read_text()
    commands = re.findall(r"^cmake .*build_qemu.*$", readme, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        done = subprocess.run(command.split(), cwd=tmp_path / "bundle", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "self-test passed" in done.stdout + done.stderr


def test_a_part_that_is_missing_is_told(bundles: dict[str, Bundle], tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed: apt-get install cmake")
    alone = shutil.copytree(DEPLOY / "bare_metal", tmp_path / "bare_metal")
    command = ["cmake", "-S", alone, "-B", tmp_path / "build", f"-DBUNDLE={bundles['segmentation'].folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "copy deploy/camera as well" in done.stderr


@pytest.mark.parametrize(
    ("compiler", "source"),
    [
        ("gcc", "esp_idf/main/main.c"),
        ("gcc", "zephyr/src/main.c"),
        ("g++", "arduino/EdgeCamera/EdgeCamera.ino"),
        ("g++", "{bundle}/examples/SelfTest/SelfTest.ino"),
    ],
)
def test_the_other_applications_fit_the_bundle(
    bundles: dict[str, Bundle], tmp_path: Path, compiler: str, source: str
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed: apt-get install {compiler}")
    for name, text in STAND_INS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    language = ["-x", "c++", "-include", "Arduino.h"] if compiler == "g++" else ["-std=gnu99"]
    flags = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    for bundle in bundles.values():
        include = [f"-I{tmp_path}", f"-I{bundle.folder / 'src'}", f"-I{DEPLOY / 'camera/src'}"]
        path = DEPLOY / source.format(bundle=bundle.folder)
        done: Any = subprocess.run(
            [compiler, *flags, *include, *language, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
