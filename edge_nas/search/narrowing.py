"""A trained network of a search made cheaper in closed form: fewer channels, readers repaired, distilled from itself.

It is what the stage prune of a build does under a budget of instructions, with the settings of the same configuration:
widths are looked for, and blocks dropped where a linear map recovers them. So a front gets cheaper networks for less
than trainings from nothing would take (design note 11).
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from pydantic import Field

from edge_nas.core.config import AugmentationSpec, BudgetSpec, BuildConfig, DataSpec, PruneSpec, Scheme
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.core.versions import package_versions, source_digest
from edge_nas.results.search import Figures
from edge_nas.runs.progress import Progress, Silent
from edge_nas.search import worker
from edge_nas.search.training import SCORED_SHARE, stored

_GATE_IMAGES = 64  # of val, on which surgery is checked, as in the stage prune


class Narrow(Frozen):
    """What decides the outcome of a narrowing.

    Attributes:
        weights_sha256: of the trained network, as it is stored.
        instructions: that the narrowed one may take on the core, as predicted.
        core: such as "cortex-m4", of which costs are known.
        recipe_sha256: of the settings of pruning and fine-tuning, and of the package's version.
        data_sha256: of the data set.
        seed: of what is sampled, of order and augmentation.
    """

    weights_sha256: str
    instructions: int = Field(ge=1)
    core: str
    recipe_sha256: str
    data_sha256: str
    seed: int = Field(ge=0)

    @property
    def key(self) -> str:
        """The sha256 of its JSON."""
        return sha256_data(self.to_data())


class NarrowResult(Frozen):
    """What came of a narrowing; nothing that differs from one run to the next.

    Attributes:
        key: of the narrowing.
        score: the primary score on val, float; None: `reason` says why there is none.
        weights_sha256: of the narrowed network; None where there is none.
        predicted: what its C is predicted to take on the core.
        reason: why there is no network.
    """

    key: str
    score: float | None = Field(allow_inf_nan=False)
    weights_sha256: str | None = None
    predicted: Figures | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Narrowing:
    """How trained networks of a search are narrowed, and where their weights are and go.

    Attributes:
        data: where samples are from.
        task: its name.
        calibration_images: see `data.calibration_images`.
        augmentation: of training samples.
        prune: how channels are chosen, readers repaired and networks fine-tuned.
        scheme: how narrowed networks are going to be quantized, which decides what their C takes.
        seed: of what is sampled, of order and augmentation.
        weights: folder of trained networks, `<sha256>.npz` each.
        progress: is told of every epoch of the distillation.
    """

    data: DataSpec
    task: str
    calibration_images: int | None
    augmentation: AugmentationSpec
    prune: PruneSpec
    scheme: Scheme
    seed: int
    weights: Path
    progress: Progress = field(default_factory=Silent)

    @classmethod
    def of(cls, config: BuildConfig, weights: Path) -> Self:
        """Returns what a configuration asks for; that it is trusted `Training.of` has seen to."""
        # Rounds and zeroed weights are for one network that is pruned for good, not for a dozen to choose from.
        prune = config.prune.model_copy(update={"rounds": 1, "sparsity": None, "budget": None})
        return cls(
            data=config.data,
            task=config.task,
            calibration_images=config.data.calibration_images,
            augmentation=config.augmentation,
            prune=prune,
            scheme=config.quantize.scheme,
            seed=config.seed,
            weights=weights,
        )

    def shortened(self, epochs: int, progress: Progress) -> Self:
        """Returns one that distils for so many epochs, ends before none of them, and tells of each."""
        fine_tune = self.prune.fine_tune.model_copy(update={"epochs": epochs, "patience": None})
        return replace(self, prune=self.prune.model_copy(update={"fine_tune": fine_tune}), progress=progress)

    def narrow(self, data_sha256: str, weights_sha256: str, instructions: int, core: str, *, again: int = 0) -> Narrow:
        """Returns the narrowing of a trained network, on data of a hash, to so many instructions on a core.

        `again`: with the seed so many further on; all that is drawn differs.
        """
        recipe = [
            self.prune.to_data(),
            self.scheme,
            self.calibration_images,
            self.augmentation.to_data(),
            source_digest(),
            package_versions(),
        ]
        return Narrow(
            weights_sha256=weights_sha256,
            instructions=instructions,
            core=core,
            recipe_sha256=sha256_data(recipe),
            data_sha256=data_sha256,
            seed=self.seed + again,
        )

    def __call__(self, narrow: Narrow) -> NarrowResult:
        """Returns what a narrowing comes to.

        Raises:
            UnreadInputError: the data is not that of the narrowing.
            DataError: it gives no statistics.
            ConfigError: the least widths take more instructions.
            GateError: the narrowed network does not compute what the one with zeroed channels does.
            DivergedError: the loss became NaN.
        """
        dataset = worker.loaded_dataset(self.data, self.task, narrow.data_sha256)
        worker.begin(narrow.seed)
        from edge_nas.codegen.compile import plan_network
        from edge_nas.costs import cost_of_plan
        from edge_nas.evaluation.evaluate import evaluate_split
        from edge_nas.graph.groups import channel_graph
        from edge_nas.graph.sketching import sketch_of
        from edge_nas.int8.interpreter import Int8Interpreter
        from edge_nas.models.files import load_model
        from edge_nas.pruning.gate import check_surgery
        from edge_nas.pruning.removal import remove_channels
        from edge_nas.runtimes.keras import KerasRuntime
        from edge_nas.training import fit

        start = load_model(self.weights / f"{narrow.weights_sha256}.npz")
        images = dataset.calibration_set(self.calibration_images, narrow.seed)
        budget = BudgetSpec(instructions=float(narrow.instructions), core=narrow.core)
        removal = remove_channels(
            start,
            images.inputs(),
            self.prune.model_copy(update={"budget": budget}),
            narrow.seed,
            labels=images.labels,
            output_kind=dataset.task.output_kind,
            groups=images.groups,
            scheme=self.scheme,
        )
        check_surgery(removal, dataset.val.inputs()[:_GATE_IMAGES])
        network = removal.repaired
        fit(
            network,
            self.prune.fine_tune,
            dataset,
            self.augmentation,
            seed=narrow.seed,
            progress=self.progress,
            teacher=start,
            scored_share=SCORED_SHARE,
        )
        score = evaluate_split(KerasRuntime(network).run, dataset.val, "val").metrics.primary
        if score is None:
            return failed_narrow(narrow.key, "the score on val is undefined, because its labels are all alike")
        sketch = Int8Interpreter(sketch_of(network, channel_graph(network), {}, self.scheme))
        cost = cost_of_plan(plan_network(sketch).plan, narrow.core)
        return NarrowResult(
            key=narrow.key,
            score=score,
            weights_sha256=stored(network, self.weights),
            predicted=Figures(instructions=cost.instructions, flash_bytes=cost.flash_bytes, ram_bytes=cost.ram_bytes),
        )


def failed_narrow(key: str, reason: str) -> NarrowResult:
    """Returns the result of a narrowing that came to nothing."""
    return NarrowResult(key=key, score=None, reason=reason)
