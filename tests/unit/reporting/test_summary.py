"""The first section."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge_nas.core.config import BuildConfig
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.folder import FolderSource
from edge_nas.reporting.material import Material
from edge_nas.reporting.summary import difference, summarize
from edge_nas.results.quantize import SparsityReport, SparsityRow

SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def test_the_line_beside_the_trivial_predictors(material: Material) -> None:
    rows = summarize(material).rows
    assert [row.name for row in rows] == ["all background", "mean mask", "trained", "repaired", "pruned", "int8"]
    assert [row.trivial for row in rows] == [True, True, False, False, False, False]
    assert [row.evaluation.metrics.miou for row in rows] == [0.3, 0.6, 0.90, 0.80, 0.88, 0.87]
    assert [row.cost and row.cost.params for row in rows] == [None, None, 12_920, 4_000, 4_000, 3_900]


def test_a_teacher_has_a_row(material: Material, changed: Any) -> None:
    taught = changed(material, "train", teacher_evaluation=material.train.evaluation)
    assert [row.name for row in summarize(taught).rows][2] == "teacher"


def test_statements(material: Material) -> None:
    first, pruning, quantization, *_ = summarize(material).statements
    assert first == (
        "On test (2 images), the int8 file scores 0.870 mIoU: 27.0 points above the mean mask (0.600) and 57.0 points "
        "above a prediction of nothing but background (0.300)."
    )
    assert pruning == (
        f"Pruning removed 8 of 16 channels: MACs {MINUS}66{SPACE}%, parameters {MINUS}69{SPACE}%, mIoU {MINUS}10.0 "
        f"points after the repair and {MINUS}2.0 after fine-tuning."
    )
    assert quantization.startswith(f"Quantization: {MINUS}1.0 points from float to int8 on test")
    assert any("BatchNorm is folded" in statement for statement in summarize(material).statements)


def test_nothing_removed(material: Material, changed: Any) -> None:
    groups = tuple(group.model_copy(update={"kept": tuple(range(16))}) for group in material.prune.plan.groups)
    plan = material.prune.plan.model_copy(update={"ratio": 0.0, "groups": groups})
    said = summarize(changed(material, "prune", plan=plan)).statements
    assert said[1] == "Pruning: no channel was removed (prune.ratio is 0), so cost stays as trained."


def test_dropped_blocks_are_named(material: Material, changed: Any) -> None:
    plan = material.prune.plan.model_copy(update={"blocks": ("add_1",)})
    assert (
        " channels and the residual blocks add_1: MACs"
        in summarize(changed(material, "prune", plan=plan)).statements[1]
    )


def test_sparsity(material: Material, changed: Any) -> None:
    row = {"float_zeros": 0.5, "trained_zeros": 0.5, "int8_zeros": 0.52, "file_bytes": 9000, "gzip_bytes": 4321}
    dense = SparsityRow(**row | {"float_zeros": 0.0, "trained_zeros": None, "gzip_bytes": 8765})
    report = SparsityReport(dense=dense, sparse=SparsityRow(**row))
    said = next(s for s in summarize(changed(material, "quantize", sparsity=report)).statements if "Sparsity" in s)
    assert all(text in said for text in ("52.00", "neither faster nor smaller in flash", "4,321", "8,765"))
    assert not any("Sparsity" in said for said in summarize(material).statements)


def test_a_sound_build_has_no_cautions(material: Material) -> None:
    assert summarize(material).cautions == ()


def test_what_is_said_of_the_data_is_said_again(material: Material) -> None:
    data = replace(material.dataset, shared_groups=("a",))
    (caution,) = summarize(replace(material, dataset=data)).cautions
    assert "shares groups with training (a)" in caution


def test_scores_of_the_split_that_chose_the_weights(material: Material) -> None:
    data = Dataset(material.dataset.train, material.dataset.val)
    (caution,) = summarize(replace(material, dataset=data)).cautions
    assert caution.startswith("There is no test split: the scores are those of val")
    config = BuildConfig(data=FolderSource(root="x", holdout_group="drive 2"))
    (caution,) = summarize(replace(material, dataset=data, config=config)).cautions
    assert "those of the held-out group drive 2" in caution


def test_no_better_than_the_mean_mask(material: Material, changed: Any) -> None:
    best = material.train.baselines | {"mean_mask": material.train.evaluation.reported}
    (caution,) = summarize(changed(material, "train", baselines=best)).cautions
    assert caution.startswith("The int8 network is no better than the mean mask")


def test_untrained(material: Material, changed: Any) -> None:
    (caution,) = summarize(changed(material, "train", history=())).cautions
    assert "train.epochs is 0" in caution


def test_images_that_are_in_train_as_well(material: Material) -> None:
    data = replace(material.dataset, test=material.dataset.train)
    assert any(
        "of test are in train as well" in caution for caution in summarize(replace(material, dataset=data)).cautions
    )


def test_masks_without_foreground(material: Material) -> None:
    test = material.dataset.test
    assert test is not None
    empty = ImageSet(test.images, np.zeros_like(test.masks), test.names)
    summary = summarize(replace(material, dataset=replace(material.dataset, test=empty)))
    assert summary.cautions == ("No pixel of test is foreground, so the foreground IoU says little or is undefined.",)
    assert summary.splits[2].labels == {"all-background masks": 5, "foreground": 0.0}


def test_splits(material: Material) -> None:
    splits = summarize(material).splits
    assert [(split.name, split.images, split.groups) for split in splits] == [
        ("train", 6, None),
        ("val", 4, None),
        ("test", 5, None),
    ]
    assert splits[0].labels["foreground"] == pytest.approx(material.dataset.train.masks.mean())


def test_gates(material: Material, changed: Any) -> None:
    parity = material.export.parity[0].model_copy(
        update={"unit": "logit", "reference": "keras", "candidate": "litert", "within_one_share": 1.0}
    )
    gates = summarize(changed(material, "export", parity=(*material.export.parity, parity))).gates
    assert [(gate.measured, gate.allowed) for gate in gates] == [
        (f"1.0e{MINUS}6", f"≤ 1.0e{MINUS}5"),
        ("0", "0"),
        ("1.00", "≤ 1.00"),
        (f"100.00{SPACE}%", f"100.00{SPACE}%"),
    ]


def test_tiles(material: Material) -> None:
    tiles = {tile.name: (tile.value, tile.note) for tile in summarize(material).tiles}
    assert tiles["mIoU on test, int8"] == ("0.870", "27.0 points above the mean mask")
    # What the C takes on the build's board, and behind it what the file does.
    assert tiles["Time on stm32l4r5"][0] == f"27.1{SPACE}ms"
    assert tiles["Time on stm32l4r5"][1].startswith("estimate, ±20 %: 2.5")
    assert tiles["Flash on stm32l4r5"] == (f"12.2{SPACE}KiB", f"model.tflite has 10.0{SPACE}KiB")
    assert tiles["SRAM on stm32l4r5"][0] == f"20.2{SPACE}KiB"
    assert tiles["Fits stm32l4r5"][0] == "yes"
    assert next(iter(tiles)) == "Fits stm32l4r5"
    assert not any(name.startswith("Latency") for name in tiles)


def test_tiles_of_a_core_that_was_not_emulated(material: Material, changed: Any) -> None:
    flash = material.deploy.budget[0].model_copy(update={"basis": "a lower bound, constants without code: no core"})
    tiles = summarize(changed(material, "deploy", budget=(flash,), latency=None)).tiles
    named = {tile.name: tile.note for tile in tiles}
    assert named["Flash on stm32l4r5"].startswith("at least; model.tflite has")
    assert not any(name.startswith("Time") for name in named)


def test_undefined_scores(material: Material) -> None:
    report = material.train.evaluation.reported
    undefined = report.model_copy(update={"metrics": report.metrics.model_copy(update={"miou": None})})
    assert difference(undefined, report) is None
    assert difference(report, report) == 0.0
