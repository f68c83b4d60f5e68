"""The applications in deploy/: the bare-metal one runs in QEMU, the others are compiled against stand-ins."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_nas.boards import load_board
from edge_nas.codegen import compile_tflite
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.deployment import make_bundle
from edge_nas.results.verify import VerificationReport
from edge_nas.runtimes.litert import LitertRuntime

DEPLOY = Path(__file__).parents[2] / "deploy"

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


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """A network of one 10x14 RGB image, and its bundle."""
    import tensorflow as tf
    import tf_keras

    layers = tf_keras.layers
    inputs = layers.Input((10, 14, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    model = tf_keras.Model(inputs, layers.Conv2D(1, 3, padding="same")(layers.DepthwiseConv2D(3, padding="same")(x)))
    generator = np.random.default_rng(3)
    model.set_weights([generator.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec((1, 10, 14, 3), tf.float32)
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [generator.uniform(-1, 1, (1, 10, 14, 3)).astype(np.float32)] for _ in range(20)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    data: bytes = converter.convert()
    compiled = compile_tflite(data)
    report = VerificationReport(model_sha256=compiled.model_sha256, programs=(), cores={})
    folder = tmp_path_factory.mktemp("deploy") / "edge_model"
    make_bundle(load_board("stm32l4r5"), data, compiled, report, folder)
    return data, folder


def pictures(count: int) -> np.ndarray:
    """Returns what camera_stub.c draws: (count, 10, 14, 3) uint8."""
    frame, y, x, channel = np.meshgrid(np.arange(count), np.arange(10), np.arange(14), np.arange(3), indexing="ij")
    return (5 * x + 3 * y + 70 * channel + 11 * frame).astype(np.uint8)


@pytest.mark.mcu
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m0plus"])
def test_the_bare_metal_programs_run_in_the_emulator(network: tuple[bytes, Path], tmp_path: Path, core: str) -> None:
    data, bundle = network
    toolchain = DEPLOY / "bare_metal/toolchain.cmake"
    configure = ["cmake", "-S", DEPLOY / "bare_metal", "-B", tmp_path, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}"]
    subprocess.run([*configure, f"-DBUNDLE={bundle}", f"-DCPU={core}"], check=True, capture_output=True)
    build = ["cmake", "--build", tmp_path, "--target", "run"]
    done = subprocess.run(build, capture_output=True, text=True, check=True, timeout=120)
    printed = done.stdout + done.stderr
    assert "self-test passed" in printed
    assert "warning" not in printed
    reference = LitertRuntime(data, reference=True)
    codes = reference.run_int8(reference.quantize_input(Preprocessing().apply(pictures(3))))
    expected = [int((frame > (reference.output_spec.zero_point or 0)).sum()) for frame in codes]
    assert 0 < sum(expected) < codes.size
    seen = [int(count) for count in re.findall(r"picture \d: (\d+) of 140 pixels", printed)]
    assert seen == expected


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
    network: tuple[bytes, Path], tmp_path: Path, compiler: str, source: str
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed: apt-get install {compiler}")
    for name, text in STAND_INS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    include = [f"-I{tmp_path}", f"-I{network[1] / 'src'}", f"-I{DEPLOY / 'camera/src'}"]
    language = ["-x", "c++", "-include", "Arduino.h"] if compiler == "g++" else ["-std=gnu99"]
    path = DEPLOY / source.format(bundle=network[1])
    flags = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    done: Any = subprocess.run(
        [compiler, *flags, *include, *language, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
