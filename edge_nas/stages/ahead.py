"""What later stages would refuse of the untrained network, before time goes into its training.

`train` asks it first, and `edge-nas check` without a run.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from edge_nas.core.config import CompileSpec, FitSpec, MonitorSpec, PruneSpec, QuantizeSpec
from edge_nas.errors import ArtifactError, ConfigError, GateError

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.boards import Board
    from edge_nas.data.dataset import Dataset
    from edge_nas.graph.flatten import Mirror


class LaterSettings(NamedTuple):
    """What is going to be done with a network: its training, what watches that, pruning, quantization.

    `calibration_images`: how many there will be.
    """

    fit: FitSpec
    monitor: MonitorSpec
    prune: PruneSpec
    quantize: QuantizeSpec
    calibration_images: int


def check_ahead(student: "Mirror", settings: LaterSettings, dataset: "Dataset", warn: Callable[[str], object]) -> None:
    """Refuses what any later stage would refuse of a network of this structure; warns of what only `compile` refuses.

    A build that ends with the .tflite files has no need of C.

    Args:
        student: the network, untrained, with its probes.
        settings: what is going to be done.
        dataset: says which task is asked.
        warn: is told.

    Raises:
        ConfigError: a layer that is named and is not there; widths that nothing allows.
        DataError: too few calibration images.
        GraphError: a layer that cannot be pruned, quantized or exported.
    """
    from edge_nas.pruning.preconditions import check_preconditions

    _check_selectors(student, settings, dataset)
    check_preconditions(student.flat, settings.prune, settings.calibration_images, settings.quantize.scheme)
    dry_run(student.flat, settings.quantize, warn)


def unfit_warning(
    network: "tf_keras.Model", prune: PruneSpec, quantize: QuantizeSpec, compiled: CompileSpec, board: "Board"
) -> str | None:
    """Returns what to say where the pruned network cannot fit its board; None where it can, or nobody can tell.

    A build may end before `deploy`, so that it is no refusal; `edge-nas check` refuses.

    Args:
        network: flat, untrained.
        prune: how it is going to be pruned.
        quantize: how it is going to be quantized.
        compiled: how its C is going to be made.
        board: where.
    """
    from edge_nas.pruning.planned import planned_fit, require_planned_fit

    if not _may_be_over(network, board):
        return None
    try:
        require_planned_fit(planned_fit(network, prune, quantize, compiled, board))
    except GateError as error:
        return f"stage deploy will not take this network: {error}"
    except (ConfigError, ArtifactError):
        return None  # a layer that cannot be sketched: what it takes is known when it is compiled
    return None


def _may_be_over(network: "tf_keras.Model", board: "Board") -> bool:
    """Returns whether planning, a part of a second, is worth it: most networks are far below their board."""
    outputs = [output.shape[1:] for layer in network.layers for output in [layer.output] if hasattr(output, "shape")]
    largest = max((math.prod(int(side or 1) for side in shape) for shape in outputs), default=0)
    sram, flash = board.sram_bytes, board.flash_bytes
    # An arena of more than eight times the largest tensor would hold as many at once; weights are a byte each or two.
    return bool((sram and 8 * largest > sram.value) or (flash and 2 * network.count_params() > flash.value))


def dry_run(network: "tf_keras.Model", spec: QuantizeSpec, warn: Callable[[str], object]) -> None:
    """Quantizes, exports and compiles an untrained flat network; nothing is kept.

    Raises:
        GraphError: a layer that cannot be quantized or exported.
    """
    from edge_nas import codegen, exporting, quantization

    data = quantization.dry_run(network, spec.scheme, spec.activations)
    if data is None:
        return
    exporting.dry_run(network, data)
    try:
        codegen.compile_tflite(data, source=f"network {network.name!r}")
    except ArtifactError as error:
        warn(f"stage compile will not take this network: {error}")


def _check_selectors(student: "Mirror", settings: LaterSettings, dataset: "Dataset") -> None:
    """Raises ConfigError for a name or pattern of layers that matches nothing, in training or in what watches it."""
    from edge_nas.covariance.selectors import activations, select
    from edge_nas.training.objective import Objective

    if settings.fit.epochs > 0:
        Objective(student.flat, settings.fit, None, student.probed, dataset.task)
        if settings.monitor.every_epochs is not None and settings.monitor.layers:
            select(settings.monitor.layers, activations(student.flat, student.probed), "train.monitor.layers")
    if settings.prune.fine_tune.epochs > 0:
        # By then the network has no probes: pruning works on a file of it.
        Objective(student.flat, settings.prune.fine_tune, None, (), dataset.task)
