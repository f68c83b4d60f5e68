"""Stage 9: the bundle of the build's board."""

from edge_nas.boards import load_board
from edge_nas.core.config import DeploySpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.deployment.budget import require_fit
from edge_nas.deployment.bundle import make_bundle
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.verify import VerificationReport
from edge_nas.runs.workspace import Workspace

FOLDER = "bundle"


def deploy(
    spec: DeploySpec,
    *,
    model: ModelArtifact,
    compiled: CompiledModel,
    verified: VerificationReport,
    run: Workspace,
) -> DeploymentBundle:
    """Returns what the bundle holds that it wrote into `bundle/` of the stage's folder.

    Raises:
        ConfigError: an unknown board.
        GateError: it does not fit the board; the bundle is written all the same, to be looked at.
    """
    board = load_board(spec.board)
    run.progress.step(f"bundle for {board.name}", 0, 1)
    data = run.path_of(model).read_bytes()
    called = run.in_run(FOLDER)
    # What a run trains and judges is fed by this formula, whatever its input's range.
    bundle = make_bundle(
        board, data, compiled, verified, run.folder / FOLDER, preprocessing=Preprocessing(), called=called
    )
    require_fit(bundle)
    run.progress.step(f"bundle for {board.name}", 1, 1)
    return bundle
