"""A network of a stage as an artifact: its file, hash and tensors."""

from typing import Any

import tf_keras

from edge_nas.core.hashing import sha256_file
from edge_nas.models.files import save_model
from edge_nas.results.artifacts import ModelArtifact, TensorSpec
from edge_nas.runs.workspace import Workspace


def store_network(
    model: tf_keras.Model, name: str, *, stage: str, run: Workspace, parent: ModelArtifact | None = None
) -> ModelArtifact:
    """Writes a flat network as `name` into the stage's folder and returns the artifact."""
    path = run.folder / name
    save_model(model, path)
    return ModelArtifact(
        path=run.in_run(name),
        format="keras",
        sha256=sha256_file(path),
        size_bytes=path.stat().st_size,
        inputs=tuple(_spec(tensor) for tensor in model.inputs),
        outputs=tuple(_spec(tensor) for tensor in model.outputs),
        stage=stage,
        parent=parent.sha256 if parent else None,
    )


def _spec(tensor: Any) -> TensorSpec:
    shape = (1, *tensor.shape[1:])
    return TensorSpec(name=tensor.name, shape=shape, dtype=tensor.dtype.name)
