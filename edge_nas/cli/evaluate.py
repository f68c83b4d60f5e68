"""`edge-nas evaluate`: the scores of any model file on samples with labels."""

from pathlib import Path
from typing import Annotated

import typer

from edge_nas.cli.options import Asked, Classes, CustomObjects, Json, Trust
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ArtifactError


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("evaluate")(evaluate)


def evaluate(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT", help="A .tflite, .onnx, .npz, .keras or .h5 file.")],
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            metavar="DIR",
            help="A data set, or one split of it: img/ and mask/, class folders, or a .npz file.",
            show_default=False,
        ),
    ],
    task: Asked = None,
    classes: Classes = None,
    trust: Trust = False,
    custom_objects: CustomObjects = None,
    json: Json = False,
) -> None:
    """Evaluate a model file on samples with labels: mIoU, accuracy or R², as its task says.

    A .tflite file runs on the reference kernels, as on a microcontroller. Samples become inputs as the file task.json
    of a build says; without one bytes are pixels, scaled to [-1, 1], and other numbers are taken as they are.
    """
    from edge_nas.cli.artifact import open_artifact
    from edge_nas.data.loader import load_evaluation_samples
    from edge_nas.evaluation.evaluate import evaluate_split

    opened = open_artifact(artifact, trust=trust, custom_objects=custom_objects, task=task, classes=classes)
    split, images = load_evaluation_samples(data, opened.input_shape, opened.task, opened.sample)
    try:
        scores = evaluate_split(opened.run, images, split)
    except ArtifactError as error:
        # Runtimes name their file; a task that is given NaN does not know whose it is.
        raise error if str(artifact) in str(error) else ArtifactError(f"{artifact}: {error}") from error
    runs = images.task.baselines(None)
    floors = {key: evaluate_split(run, images, split).metrics for key, run in runs.items()}
    if json:
        print_json(
            {
                "schema_version": 1,
                "status": "ok",
                "artifact": str(artifact),
                "runtime": opened.runtime,
                "evaluation": scores.to_data(),
                "baselines": {key: floor.to_data() for key, floor in floors.items()},
            }
        )
        return
    from edge_nas.cli.summary import print_scores

    typer.echo(f"{artifact} ({opened.runtime}) on {scores.images} {images.format.noun}s of {split}")
    named = {key.replace("_", " "): floor for key, floor in floors.items()}
    print_scores({**named, "this network": scores.metrics})
