"""A build of a tiny network, and variants of it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from edge_nas.core.config import BuildConfig
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.terrain import TerrainSource
from edge_nas.reporting.material import Material
from edge_nas.results.prune import FrozenGroup, GroupPlan
from edge_nas.results.result import assemble
from edge_nas.results.train import EpochRecord

SHAPE = (8, 8, 3)


@dataclass(frozen=True)
class Changed:
    """Returns a material with fields of one of its outputs replaced: `changed(material, "prune", zero_share=0.5)`."""

    def __call__(self, material: Material, part: str, **fields: Any) -> Material:
        return replace(material, **{part: getattr(material, part).model_copy(update=fields)})


def image_set(count: int, seed: int, prefix: str = "") -> ImageSet:
    generator = np.random.default_rng(seed)
    return ImageSet(
        generator.integers(0, 256, (count, *SHAPE), dtype=np.uint8),
        generator.integers(0, 2, (count, *SHAPE[:2]), dtype=np.uint8),
        tuple(f"{prefix}{index:04d}" for index in range(count)),
    )


def records(count: int, *terms: str) -> tuple[EpochRecord, ...]:
    names = ("loss", "cross_entropy", "miou", "val_cross_entropy", "val_miou", *terms)
    return tuple(
        EpochRecord(epoch=epoch, learning_rate=1e-3, values=dict.fromkeys(names, 0.1 + epoch / 100))
        for epoch in range(1, count + 1)
    )


@pytest.fixture(scope="session")
def changed() -> Changed:
    return Changed()


@pytest.fixture(scope="session")
def material(sample_outputs: Any) -> Material:
    config = BuildConfig(name="tiny", data=TerrainSource(input_shape=SHAPE))
    groups = (GroupPlan(name="stem", members=("stem",), readers=("logit",), channels=16, kept=tuple(range(8)),
                        predicted_error=0.125),)  # fmt: skip
    frozen = (FrozenGroup(name="logit", members=("logit",), channels=1, reason="the network's output"),)
    plan = sample_outputs.prune.plan.model_copy(update={"groups": groups, "frozen": frozen})
    export = sample_outputs.export
    outputs = {
        "train": sample_outputs.train.model_copy(update={"history": records(3, "decov")}),
        "analyze": sample_outputs.analyze,
        "prune": sample_outputs.prune.model_copy(update={"plan": plan, "history": records(2, "decov")}),
        "quantize": sample_outputs.quantize.model_copy(update={"history": records(1, "distillation")}),
        "export": export.model_copy(
            update={"evaluations": {"model.tflite": sample_outputs.quantize.evaluation.reported}}
        ),
        "compile": sample_outputs.compile,
        "verify": sample_outputs.verify,
        "benchmark": sample_outputs.benchmark,
        "deploy": sample_outputs.deploy,
    }
    return Material(
        config=config,
        **outputs,
        result=assemble("tiny", outputs.values(), {"train": 61.25, "prune": 1.0}),
        dataset=Dataset(image_set(6, 0), image_set(4, 1), image_set(5, 2)),
    )
