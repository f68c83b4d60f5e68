"""What stage quantize hands on: the int8 file, its score, and where its zeros are."""

from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.fidelity import Int8Fidelity
from edge_nas.results.parity import AnyParity
from edge_nas.results.scores import Evaluations
from edge_nas.results.train import EpochRecord


class SparsityRow(Frozen):
    """Shares [0, 1] of zeros in the kernels of convolution and dense layers, depthwise ones apart, and file sizes.

    `float_zeros`: before quantization. `trained_zeros`: after quantization-aware training, None where there was none.
    `int8_zeros`: in the int8 file, where small weights round to zero as well. `gzip_bytes`: that file compressed.
    """

    float_zeros: float
    trained_zeros: float | None
    int8_zeros: float
    file_bytes: int
    gzip_bytes: int


class SparsityReport(Frozen):
    """The network before and after TFMOT zeroed weights. Dense kernels compute zeros too: no time is gained."""

    dense: SparsityRow
    sparse: SparsityRow


class QuantizeOutput(Frozen):
    """The int8 file, evaluated on the reference kernels. `drop`: primary score on val lost against the float network.

    `parity`: the fake-quantized network that was trained beside the file made of it; empty for PTQ, which has none.
    `sparsity`: where weights were zeroed. `fidelity`: its tensors beside the float network of the same weights, over
    inputs of val; None where that network is not known.
    """

    model: ModelArtifact
    history: tuple[EpochRecord, ...]
    evaluation: Evaluations
    drop: float
    parity: tuple[AnyParity, ...]
    float_tensors: int
    sparsity: SparsityReport | None
    fidelity: Int8Fidelity | None = None
    cost: Cost
