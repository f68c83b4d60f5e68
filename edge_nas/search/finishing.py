"""The work of a final: a trained network becomes int8 and C, which is counted and verified, in a worker's process.

It is what the stages quantize, compile and verify of a build do, with the settings of the same configuration: a network
that one of their gates would stop comes to nothing here, with the gate's reason.

    RUN/search/models/HASH.tflite
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from edge_nas.core.atomic import make_folder, write_bytes
from edge_nas.core.config import AugmentationSpec, BuildConfig, CompileSpec, DataSpec, FitSpec, QuantizeSpec, VerifySpec
from edge_nas.core.hashing import sha256_bytes, sha256_data
from edge_nas.core.versions import package_versions, source_digest
from edge_nas.results.train import EpochRecord
from edge_nas.runs.progress import Silent
from edge_nas.search import worker
from edge_nas.search.final import CountedCost, Final, FinalResult

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset
    from edge_nas.results.verify import VerificationReport


@dataclass(frozen=True)
class Finishing:
    """How the finals of a search become firmware, and where the files go.

    Attributes:
        data: where samples are from.
        task: its name.
        calibration_images: see `data.calibration_images`.
        augmentation: of training samples.
        quantize: how networks become int8.
        compile: how int8 files become C.
        verify: how many frames the C is proven on.
        seed: of order and augmentation.
        weights: folder of trained networks, `<sha256>.npz` each.
        models: folder of int8 files, `<sha256>.tflite` each.
    """

    data: DataSpec
    task: str
    calibration_images: int | None
    augmentation: AugmentationSpec
    quantize: QuantizeSpec
    compile: CompileSpec
    verify: VerifySpec
    seed: int
    weights: Path
    models: Path

    @classmethod
    def of(cls, config: BuildConfig, *, weights: Path, models: Path) -> Self:
        """Returns what a configuration asks for; that it is trusted `Training.of` has seen to."""
        return cls(
            data=config.data,
            task=config.task,
            calibration_images=config.data.calibration_images,
            augmentation=config.augmentation,
            quantize=config.quantize,
            compile=config.compile,
            verify=config.verify,
            seed=config.seed,
            weights=weights,
            models=models,
        )

    def final(self, data_sha256: str, weights_sha256: str, float_score: float, cores: tuple[str, ...] | None) -> Final:
        """Returns the final of a trained network on data of a hash."""
        recipe = [
            self.quantize.to_data(),
            self.compile.to_data(),
            self.verify.to_data(),
            self.augmentation.to_data(),
            source_digest(),
            package_versions(),
        ]
        return Final(
            weights_sha256=weights_sha256,
            float_score=float_score,
            cores=cores,
            recipe_sha256=sha256_data(recipe),
            data_sha256=data_sha256,
            seed=self.seed,
        )

    def __call__(self, final: Final) -> FinalResult:
        """Returns what a final comes to.

        Raises:
            UnreadInputError: the data is not that of the final.
            GraphError: a layer that cannot be quantized.
            ArtifactError: an operator that cannot be compiled.
            GateError: a part of the file is float, a byte of the C differs, or it does not run on the one core that is
                asked for.
            ResourceError: a tool is missing.
        """
        dataset = worker.loaded_dataset(self.data, self.task, final.data_sha256)
        worker.begin(final.seed)
        from edge_nas.codegen import compile_tflite
        from edge_nas.evaluation.evaluate import evaluate_split
        from edge_nas.runtimes.litert import LitertRuntime
        from edge_nas.verification import verify_model

        data = self._int8(final, dataset)
        score = evaluate_split(LitertRuntime(data, reference=True).run, dataset.val, "val").metrics.primary
        reason = self._drop(final.float_score, score)
        if reason is not None:
            return FinalResult(key=final.key, score=None, reason=reason)
        source = f"network {final.weights_sha256[:12]}"
        compiled = compile_tflite(
            data,
            source=source,
            optimize=self.compile.optimize,
            arena_limit=self.compile.arena_limit,
            esp32s3_vectors=self.compile.esp32s3_vectors,
        )
        spec = self.verify.model_copy(update={"cores": final.cores, "step_cores": ()})
        report = verify_model(spec, data, compiled, source=source)
        make_folder(self.models)
        digest = sha256_bytes(data)
        write_bytes(self.models / f"{digest}.tflite", data)
        counted, skipped = _counted(report)
        return FinalResult(key=final.key, score=score, model_sha256=digest, cores=counted, skipped=skipped)

    def _int8(self, final: Final, dataset: "Dataset") -> bytes:
        """Returns the .tflite file, as the stage quantize makes it."""
        from edge_nas.models.files import load_model
        from edge_nas.quantization.conversion import convert
        from edge_nas.quantization.ptq import int8_graph
        from edge_nas.training import fit

        trained = load_model(self.weights / f"{final.weights_sha256}.npz")
        progress = Silent()

        def train(network: Any, spec: FitSpec, **options: Any) -> tuple[EpochRecord, ...]:
            return fit(network, spec, dataset, self.augmentation, seed=final.seed, progress=progress, **options)

        inputs = dataset.calibration(self.calibration_images, final.seed)
        data = convert(
            trained,
            self.quantize,
            inputs,
            input_range=dataset.format.input_range,
            seed=final.seed,
            fit=train,
            tick=progress.tick,
        ).data
        int8_graph(data, "the int8 file", trained)
        return data

    def _drop(self, before: float, after: float | None) -> str | None:
        """Returns why the int8 file is no good; None where it is."""
        if after is None:
            return "the int8 file's score on val is undefined"
        if before - after > self.quantize.max_drop:
            return (
                f"int8 scores {after:.4f} on val, float {before:.4f}: a drop of {before - after:.4f}, allowed "
                f"{self.quantize.max_drop:g} (quantize.max_drop)"
            )
        return None


def _counted(report: "VerificationReport") -> tuple[dict[str, CountedCost], dict[str, str]]:
    """Returns the counts by core, and why there is none by core."""
    counted, skipped = {}, {}
    for name, core in report.cores.items():
        if core.skipped is not None:
            skipped[name] = core.skipped
        else:
            counted[name] = CountedCost(
                instructions=core.instructions or 0,
                flash_bytes=core.flash_bytes or 0,
                ram_bytes=core.ram_bytes or 0,
                stack_bytes=core.stack_bytes or 0,
                pace=core.pace,
            )
    return counted, skipped


def failed_final(key: str, reason: str) -> FinalResult:
    """Returns the result of a final that came to nothing."""
    return FinalResult(key=key, score=None, reason=reason)
