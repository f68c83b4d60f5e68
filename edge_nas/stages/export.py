"""Stage 5: the files that are shipped, each compared with what it was made from."""

from typing import TYPE_CHECKING

from edge_nas.core.atomic import write_json
from edge_nas.core.config import BudgetSpec
from edge_nas.core.hashing import sha256_file
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import GateError
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.stages.contract import Stage, StageContext
from edge_nas.tasks.card import CARD

if TYPE_CHECKING:
    from edge_nas.runtimes.base import FileRuntime

_MEASURED = {"flash_bytes": "is of", "peak_ram_bytes": "has at its peak tensors alive of"}


def export(context: StageContext) -> ExportOutput:
    """Returns the shipped files, their parity on the validation images and their scores.

    Raises:
        GateError: the int8 file is above the budget's flash or peak RAM, a float file differs from Keras by more than
            1e-5 · max(1, max|logit|), the QDQ file from the int8 .tflite by more than 0.3 points of the primary score
            on val, or a file for any batch gives other outputs for several samples than for each.
        GraphError: a converter refuses the network.
    """
    load_tensorflow()
    from edge_nas.evaluation.evaluate import evaluate_split
    from edge_nas.exporting.agreement import check_batches, check_qdq, float_parity, int8_parity, open_files
    from edge_nas.exporting.files import INT8_FILES, QDQ, files_of, write_files
    from edge_nas.models.files import load_model

    config, dataset, progress = context.config, context.dataset, context.progress
    pruned, quantized = context.output(PruneOutput), context.output(QuantizeOutput)
    if config.prune.budget is not None:
        _check_budget(config.prune.budget, pruned.plan.before, quantized.cost)

    int8 = context.path_of(quantized.model)
    names = files_of(int8.read_bytes())

    def tell(file: str) -> None:
        progress.tick(file, names.index(file), len(names) + 1)

    network = load_model(context.path_of(pruned.model))
    dynamic = config.export.onnx_batch == "dynamic"
    write_files(network, int8, context.folder, names=names, dynamic=dynamic, about_to_write=tell)
    _write_card(context)
    progress.tick("comparing the files with what they were made from", len(names), len(names) + 1)
    files = open_files(context.folder, names, dataset.val)
    if dynamic:
        check_batches(files)
    parity = (*float_parity(network, files), *int8_parity(files, progress))
    if QDQ in names:
        check_qdq(files)
    split, images = dataset.reported
    parents = {name: quantized.model if name in INT8_FILES else pruned.model for name in names}
    return ExportOutput(
        artifacts={name: _artifact(name, files.runtimes[name], parents[name], context) for name in names},
        parity=parity,
        evaluations={name: evaluate_split(files.runtimes[name].run, images, split) for name in names},
    )


STAGE = Stage(
    name="export",
    number=5,
    function=export,
    output=ExportOutput,
    reads=("export", "prune.budget"),
    needs=("prune", "quantize"),
)


def _check_budget(budget: BudgetSpec, original: Cost, int8: Cost) -> None:
    """Holds the int8 file itself against the budget, which pruning could only predict.

    A share of flash says nothing about the file, since none was made of the unpruned network.

    Raises:
        GateError: names the key, both numbers and what to do.
    """
    for name, size in (("flash_bytes", int8.flash_bytes), ("peak_ram_bytes", int8.peak_ram_bytes)):
        asked, before = getattr(budget, name), getattr(original, name)
        limit = _limit(asked, before)
        if limit is not None and size is not None and size > limit:
            raise GateError(
                f"export: prune.budget.{name} is {asked:g}, and the int8 file {_MEASURED[name]} {size:,} bytes; "
                f"allowed: {limit:,.0f}. Set prune.budget.{name} to {asked * limit / size:.4g} or less, so that more "
                "is removed"
            )


def _limit(asked: float | None, before: int | None) -> float | None:
    """Returns a limit of the budget in bytes: above 1 it is one already, up to 1 a share of the network before.

    None where none was asked for, or where it is a share of what is not known.
    """
    if asked is None or asked > 1:
        return asked
    return None if before is None else asked * before


def _write_card(context: StageContext) -> None:
    """Says beside the files what their outputs mean, where a file alone does not."""
    card = context.dataset.card
    if card is not None:
        write_json(context.folder / CARD, card.to_data())
        context.publish(CARD, f"artifacts/{CARD}")


def _artifact(name: str, runtime: "FileRuntime", parent: ModelArtifact, context: StageContext) -> ModelArtifact:
    path = context.folder / name
    return ModelArtifact(
        path=context.publish(name, f"artifacts/{name}"),
        format="onnx" if name.endswith(".onnx") else "tflite",
        sha256=sha256_file(path),
        size_bytes=path.stat().st_size,
        inputs=(runtime.input_spec,),
        outputs=(runtime.output_spec,),
        stage="export",
        parent=parent.sha256,
    )
