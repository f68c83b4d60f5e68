"""The work of a trial: the network of its candidate, trained from nothing and scored on val, in a worker's process.

    work = Training.of(config, folder)                    # plain data and a path: it is pickled for workers
    result = work(work.trial(dataset.sha256, candidate, epochs=8))

Weights are stored under their hash: a trial that runs again stores the same file again; searches can share a folder.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from edge_nas.core.atomic import make_folder, write_bytes
from edge_nas.core.config import AugmentationSpec, BuildConfig, DataSpec, FitSpec
from edge_nas.core.hashing import sha256_bytes, sha256_data
from edge_nas.core.trust import require_trusted
from edge_nas.core.versions import package_versions, source_digest
from edge_nas.errors import ConfigError
from edge_nas.runs.progress import Progress, Silent
from edge_nas.search import worker
from edge_nas.search.families.own_model import OwnModel, family_named
from edge_nas.search.space import Candidate, Signature
from edge_nas.search.trial import Trial, TrialResult

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

SCORED_SHARE = 0.25
"""Of the epochs of a training, the last ones, of which the best on val stays. Before them the learning rate is high and
no weights are the best, and to look at them takes a quarter of an epoch's time."""


def scored_share(fit: FitSpec) -> float:
    """Returns the share of a training's epochs after which val is looked at: with patience it is after each."""
    return SCORED_SHARE if fit.patience is None else 1.0


def signature_of(dataset: "Dataset") -> Signature:
    """Returns what networks for a data set take and give."""
    return Signature(input_shape=dataset.train.images.shape[1:], outputs=dataset.task.outputs)


@dataclass(frozen=True)
class Training:
    """How all trials of a search are trained, and where their weights go.

    Attributes:
        data: where samples are from.
        task: its name.
        fit: of every trial; its epochs are not used, each trial has its own.
        augmentation: of training samples.
        seed: of weights, order and augmentation.
        weights: folder of trained networks, `<sha256>.npz` each.
        own: the user's own model, where it is searched.
        progress: is told of every epoch.
    """

    data: DataSpec
    task: str
    fit: FitSpec
    augmentation: AugmentationSpec
    seed: int
    weights: Path
    own: OwnModel | None = None
    progress: Progress = field(default_factory=Silent)

    @classmethod
    def of(cls, config: BuildConfig, weights: Path, own: OwnModel | None = None) -> Self:
        """Returns the training that the sections data, train and augmentation of a configuration ask for.

        Raises:
            UntrustedCodeError: it names code of a file that nobody trusts.
            ConfigError: it asks for a teacher, or for layers by their names, which candidates do not have.
        """
        require_trusted(config)
        if config.train.teacher is not None:
            raise ConfigError("search: train.teacher is set, but trials are trained without one; allowed: null")
        if config.train.decov_layers:
            named = ", ".join(config.train.decov_layers)
            raise ConfigError(f"search: train.decov_layers names {named}, but every candidate has layers of its own")
        fit = FitSpec.from_data(config.train.model_dump(include=set(FitSpec.model_fields)))
        return cls(config.data, config.task, fit, config.augmentation, config.seed, weights, own)

    def probing(self, progress: Progress) -> Self:
        """Returns one that ends before no epoch, and tells of each."""
        return replace(self, fit=self.fit.model_copy(update={"patience": None}), progress=progress)

    def trial(self, data_sha256: str, candidate: Candidate, *, epochs: int) -> Trial:
        """Returns the trial of a candidate on data of a hash."""
        recipe = [
            self.fit.model_copy(update={"epochs": epochs}).to_data(),
            self.augmentation.to_data(),
            source_digest(),
            package_versions(),
        ]
        if self.own is not None and candidate.family == self.own.name:
            recipe.append(self.own.recipe())
        return Trial(
            candidate=candidate,
            epochs=epochs,
            recipe_sha256=sha256_data(recipe),
            data_sha256=data_sha256,
            seed=self.seed,
        )

    def __call__(self, trial: Trial) -> TrialResult:
        """Returns what a trial comes to; TensorFlow and the data are loaded once per process.

        Raises:
            UnreadInputError: data or model is not that of the trial: it was changed while the search went on.
            DivergedError: the loss became NaN.
        """
        dataset = worker.loaded_dataset(self.data, self.task, trial.data_sha256)
        worker.begin(trial.seed)
        from edge_nas.evaluation.evaluate import evaluate_split
        from edge_nas.runtimes.keras import KerasRuntime
        from edge_nas.training import fit

        network = family_named(trial.candidate.family, self.own).network(trial.candidate)
        spec = self.fit.model_copy(update={"epochs": trial.epochs})
        fit(
            network,
            spec,
            dataset,
            self.augmentation,
            seed=trial.seed,
            progress=self.progress,
            scored_share=SCORED_SHARE,
        )
        score = evaluate_split(KerasRuntime(network).run, dataset.val, "val").metrics.primary
        if score is None:
            reason = "the score on val is undefined, because its labels are all alike"
            return TrialResult(key=trial.key, score=None, reason=reason)
        return TrialResult(key=trial.key, score=score, weights_sha256=stored(network, self.weights))


def stored(network: object, folder: Path) -> str:
    """Writes a network under its hash, which is returned; several workers may do so with the same one at a time."""
    from edge_nas.models.files import model_bytes

    data = model_bytes(network)
    digest = sha256_bytes(data)
    make_folder(folder)
    write_bytes(folder / f"{digest}.npz", data)
    return digest
