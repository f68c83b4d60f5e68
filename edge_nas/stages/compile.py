"""Stage 6: the shipped int8 file as C."""

from edge_nas.results.compile import CompiledModel
from edge_nas.results.export import ExportOutput
from edge_nas.stages.contract import Stage, StageContext


def compile_network(context: StageContext) -> CompiledModel:
    """Returns the C of the shipped int8 file, published as `artifacts/c/`.

    Raises:
        ArtifactError: an operator or a shape that the generator does not support, by name.
    """
    from edge_nas.codegen.compile import compile_tflite, write_compiled

    model = context.path_of(context.output(ExportOutput).deployed)
    context.progress.tick("C from the int8 file", 0, 1)
    settings = context.config.compile
    compiled = compile_tflite(
        model,
        optimize=settings.optimize,
        arena_limit=settings.arena_limit,
        esp32s3_vectors=settings.esp32s3_vectors,
    )
    write_compiled(compiled, context.folder)
    for file in compiled.files:
        context.publish(file.name, f"artifacts/c/{file.name}")
    return compiled


STAGE = Stage(
    name="compile",
    number=6,
    function=compile_network,
    output=CompiledModel,
    reads=("compile",),
    needs=("export",),
)
