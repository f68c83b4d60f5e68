from typing import Any

import numpy as np
import pytest
from int8graphs.recurrent import lstm_graph

from edge_nas.errors import ArtifactError, ResourceError
from edge_nas.runtimes import tflm
from edge_nas.runtimes.litert import LitertRuntime

needs_tflm = pytest.mark.skipif(not tflm.installed(), reason=f"tflite-micro is not installed; {tflm.INSTALL_ADVICE}")


@pytest.mark.smoke
@needs_tflm
def test_it_gives_the_bytes_of_the_reference_kernels(tiny_models: Any) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    codes = np.random.default_rng(0).integers(-128, 128, (5, 8, 8, 3), dtype=np.int8)
    outputs = tflm.run_stored(data, codes)
    assert outputs.shape == (5, 8, 8, 1)
    assert (outputs == LitertRuntime(data, reference=True).run_int8(codes)).all()


@needs_tflm
def test_the_arena_holds_the_tensors_and_little_more(tiny_models: Any) -> None:
    arena = tflm.arena_bytes(tiny_models.int8_tflite.read_bytes())
    # 256 bytes of up-sampled map and 64 before it, and what the interpreter keeps about five operators.
    assert 320 < arena < 8192
    assert arena % 16 == 0


@needs_tflm
def test_an_arena_is_found_where_a_smaller_one_crashes_the_library() -> None:
    assert tflm.arena_bytes(lstm_graph(1).data) % 16 == 0


@needs_tflm
def test_a_malformed_file_cannot_take_us_down(tiny_models: Any) -> None:
    data = bytearray(tiny_models.int8_tflite.read_bytes())
    data[8:40] = b"\xff" * 32
    with pytest.raises(ArtifactError, match="tflite-micro cannot run the file"):
        tflm.arena_bytes(bytes(data))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflm, "PACKAGE", "no-such-package")
    with pytest.raises(ResourceError, match=r"not installed; install it with: pip install 'edge-nas\[tflm\]'"):
        tflm.arena_bytes(b"")
