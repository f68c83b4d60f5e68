"""The MLPerf Tiny reference networks, through everything that a network of ours goes through. Skips without them."""

from pathlib import Path

import pytest

from benchmarks.outside_networks import MACS, NETWORKS, measure

LONG = {"MobileNetV1 0.25", "ResNet8", "auto-encoder"}
"""Taken by `make endurance`: minutes for kinds of layers that DS-CNN, our own networks and those of
test_architectures have as well."""


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.endurance
@pytest.mark.parametrize(
    "outside",
    [pytest.param(one, id=one.name, marks=[pytest.mark.endurance] if one.name in LONG else []) for one in NETWORKS],
)
def test_a_network_of_others_is_pruned_quantized_and_exported(outside, test_data: Path, tmp_path: Path) -> None:
    row = measure(outside, test_data / "models/mlperf_tiny", 12, tmp_path, repair_samples=2_000)
    assert 0.6 * row["macs_before"] < row["macs_after"] <= MACS * row["macs_before"]
    assert row["layers_analyzed"] >= 8
    assert row["float_tensors"] == 0
    assert row["numpy"] == 1.0
    assert row.get("tflite-micro", 1.0) >= 0.8  # it rounds dense layers in another way
    assert row["output_codes"] > 1
    assert row["qdq_within_one"] >= 0.9
    # In the auto-encoder values reach 7,800 on their way to outputs of 62: Keras' own float32 is 8e-6 from float64.
    assert max(row["float.tflite"], row["float.onnx"]) <= (1e-4 if outside.name == "auto-encoder" else 1e-5)
