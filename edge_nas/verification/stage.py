"""Stage 7: the shipped int8 file and the C made of it, on this machine and on every core that it can emulate."""

from edge_nas.core.config import VerifySpec
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.compile import CompiledModel
from edge_nas.results.verify import VerificationReport
from edge_nas.runs.workspace import Workspace
from edge_nas.verification.ladder import verify_model


def verify(spec: VerifySpec, *, model: ModelArtifact, compiled: CompiledModel, run: Workspace) -> VerificationReport:
    """Returns the report on the int8 file `model` and the C `compiled` from it; see `verify_model`.

    Raises:
        GateError: a byte differs from the reference kernels.
        ResourceError: a core that the spec names cannot be emulated here.
    """
    report = verify_model(spec, run.path_of(model).read_bytes(), compiled, source=model.path, step=run.progress.step)
    for name, core in report.cores.items():
        if core.skipped is not None:
            run.progress.note(f"{name} was not emulated: {core.skipped}")
    return report
