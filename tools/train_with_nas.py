"""What the DeCov penalty brings: the same seed and data with and without it, and what pruning then costs.

    python -m tools.train_with_nas --epochs 20 --weight 0.01
    python -m tools.train_with_nas --data my_images --model fast_u --layers "*_pointwise_relu"

Prints cross-entropy (without penalty) and mIoU on train and val, the redundancy of the features that feed the output
layer, and mIoU on val after half of the channels were removed, cut only and with readers repaired. No fine-tuning.
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edge_nas.core.atomic import write_json
from edge_nas.core.config import AugmentationSpec, FitSpec, ModelSpec, PruneSpec
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.runs.progress import Silent


class Row(NamedTuple):
    """What one training came to; mIoU in [0, 1], None where undefined."""

    weight: float
    train_loss: float
    val_loss: float
    train_miou: float | None
    val_miou: float | None
    mean_abs_correlation: float
    effective_rank: float
    channels: int
    cut_miou: float | None
    repaired_miou: float | None


def main() -> None:
    """Trains twice and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", help="folder with {train,val}/{img,mask}; the built-in terrain by default")
    parser.add_argument("--model", default="nano_u")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--weight", type=float, default=0.01, help="of the penalty on the output features")
    parser.add_argument("--layers", help="penalise these layers instead of the output features")
    parser.add_argument("--ratio", type=float, default=0.5, help="share of channels removed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, help="training images of the terrain")
    parser.add_argument("--size", type=int, nargs=2, default=(48, 64), metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load_tensorflow()
    from edge_nas.data.folder import FolderSource
    from edge_nas.data.loader import load_dataset
    from edge_nas.data.terrain import TerrainSource, TerrainSpec

    counts = (
        {} if options.images is None else {"train_images": options.images, "val_images": max(1, options.images // 4)}
    )
    shape = (*options.size, 3)
    terrain = TerrainSource(input_shape=shape, terrain=TerrainSpec(**counts))
    dataset = load_dataset(FolderSource(input_shape=shape, root=options.data) if options.data else terrain)
    rows = [run(weight, options, dataset) for weight in (0.0, options.weight)]
    print(f"{options.model}, {options.epochs} epochs, seed {options.seed}, {len(dataset.train)} training images")
    print(table(rows, options.ratio))
    if options.json:
        write_json(options.json, {"settings": settings(options), "rows": [row._asdict() for row in rows]})


def run(weight: float, options: argparse.Namespace, dataset: Any) -> Row:
    """Trains with one weight and measures."""
    import tf_keras

    from edge_nas.graph.flatten import flatten
    from edge_nas.models import create_model
    from edge_nas.training.fit import fit

    tf_keras.utils.set_random_seed(options.seed)
    network = flatten(create_model(ModelSpec(name=options.model)), tuple(dataset.train.images.shape[1:]))
    layers = {options.layers: weight} if options.layers else {}
    spec = FitSpec(epochs=options.epochs, decov_weight=0.0 if options.layers else weight, decov_layers=layers)
    fit(network, spec, dataset, AugmentationSpec(), seed=options.seed, progress=Silent())
    return measured(weight, network, options, dataset)


def measured(weight: float, network: Any, options: argparse.Namespace, dataset: Any) -> Row:
    """Returns scores and redundancy of a trained network, and what removing channels costs it."""
    from edge_nas.covariance.redundancy import measure
    from edge_nas.covariance.statistics import StreamingCovariance
    from edge_nas.graph.features import output_features
    from edge_nas.pruning import remove_channels

    train, val = (judged(network, split, name) for name, split in (("train", dataset.train), ("val", dataset.val)))
    inputs = dataset.train.inputs()
    features = output_features(network)
    statistics = StreamingCovariance(int(features.tensor.shape[-1]))
    extractor = type(network)(network.inputs, features.tensor)
    for start in range(0, len(inputs), 32):
        statistics.update(extractor(inputs[start : start + 32], training=False).numpy())
    redundancy = measure(features.layer, "features", statistics).with_suggestion(0.01)
    pruned = remove_channels(network, inputs, PruneSpec(ratio=options.ratio), options.seed)
    return Row(
        weight=weight,
        train_loss=train[0],
        val_loss=val[0],
        train_miou=train[1],
        val_miou=val[1],
        mean_abs_correlation=redundancy.mean_abs_correlation,
        effective_rank=redundancy.effective_rank,
        channels=redundancy.channels,
        cut_miou=judged(pruned.narrowed, dataset.val, "val")[1],
        repaired_miou=judged(pruned.repaired, dataset.val, "val")[1],
    )


def judged(network: Any, images: Any, split: Any) -> tuple[float, float | None]:
    """Returns (mean binary cross-entropy, mIoU) of a network on a split."""
    from edge_nas.evaluation.evaluate import evaluate_split
    from edge_nas.runtimes.keras import KerasRuntime

    run = KerasRuntime(network).run
    logits = run(images.inputs()).astype(np.float64)[..., 0]
    loss = float(np.mean(np.logaddexp(0.0, logits) - images.masks * logits))
    return loss, evaluate_split(run, images, split).metrics.primary


def table(rows: list[Row], ratio: float) -> str:
    """Returns a Markdown table."""
    lines = [
        "| DeCov weight | loss train / val | mIoU train / val | mean abs. correlation | effective rank "
        f"| mIoU val, {ratio:.0%} cut | and repaired |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.weight:g} | {row.train_loss:.4f} / {row.val_loss:.4f} | {percent(row.train_miou)} / "
        f"{percent(row.val_miou)} | {row.mean_abs_correlation:.3f} | {row.effective_rank:.1f} of {row.channels} "
        f"| {percent(row.cut_miou)} | {percent(row.repaired_miou)} |"
        for row in rows
    ]
    return "\n".join(lines)


def percent(score: float | None) -> str:
    """Returns a score in per cent."""
    return "undefined" if score is None else f"{100 * score:.2f}"


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """Returns the options as plain data."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()}


if __name__ == "__main__":
    main()
