from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge_nas.emulation.host import run_on_host
from edge_nas.errors import EdgeNasError, GateError, ResourceError

pytestmark = pytest.mark.usefixtures("host_gcc")


@pytest.mark.parametrize("sanitize", [True, False])
def test_both_ways_into_the_network_give_its_outputs(small_model: Path, *, sanitize: bool) -> None:
    inputs = np.random.default_rng(0).integers(-128, 128, (9, 2, 2, 3), dtype=np.int8)
    outputs = run_on_host(small_model, inputs, sanitize=sanitize)
    assert outputs.dtype == np.int8
    assert (outputs == inputs.reshape(9, 12) + np.int8(1)).all()


def test_a_write_outside_of_the_arena_is_found(small_model: Path, altered: Callable[[str, str], Path]) -> None:
    folder = altered("arena[16 + i] =", "arena[21 + i] =")
    with pytest.raises(GateError, match=r"AddressSanitizer|runtime error: index 32 out of bounds"):
        run_on_host(folder, np.zeros((1, 12), np.int8))


def test_undefined_arithmetic_is_found(altered: Callable[[str, str], Path]) -> None:
    folder = altered("spin(turns);", "int many = (int)turns; arena[16] = (int8_t)((many * many) >> 24);")
    with pytest.raises(GateError, match="signed integer overflow"):
        run_on_host(folder, np.full((1, 12), 127, np.int8))


def test_a_warning_is_refused(altered: Callable[[str, str], Path]) -> None:
    folder = altered("spin(turns);", "spin(turns); int unread;")
    with pytest.raises(GateError, match="unread"):
        run_on_host(folder, np.zeros((1, 12), np.int8))


def test_c_that_never_ends_is_stopped(altered: Callable[[str, str], Path]) -> None:
    folder = altered("spin(turns);", "volatile int on = 1; while (on) { }")
    with pytest.raises(GateError, match="did not end within 1 s"):
        run_on_host(folder, np.zeros((1, 12), np.int8), limit_s=1)


def test_frames_of_another_size_are_refused(small_model: Path) -> None:
    with pytest.raises(EdgeNasError, match="EDGE_MODEL_INPUT_BYTES"):
        run_on_host(small_model, np.zeros((1, 11), np.int8))


def test_without_gcc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_model: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResourceError, match="gcc is not installed; install it with: apt-get install gcc libc6-dev"):
        run_on_host(small_model, np.zeros((1, 12), np.int8))
