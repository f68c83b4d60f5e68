"""What a stage is lent, and that what it did not declare raises."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stagecontexts import Listener, finished

from edge_nas.core.config import AnalyzeSpec, BudgetSpec, BuildConfig, PruneSpec
from edge_nas.errors import EdgeNasError
from edge_nas.results.train import TrainOutput
from edge_nas.runs.folder import RunFolder
from edge_nas.stages.contract import LazyDataset, Stage, StageContext


@pytest.fixture
def stage() -> Stage:
    return Stage(
        name="prune",
        number=3,
        function=lambda _: None,  # type: ignore[arg-type, return-value]
        output=TrainOutput,
        reads=("seed", "analyze", "data.calibration_images", "prune.budget"),
        needs=("train",),
        looks_ahead=("quantize.scheme",),
    )


@pytest.fixture
def lend(stage: Stage, tmp_path: Path, sample_outputs: Any) -> Any:
    """Returns what the stage is lent under some settings."""

    def context(declared: Stage = stage, **settings: Any) -> StageContext:
        return StageContext(
            declared,
            BuildConfig(**settings),
            run=RunFolder(tmp_path),
            folder=tmp_path / ".03_prune.new",
            key="0" * 64,
            progress=Listener(),
            data=LazyDataset(object),
            finished={"train": finished(sample_outputs.train, 12.0), "analyze": finished(sample_outputs.analyze)},
        )

    return context


def test_declared_settings_are_read_alone_and_as_whole_sections(lend: Any) -> None:
    config = lend(analyze=AnalyzeSpec(width_error=0.2), seed=3).config
    assert config.seed == 3
    assert config.analyze == AnalyzeSpec(width_error=0.2)
    assert config.data.calibration_images is None
    assert config.prune.budget is None
    assert lend(prune=PruneSpec(budget=BudgetSpec(macs=0.5))).config.prune.budget.macs == 0.5


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda config: config.export, "stage prune uses the setting export, but its declaration lacks it: add it to"),
        (lambda config: config.prune.ratio, r"uses the setting prune\.ratio, but .* lacks it: add it to reads"),
        (lambda config: config.data.source, r"uses the setting data\.source"),
        (lambda config: config.to_data(), r"uses the configuration as a whole \(to_data\), but declares only seed, "),
        (
            lambda config: config.prune.model_copy(update={"ratio": 0.1}),
            r"uses prune as a whole \(model_copy\), but declares only prune\.budget of it",
        ),
    ],
)
def test_any_other_setting_raises(lend: Any, read: Any, message: str) -> None:
    with pytest.raises(EdgeNasError, match=message):
        read(lend().config)


def test_what_is_declared_below_an_optional_section_is_known_by_its_absence(lend: Any, stage: Stage) -> None:
    context = lend(replace(stage, reads=("prune.budget.macs",)))
    assert context.config.prune.budget is None
    assert "reads prune.budget.macs" not in context.unused()
    some = lend(replace(stage, reads=("prune.budget.macs",)), prune=PruneSpec(budget=BudgetSpec(macs=0.5)))
    assert some.config.prune.budget.macs == 0.5
    with pytest.raises(EdgeNasError, match=r"uses the setting prune\.budget\.params"):
        _ = some.config.prune.budget.params


def test_only_who_declares_everything_gets_the_configuration_itself(lend: Any, stage: Stage) -> None:
    everything = lend(replace(stage, reads=tuple(BuildConfig.model_fields)), seed=5)
    assert everything.config == BuildConfig(seed=5)


def test_settings_that_are_looked_at_ahead_are_lent_apart(lend: Any) -> None:
    context = lend()
    assert context.ahead.quantize.scheme == "qat"
    with pytest.raises(EdgeNasError, match="uses the setting quantize"):
        _ = context.config.quantize
    with pytest.raises(EdgeNasError, match=r"setting quantize\.fit, but .*: add it to looks_ahead"):
        _ = context.ahead.quantize.fit


def test_outputs_are_found_by_type(lend: Any, sample_outputs: Any) -> None:
    context = lend()
    assert context.output(TrainOutput) is sample_outputs.train
    assert context.outputs == (sample_outputs.train,)
    with pytest.raises(EdgeNasError, match=r"stage prune uses the output AnalyzeOutput, but .*: add it to needs"):
        context.output(type(sample_outputs.analyze))


def test_files_of_other_stages_raise_as_well(lend: Any, sample_outputs: Any, tmp_path: Path) -> None:
    model = sample_outputs.train.model
    assert lend().path_of(model) == tmp_path / "01_train" / "model.npz"
    with pytest.raises(EdgeNasError, match=r"uses the file 01_train/model\.npz, .* lacks 'export': add it to"):
        lend().path_of(model.model_copy(update={"stage": "export"}))


def test_the_result_is_of_the_needed_stages_only(lend: Any, stage: Stage) -> None:
    named = replace(stage, reads=("name",))
    result = lend(named, name="mine").result()
    assert (result.name, list(result.stages), result.stages["train"].seconds) == ("mine", ["train"], 12.0)
    with pytest.raises(EdgeNasError, match="uses the setting name"):
        lend().result()


def test_training_uses_seed_and_augmentation(lend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nas.training.fit", lambda *_, **__: ())
    with pytest.raises(EdgeNasError, match="uses the setting augmentation"):
        lend().fit(None, None)


def test_what_was_declared_and_not_used(lend: Any) -> None:
    context = lend()
    assert context.unused() == (
        "reads seed",
        "reads analyze",
        "reads data.calibration_images",
        "reads prune.budget",
        "needs train",
        "looks_ahead quantize.scheme",
    )
    _ = (context.config.seed, context.config.analyze.width_error, context.ahead.quantize.scheme)
    context.output(TrainOutput)
    assert context.unused() == ("reads data.calibration_images", "reads prune.budget")


def test_paths(lend: Any) -> None:
    context = lend()
    assert context.in_run("model.npz") == "03_prune/model.npz"
    assert context.publish("model.npz", "artifacts/model.npz") == "artifacts/model.npz"
    assert context.published == {"model.npz": "artifacts/model.npz"}


def test_what_an_interrupted_stage_goes_on_from(lend: Any, tmp_path: Path) -> None:
    context = lend()
    (context.interim() / "round.json").write_text("{}")
    assert context.interim() == tmp_path / ".03_prune.interim"
    assert (context.interim() / "round.json").is_file()


def test_the_data_set_is_made_once(lend: Any) -> None:
    context = lend()
    assert context.dataset is context.dataset
