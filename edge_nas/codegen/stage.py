"""Stage 6: the shipped int8 file as C."""

from edge_nas.codegen.compile import compile_tflite, write_compiled
from edge_nas.core.config import CompileSpec
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.compile import CompiledModel
from edge_nas.runs.workspace import Workspace


def compile_artifact(spec: CompileSpec, *, model: ModelArtifact, run: Workspace) -> CompiledModel:
    """Returns the C of the int8 file `model`, published as `artifacts/c/`.

    Raises:
        ArtifactError: an operator or a shape that the generator does not support, by name.
    """
    run.progress.step("C from the int8 file", 0, 1)
    compiled = compile_tflite(run.path_of(model), optimize=spec.optimize)
    write_compiled(compiled, run.folder)
    for file in compiled.files:
        run.publish(file.name, f"artifacts/c/{file.name}")
    return compiled
