"""One small build through the command line, as a user would run it, and what can be done with its files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.cli.main import run
from edge_nas.data.dataset import ImageSet
from edge_nas.data.terrain import TerrainSpec, generate_terrain
from edge_nas.emulation import CORES
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.pipeline import STAGES
from edge_nas.results.result import Result
from edge_nas.stages.contract import StageContext

QUICK = [
    "train.epochs=3",
    "prune.fine_tune.epochs=1",
    "quantize.fit.epochs=1",
    "quantize.max_drop=0.2",
    "gates.trivial=false",
    "verify.inputs=50",
    "benchmark.runs=6",
    "benchmark.warmup=1",
]

SECRET = "canary-7f3a91c2e5"
"""In the environment of the build."""


def _write(images: ImageSet, folder: Path) -> None:
    (folder / "img").mkdir(parents=True)
    (folder / "mask").mkdir()
    for name, image, mask in zip(images.names, images.images, images.masks, strict=True):
        Image.fromarray(image).save(folder / "img" / f"{name}.png")
        Image.fromarray(mask * 255).save(folder / "mask" / f"{name}.png")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    terrain = generate_terrain(TerrainSpec(train_images=32, val_images=8, test_images=1), (48, 64, 3))
    _write(terrain.train, root / "train")
    _write(terrain.val, root / "val")
    return root


@pytest.fixture(scope="module")
def command(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("runs") / "small"
    return ["build", "nano_u_48x64", "data.source=folder", f"data.root={data}", *QUICK, "--run", str(folder), "--quiet"]


@pytest.fixture(scope="module")
def lent() -> list[StageContext]:
    """What the stages of the build were lent."""
    return []


@pytest.fixture(scope="module")
def built(command: list[str], lent: list[StageContext]) -> Path:
    class Kept(StageContext):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            lent.append(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("edge_nas.pipeline.StageContext", Kept)
        for variable in ("AWS_SECRET_ACCESS_KEY", "EDGE_NAS_TOKEN", "HTTPS_PROXY"):
            patched.setenv(variable, f"http://user:{SECRET}@proxy")
        assert run(command) == 0
    return Path(command[command.index("--run") + 1])


def test_nothing_of_the_environment_is_in_the_run(built: Path) -> None:
    files = [path for path in built.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


@pytest.mark.usefixtures("built")
def test_the_stages_use_all_that_they_declare(lent: list[StageContext]) -> None:
    """What they use beyond it raises, in every build."""
    assert len(lent) == len(STAGES)
    assert {stage.name: context.unused() for stage, context in zip(STAGES, lent, strict=True)} == {
        stage.name: () for stage in STAGES
    }


def test_the_result_holds_every_figure(built: Path) -> None:
    result = Result.read(built / "result.json")
    assert result.status == "ok"
    evaluation = result.evaluation
    assert evaluation.split == "val"
    scores = [evaluation.trained, evaluation.repaired, evaluation.pruned, evaluation.int8]
    assert evaluation.baselines is not None
    assert set(evaluation.baselines) == {"all_background", "mean_mask"}
    for metrics in [*scores, *evaluation.baselines.values()]:
        assert metrics is not None
        assert metrics.miou is not None
        assert 0 < metrics.miou < 1
    assert result.cost.trained is not None
    assert result.cost.trained.params == 12_920
    assert list(result.stages) == [stage.name for stage in STAGES]
    assert list(result.cores) == list(CORES)
    for core in result.cores.values():  # a core whose tools are not installed says so
        assert core.bytes_equal or core.skipped
    assert result.deployment is not None
    assert result.deployment.board == "stm32l4r5"
    assert {benchmark.runtime for benchmark in result.benchmarks} == {"keras", "litert", "onnxruntime"}
    assert len(result.benchmarks) == 5


def test_the_shipped_int8_file_is_int8_and_costs_what_is_said(built: Path) -> None:
    data = (built / "artifacts/model.tflite").read_bytes()
    graph = read_tflite(data, "model.tflite")
    assert float_tensors(graph) == ()
    assert graph.tensors[graph.inputs[0]].dtype == "int8"
    assert graph.tensors[graph.outputs[0]].dtype == "int8"
    deployed = Result.read(built / "result.json").cost.deployed
    expected = tflite_cost(graph, len(data))
    assert deployed is not None
    assert (deployed.params, deployed.macs) == (expected.params, expected.macs)
    assert (deployed.flash_bytes, deployed.peak_ram_bytes) == (len(data), expected.peak_ram_bytes)
    assert expected.macs < 0.4 * 5_930_000


def test_all_files_are_there_and_the_report_opens_offline(built: Path) -> None:
    names = {"model.tflite", "model_float.tflite", "model.onnx", "model_int8.onnx", "c", "model_card.md"}
    assert {path.name for path in (built / "artifacts").iterdir()} == names
    sources = {path.name for path in (built / "artifacts" / "c").iterdir()}
    assert sources == {"edge_model.c", "edge_model.h", "edge_intrinsics.h"}
    page = (built / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_the_same_command_runs_nothing_again(built: Path, command: list[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.glob("*/stage.json")}
    assert len(before) == len(STAGES)
    assert run(command) == 0
    assert {path: path.stat().st_mtime_ns for path in built.glob("*/stage.json")} == before


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx", "model_int8.onnx"])
def test_evaluate_gives_the_figure_of_the_build(
    built: Path, data: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(built / "artifacts" / name), "--data", str(data), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    exported = json.loads((built / "05_export/stage.json").read_text(encoding="utf-8"))["output"]["evaluations"]
    assert said["evaluation"]["metrics"] == exported[name]["metrics"]


def test_predict_writes_masks_of_the_images_size(built: Path, data: Path, tmp_path: Path) -> None:
    artifact = str(built / "artifacts/model.tflite")
    assert run(["predict", artifact, str(data / "val/img"), "--out", str(tmp_path / "out")]) == 0
    masks = sorted((tmp_path / "out").glob("*_mask.png"))
    assert len(masks) == 8
    assert set(np.unique(np.asarray(Image.open(masks[0])))) <= {0, 255}


def test_a_changed_setting_runs_what_depends_on_it_and_nothing_else(built: Path, command: list[str]) -> None:
    before = {path.parent.name: path.stat().st_mtime_ns for path in built.glob("*/stage.json")}
    assert run([*command, "benchmark.runs=3"]) == 0
    after = {path.parent.name: path.stat().st_mtime_ns for path in built.glob("*/stage.json")}
    assert {name for name in after if after[name] != before[name]} == {"08_benchmark", "10_report"}


def test_another_width_error_suggests_other_widths_and_runs_nothing_else(built: Path, command: list[str]) -> None:
    assert run(command) == 0
    before = {path: path.read_bytes() for path in built.rglob("*") if path.is_file()}
    assert run([*command, "analyze.width_error=0.2"]) == 0
    after = {path: path.read_bytes() for path in built.rglob("*") if path.is_file()}
    changed = {path.relative_to(built).parts[0] for path in after if after[path] != before.get(path)}
    assert changed <= {"config.yaml", "manifest.json", "result.json", "report.html", "02_analyze", "10_report"}
    assert "report.html" in changed
