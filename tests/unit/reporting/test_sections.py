"""The sections after the first one."""

from dataclasses import replace
from typing import Any

import edge_nas
from edge_nas.core.config import (
    AnalyzeSpec,
    BudgetSpec,
    BuildConfig,
    FitSpec,
    ModelSpec,
    PruneSpec,
    SparsitySpec,
    TrainSpec,
)
from edge_nas.reporting import sections
from edge_nas.reporting.material import Material
from edge_nas.results.benchmark import BenchmarkReport
from edge_nas.results.redundancy import RedundancyRecord, RedundancyReport
from edge_nas.results.train import EpochRecord


def _names(material: Material) -> list[str]:
    return [phase.name for phase in sections.training(material)]


def _restarting(*lengths: int) -> tuple[EpochRecord, ...]:
    values = {"loss": 0.5, "miou": 0.5, "val_miou": 0.5}
    return tuple(
        EpochRecord(epoch=epoch, learning_rate=0.1, values=values)
        for length in lengths
        for epoch in range(1, length + 1)
    )


def test_training_runs(material: Material) -> None:
    student, tuning, qat = sections.training(material)
    assert (student.name, tuning.name, qat.name) == (
        "Student (nano_u)",
        "Fine-tuning after pruning",
        "Quantization-aware training",
    )
    assert student.settings == "3 epochs, batches of 16, learning rate 0.006, cosine to 0, DeCov weight 0.01"
    assert student.best is not None
    assert student.best.epoch == 3
    assert [len(phase.charts) for phase in (student, tuning, qat)] == [3, 3, 2]
    assert qat.settings.startswith("1 epoch, ")


def test_a_teacher(material: Material, changed: Any) -> None:
    train = TrainSpec(teacher=ModelSpec(name="bu_net"), teacher_epochs=4, patience=2, distillation_weight=0.5)
    taught = replace(material, config=BuildConfig(train=train))
    taught = changed(taught, "train", teacher_history=_restarting(4))
    teacher = sections.training(taught)[0]
    assert teacher.name == "Teacher (bu_net)"
    assert teacher.settings == "4 of at most 4 epochs, batches of 16, learning rate 0.006, cosine to 0"


def test_epochs_zero(material: Material, changed: Any) -> None:
    student = sections.training(changed(material, "train", history=()))[0]
    assert student.charts == ()
    assert student.best is None
    assert student.absence == "No epoch was run: epochs is 0."


def test_ratio_zero(material: Material, changed: Any) -> None:
    config = BuildConfig(prune=PruneSpec(ratio=0.0))
    tuning = sections.training(changed(replace(material, config=config), "prune", history=()))[1]
    assert tuning.charts == ()
    assert tuning.absence.startswith("prune.ratio is 0")


def test_sparsity_is_a_run_of_its_own(material: Material, changed: Any) -> None:
    sparsity = SparsitySpec(target=0.5, epochs=3)
    name = "Magnitude pruning to 50.00\N{NO-BREAK SPACE}% zeros"
    both = changed(
        replace(material, config=BuildConfig(prune=PruneSpec(sparsity=sparsity))), "prune", history=_restarting(20, 3)
    )
    assert _names(both)[1:3] == ["Fine-tuning after pruning", name]
    assert [phase.settings.split(",")[0] for phase in sections.training(both)[1:3]] == ["20 epochs", "3 epochs"]
    for spec in (PruneSpec(ratio=0.0, sparsity=sparsity), PruneSpec(fine_tune=FitSpec(epochs=0), sparsity=sparsity)):
        alone = changed(replace(material, config=BuildConfig(prune=spec)), "prune", history=_restarting(3))
        tuning, sparse = sections.training(alone)[1:3]
        assert (tuning.charts, sparse.name, len(sparse.charts)) == ((), name, 2)


def test_trainings_between_removals_are_runs_of_their_own(material: Material, changed: Any) -> None:
    spec = PruneSpec(ratio=0.0, budget=BudgetSpec(macs=0.5), rounds=3, round_epochs=4)
    stepped = changed(replace(material, config=BuildConfig(prune=spec)), "prune", history=_restarting(4, 4, 20))
    between = [f"Distillation after removal {number} of 3" for number in (1, 2)]
    assert _names(stepped)[1:4] == [*between, "Fine-tuning after pruning"]
    assert [phase.settings.split(",")[0] for phase in sections.training(stepped)[1:4]] == [
        "4 epochs",
        "4 epochs",
        "20 epochs",
    ]


def test_redundancy_keeps_layers_that_only_one_network_has(material: Material, changed: Any) -> None:
    (stem,) = material.analyze.redundancy.layers
    (channels,) = material.prune.redundancy
    other = channels.model_copy(update={"name": "late", "channels": 4, "losses": (0.005, 0.02, 0.4)})
    rows = sections.redundancy(changed(material, "prune", redundancy=(other,))).rows
    assert [(row.name, row.before, row.after) for row in rows] == [
        ("stem", stem, None),
        ("late", None, other.with_suggestion(0.01)),
    ]
    assert rows[1].after is not None
    assert rows[1].after.suggested_width == 3


def test_widths_are_suggested_at_the_error_that_is_set(material: Material) -> None:
    wider = replace(material, config=BuildConfig(analyze=AnalyzeSpec(width_error=0.6)))
    assert [row.after and row.after.suggested_width for row in sections.redundancy(wider).rows] == [1]


def test_widths(material: Material, changed: Any) -> None:
    assert len(sections.widths(material)) == 2
    plan = material.prune.plan.model_copy(update={"groups": ()})
    assert sections.widths(changed(material, "prune", plan=plan)) == ()


def test_latency_without_keras_is_one_chart(material: Material, changed: Any) -> None:
    assert len(sections.latency(material)) == 1
    (litert,) = material.benchmark.benchmarks
    keras = BenchmarkReport(**(litert.model_dump() | {"runtime": "keras", "model": "pruned.npz"}))
    every, files = sections.latency(changed(material, "benchmark", benchmarks=(keras, litert)))
    assert "pruned.npz" in every.svg
    assert "pruned.npz" not in files.svg


def test_files(material: Material) -> None:
    (shipped,) = sections.shipped_files(material)
    assert (shipped.name, shipped.evaluation) == ("model.tflite", material.quantize.evaluation.reported)
    assert [file.name for file in sections.stage_files(material)] == [
        "01_train/model.npz",
        "03_prune/repaired.npz",
        "03_prune/model.npz",
        "04_quantize/model.tflite",
    ]


def test_provenance(material: Material) -> None:
    manifest = sections.provenance(material)
    assert manifest.edge_nas == edge_nas.__version__
    assert manifest.dataset_sha256 == material.dataset.sha256
    assert "tensorflow" in manifest.packages


def test_redundancy_over_time_and_correlations(material: Material, changed: Any) -> None:
    records = tuple(
        RedundancyRecord(epoch=epoch, layer=layer, score=0.5 / epoch, mean_abs_correlation=0.6, effective_rank=2.0)
        for epoch in (1, 2)
        for layer in ("head", *(f"layer_{number}" for number in range(6)))
    )
    (stem,) = material.analyze.redundancy.layers
    seen = stem.model_copy(update={"channels": 2, "correlation": ((1.0, 0.3), (0.3, 1.0))})
    watched = changed(material, "train", monitored=records)
    watched = changed(watched, "analyze", redundancy=RedundancyReport(images=10, layers=(seen,)))
    section = sections.redundancy(watched)
    score, rank = section.monitored
    assert score.caption == "Redundancy score while training; 2 more in redundancy.csv"
    assert [layer for _, layer in score.keys] == ["head", *(f"layer_{number}" for number in range(4))]
    assert "head from 0.5 to 0.25" in score.svg
    assert "head from 2 to 2" in rank.svg
    (pair,) = section.heatmaps
    assert (pair.layer, pair.before.channels, pair.after) == (stem.name, 2, None)
    plain = sections.redundancy(material)
    assert (plain.monitored, plain.heatmaps) == ((), ())
