"""Int8 networks that other people put on microcontrollers: what becomes of each file, which may only get better.

Skipped where the folder of test data has no `models/zoo`. A file that is equal now and is not told so below fails as
well: then its line is to be written anew. Where EDGE_NAS_OUTCOMES names a file, that gets a line for each, with its
arena beside the smallest with which tflite-micro runs it on this machine.
"""

import os
from pathlib import Path

import pytest

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import run_on_host
from edge_nas.emulation.frames import KINDS, packed, stored_frames
from edge_nas.errors import ArtifactError
from edge_nas.int8.intake import open_tflite_path
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
# Successive calls of files that keep something from call to call.
CALLS = 100
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


@pytest.mark.parametrize("name", EQUAL)
def test_the_c_gives_the_bytes_of_the_reference(name: str, zoo: Path, tmp_path: Path) -> None:
    path = zoo / f"{name}.tflite"
    data = open_tflite_path(path).data
    compiled = compile_tflite(path)
    write_compiled(compiled, tmp_path)
    frames = stored_frames(compiled.inputs, CALLS if compiled.keeps_state else len(KINDS))
    expected = run_reference(data, frames.inputs, source=name)
    require_all_equal(expected, run_on_host(tmp_path, packed(frames.inputs)), frames.kinds, name)
    if "EDGE_NAS_OUTCOMES" in os.environ:
        theirs = _micro_arena(data)
        line = f"{name}: equal on {len(frames.kinds)} calls, arena {compiled.arena_bytes:,} bytes, of tflite-micro "
        with Path(os.environ["EDGE_NAS_OUTCOMES"]).open("a", encoding="utf-8") as outcomes:
            outcomes.write(f"{line}{'not known' if theirs is None else format(theirs, ',')}\n")
        assert theirs is None or compiled.arena_bytes <= theirs


def _micro_arena(data: bytes) -> int | None:
    """Returns the smallest arena of tflite-micro; None where it crashes on one that is too small, as its LSTM does."""
    try:
        return tflm.arena_bytes(data)
    except ArtifactError:
        return None


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_for_its_reason(name: str, zoo: Path) -> None:
    with pytest.raises(ArtifactError, match=REFUSED[name]):
        compile_tflite(zoo / f"{name}.tflite")
