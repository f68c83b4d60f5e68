from pathlib import Path

import pytest

from edge_nas.benchmarking import benchmark, timed_file, timed_keras
from edge_nas.core.config import BenchmarkSpec
from edge_nas.errors import EdgeNasError
from edge_nas.models.files import save_model


def test_every_format_can_be_timed(tiny_models, tmp_path: Path) -> None:
    files = (tiny_models.float_tflite, tiny_models.int8_tflite, tiny_models.float_onnx, tiny_models.int8_onnx)
    path = tmp_path / "tiny.npz"
    save_model(tiny_models.keras, path)
    with timed_keras(path) as keras:
        models = [keras, *(timed_file(path) for path in files)]
        output = benchmark(BenchmarkSpec(runs=6, warmup=2), models)
    assert [(report.runtime, report.model) for report in output.benchmarks] == [
        ("keras", "tiny.npz"),
        ("litert", "float.tflite"),
        ("litert", "int8.tflite"),
        ("onnxruntime", "float.onnx"),
        ("onnxruntime", "int8.onnx"),
    ]
    for report in output.benchmarks:
        assert 0 < report.min_ms <= report.p50_ms <= report.p90_ms
        assert report.runs == 6
        assert report.runtime_version[0].isdigit()


def test_a_name_of_ones_own_replaces_the_files(tiny_models) -> None:
    model = timed_file(tiny_models.int8_tflite, threads=2, model="mine")
    assert (model.name, model.threads) == ("mine", 2)


def test_a_network_that_cannot_be_loaded_ends_the_process_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(EdgeNasError, match="ended with exit code 1 before it answered"), timed_keras(path):
        pass
