"""Stage 7: the shipped int8 file and the C made of it, on this machine and on every core that it can emulate."""

from edge_nas.results.compile import CompiledModel
from edge_nas.results.export import ExportOutput
from edge_nas.results.verify import VerificationReport
from edge_nas.stages.contract import Stage, StageContext


def verify(context: StageContext) -> VerificationReport:
    """Returns what it took to show that all that computes the int8 file gives the reference kernels' bytes.

    Raises:
        GateError: a byte differs.
        ResourceError: a core that the settings name cannot be emulated here.
        UnsafeError: the run's C is not what is made of its network here.
    """
    from edge_nas.codegen.compile import require_generated
    from edge_nas.verification.model import verify_model

    model, compiled = context.output(ExportOutput).deployed, context.output(CompiledModel)
    data = context.path_of(model).read_bytes()
    require_generated(compiled, data, "the run")
    report = verify_model(
        context.config.verify,
        data,
        compiled,
        source=model.path,
        tick=context.progress.tick,
    )
    for name, core in report.cores.items():
        if core.skipped is not None:
            context.progress.note(f"{name} was not emulated: {core.skipped}")
    return report


def more_can_be_verified(report: VerificationReport) -> str | None:
    """Returns what a finished verification skipped for want of tools that are installed now; None: nothing.

    Tools are no part of the stage's key: a run that is looked at where there are none keeps what was verified.
    """
    from edge_nas.emulation.tools import is_on_path
    from edge_nas.runtimes import tflm

    missing = {program.name: program.missing for program in report.programs} | {
        name: core.missing for name, core in report.cores.items()
    }
    now = [
        name
        for name, tools in missing.items()
        if tools and all(tflm.installed() if tool == tflm.PACKAGE else is_on_path(tool) for tool in tools)
    ]
    return f"{', '.join(now)} had to be skipped, and can run now" if now else None


STAGE = Stage(
    name="verify",
    number=7,
    function=verify,
    output=VerificationReport,
    reads=("verify",),
    needs=("export", "compile"),
    outdated=more_can_be_verified,
)
