"""result.json: assembled from outputs, described by the shipped schema."""

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from edge_nas.errors import ConfigError, GateError
from edge_nas.results.result import Result, assemble, failure_of, schema_text


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(resources.files("edge_nas.results").joinpath("result.schema.json").read_text())
    return schema


def test_the_shipped_schema_is_current() -> None:
    shipped = resources.files("edge_nas.results").joinpath("result.schema.json").read_text()
    assert shipped == schema_text(), "run: python -m edge_nas.results.result > edge_nas/results/result.schema.json"


def test_a_whole_build(sample_outputs: Any) -> None:
    data = assemble("demo", sample_outputs.all(), {"train": 12.34567, "report": 0.5}).to_data()
    jsonschema.validate(data, _schema())
    assert data["schema_version"] == 1
    assert data["status"] == "ok"
    assert data["stages"] == {"train": {"seconds": 12.346}, "report": {"seconds": 0.5}}
    scores = data["evaluation"]
    assert scores["split"] == "test"
    assert {name: scores[name]["miou"] for name in ("trained", "repaired", "pruned", "int8")} == {
        "trained": 0.90,
        "repaired": 0.80,
        "pruned": 0.88,
        "int8": 0.87,
    }
    assert set(scores["trained"]) == {"miou", "foreground_iou", "background_iou", "f1"}
    assert scores["baselines"]["mean_mask"]["miou"] == 0.6
    assert data["cost"]["deployed"] == {
        "macs": 2_000_000,
        "params": 3_900,
        "flash_bytes": 10_240,
        "peak_ram_bytes": 49_152,
    }
    assert data["cost"]["trained"]["flash_bytes"] is None
    assert data["parity"][0]["unit"] == "lsb"
    assert data["benchmarks"][0]["p50_ms"] == 0.12
    assert data["artifacts"]["model.tflite"]["size_bytes"] == 2048
    assert data["cores"]["cortex-m4"] == {
        "bytes_equal": True,
        "instructions": 2_500_000,
        "flash_bytes": 12_288,
        "ram_bytes": 20_500,
        "stack_bytes": 144,
        "pace": {"cycles_per_instruction": 1.25, "flash_bytes_per_instruction": 0.25},
        "skipped": None,
    }
    assert data["cores"]["rv32imac"]["instructions"] is None
    assert data["deployment"] == {
        "board": "stm32l4r5",
        "folder": "09_deploy/bundle",
        "flash_bytes": 12_544,
        "ram_bytes": 20_644,
        "flash_available_bytes": 2_097_152,
        "ram_available_bytes": 655_360,
        "latency_estimate_ms": 27.1,
        "latency_error_percent": 20.0,
        "npu_estimate": None,
    }


def test_the_order_of_outputs_does_not_matter(sample_outputs: Any) -> None:
    assert assemble("x", sample_outputs.all(), {}) == assemble("x", sample_outputs.all()[::-1], {})


@pytest.mark.parametrize("count", range(11))
def test_every_part_of_a_build_is_valid(sample_outputs: Any, count: int) -> None:
    result = assemble("x", sample_outputs.all()[:count], {})
    jsonschema.validate(result.to_data(), _schema())
    assert (result.evaluation.trained is None) == (count < 1)
    assert (result.cost.deployed is None) == (count < 4)


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (GateError("mIoU fell"), "gate", 4, "mIoU fell"),
        (ConfigError("no"), "failed", 2, "no"),
        (KeyError("x"), "failed", 1, "'x'"),
        (
            KeyboardInterrupt(),
            "failed",
            130,
            "interrupted; the same command goes on from the last finished stage",
        ),
    ],
)
def test_failures(error: BaseException, status: str, code: int, message: str) -> None:
    result = assemble(None, (), {}, failure_of(error, "prune"))
    jsonschema.validate(result.to_data(), _schema())
    assert (result.status, result.failure is not None) == (status, True)
    assert result.failure is not None
    assert (result.failure.stage, result.failure.exit_code, result.failure.message) == ("prune", code, message)


def test_an_undefined_score_is_null(sample_outputs: Any) -> None:
    report = sample_outputs.train.evaluation.reported
    metrics = report.metrics.model_copy(update={"miou": None, "foreground_iou": None})
    reported = report.model_copy(update={"metrics": metrics, "split": "val"})
    evaluation = sample_outputs.train.evaluation.model_copy(update={"reported": reported})
    result = assemble("x", [sample_outputs.train.model_copy(update={"evaluation": evaluation})], {})
    jsonschema.validate(result.to_data(), _schema())
    assert result.to_data()["evaluation"]["trained"]["miou"] is None
    assert result.evaluation.split == "val"


def test_the_schema_refuses_what_is_not_a_result() -> None:
    good = Result(status="ok").to_data()
    for bad in ({**good, "status": "fine"}, {**good, "schema_version": 2}, {**good, "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, _schema())
