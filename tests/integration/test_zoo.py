"""Int8 networks that other people put on microcontrollers: what becomes of each file, which may only get better.

Skipped where the folder of test data has no `models/zoo`. A file that is equal now and is not told so below fails as
well: then its line is to be written anew. Where EDGE_NAS_OUTCOMES names a file (`make zoo`), all run on an emulated
Cortex-M4 as well, their C is read as C99 and as C++ by gcc and clang, and each gets a line: its arena beside the
smallest with which tflite-micro runs it on this machine, and instructions of a call.
"""

import os
import subprocess
from pathlib import Path

import pytest

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import run_on_core, run_on_host
from edge_nas.emulation.cores import CORES
from edge_nas.emulation.frames import KINDS, packed, stored_frames
from edge_nas.errors import ArtifactError
from edge_nas.int8.intake import open_tflite_path
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes import tflm
from edge_nas.runtimes.reference import run_reference
from edge_nas.verification.differences import require_all_equal

EQUAL = (
    "ambiq_fomo",
    "coral_lstm_uint8_ends",
    "diyalexa_float_ends",
    "mlonmcu_aww",
    "mlonmcu_micro_kws_m",
    "mlperf_str_ww",
    "mww_vad",
    "silabs_fingerprint_dw_mult8",
    "silabs_magic_wand_float_ends",
    "silabs_micro_speech_conv",
    "slu_2out_reducemax",
    "tflm_dtln_int8",
    "tflm_hello_world_int8",
    "tflm_keyword_scrambled_8bit",
    "tflm_micro_speech",
    "tflm_mnist_lstm_int8",
    "tflm_network_tester",
    "tflm_person_detect",
    "tflm_simple_add",
    "tflm_test_conv_float_ends",
    "tinyengine_detection_3out",
    "tinyengine_mcunet_vww",
    "tinyengine_mcunet_vww_body",
    "tinymaix_cifar10",
    "tinymaix_mnist_arduino",
    "tinymaix_mnist_dw",
    "tinymaix_mnist_rect",
    "tinymaix_mnist_resnet",
)
# Int8 files beside the zoo: MLPerf Tiny's, and those of Nano-U.
BESIDE = (
    "mlperf_tiny/ad01_int8",
    "mlperf_tiny/kws_ref_model",
    "mlperf_tiny/pretrainedResnet_quant",
    "mlperf_tiny/vww_96_int8",
    "nano_u/default_48x64",
    "nano_u/nano_u_BotanicGarden",
    "nano_u/nano_u_TinyAgri",
)
# Successive calls of files that keep something from call to call, and of those that do within one.
CALLS = 100
LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only")
C, CPP = ("-std=c99",), ("-std=c++11", "-x", "c++")
COMPILERS = {"gcc": C, "clang": C, "g++": CPP, "clang++": CPP}
REFUSED: dict[str, str] = {}


@pytest.fixture
def zoo(test_data: Path) -> Path:
    folder = test_data / "models" / "zoo"
    if not folder.is_dir():
        pytest.skip(f"{folder} is no folder")
    return folder


def test_every_file_has_its_outcome_and_no_fewer_are_equal(zoo: Path) -> None:
    assert {path.stem for path in zoo.glob("*.tflite")} == {*EQUAL, *REFUSED}
    assert len(EQUAL) >= 28


@pytest.mark.parametrize("name", [*(f"zoo/{name}" for name in EQUAL), *BESIDE])
def test_the_c_gives_the_bytes_of_the_reference(name: str, zoo: Path, tmp_path: Path) -> None:
    path = zoo.parent / f"{name}.tflite"
    data = open_tflite_path(path).data
    compiled = compile_tflite(path)
    write_compiled(compiled, tmp_path)
    recurrent = any(operator.kind == LSTM for operator in read_tflite(data, name).operators)
    frames = stored_frames(compiled.inputs, CALLS if compiled.keeps_state or recurrent else len(KINDS))
    expected = run_reference(data, frames.inputs, source=name)
    require_all_equal(expected, run_on_host(tmp_path, packed(frames.inputs)), frames.kinds, name)
    if "EDGE_NAS_OUTCOMES" in os.environ:
        for compiler, language in COMPILERS.items():
            subprocess.run([compiler, *language, *WARNINGS, tmp_path / "edge_model.c"], check=True)
        core = run_on_core(CORES["cortex-m4"], tmp_path, packed(frames.inputs))
        require_all_equal(expected, core.outputs, frames.kinds, f"{name} on Cortex-M4")
        theirs = tflm.arena_bytes(data)
        line = (
            f"{name}: equal on {len(frames.kinds)} calls here with sanitizers and on Cortex-M4, no warning, arena "
            f"{compiled.arena_bytes:,} bytes, of tflite-micro {theirs:,}; {core.instructions[0]:,} instructions"
        )
        with Path(os.environ["EDGE_NAS_OUTCOMES"]).open("a", encoding="utf-8") as outcomes:
            outcomes.write(f"{line}\n")
        assert compiled.arena_bytes <= theirs


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_for_its_reason(name: str, zoo: Path) -> None:
    with pytest.raises(ArtifactError, match=REFUSED[name]):
        compile_tflite(zoo / f"{name}.tflite")
