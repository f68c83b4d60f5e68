"""Stage 9: the bundle of the build's board."""

from pathlib import Path

from edge_nas.core.config import BuildConfig
from edge_nas.core.hashing import sha256_file
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.export import ExportOutput
from edge_nas.results.verify import VerificationReport
from edge_nas.stages.contract import Stage, StageContext

FOLDER = "bundle"


def _board_file(config: BuildConfig) -> dict[str, str]:
    """Returns the hash of the file that describes the board; a board by name has none, one that is absent neither."""
    from edge_nas.boards.loader import is_board_file

    board = config.deploy.board
    return {board: sha256_file(Path(board))} if is_board_file(board) and Path(board).is_file() else {}


def deploy(context: StageContext) -> DeploymentBundle:
    """Returns what the bundle holds that it wrote into `bundle/` of the stage's folder.

    Raises:
        ConfigError: an unknown board.
        GateError: it does not fit the board; the bundle is written all the same, to be looked at.
        UnsafeError: the run's C is not what is made of its network here.
    """
    from edge_nas.boards import load_board
    from edge_nas.codegen.compile import require_generated
    from edge_nas.deployment import make_bundle, require_fit
    from edge_nas.tasks import TaskCard

    board = load_board(context.config.deploy.board)
    context.progress.tick(f"bundle for {board.name}", 0, 1)
    data, compiled = context.path_of(context.output(ExportOutput).deployed).read_bytes(), context.output(CompiledModel)
    require_generated(compiled, data, "the run")
    bundle = make_bundle(
        board,
        data,
        compiled,
        context.output(VerificationReport),
        context.folder / FOLDER,
        # What a run trains and evaluates is fed by this formula, whatever its input's range.
        sample=context.dataset.format,
        card=context.dataset.task.card or TaskCard(task=context.dataset.task.name),
        called=context.in_run(FOLDER),
    )
    require_fit(bundle)
    context.progress.tick(f"bundle for {board.name}", 1, 1)
    return bundle


def more_can_be_estimated(bundle: DeploymentBundle) -> str | None:
    """Returns what a finished bundle lacks for want of a tool that is installed now; None: nothing."""
    if bundle.npu_skipped is None:
        return None
    from edge_nas.deployment import vela

    if bundle.npu_skipped != vela.NOT_INSTALLED or not vela.installed():
        return None
    return f"{vela.PACKAGE} was missing, and is installed now"


STAGE = Stage(
    name="deploy",
    number=9,
    function=deploy,
    output=DeploymentBundle,
    reads=("deploy",),
    needs=("export", "compile", "verify"),
    outside_files=_board_file,
    outdated=more_can_be_estimated,
)
