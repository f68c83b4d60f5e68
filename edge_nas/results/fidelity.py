"""How near an int8 file is to the float network that it was made of."""

from edge_nas.core.frozen import Frozen


class TensorFidelity(Frozen):
    """One tensor of the file beside the same tensor of the float network.

    `name`: of its layer. `operator`: of the file, that writes it. `error`: root mean square of the difference, as a
    share of that of what varies between inputs in the float network; 0: equal, 1: as far as a constant is.
    """

    name: str
    operator: str
    error: float


class Int8Fidelity(Frozen):
    """An int8 file beside its float network on the same inputs.

    `inputs`: how many. `outputs`: each output. `tensors`: those inside that the float network has as well, in the order
    in which they are computed; empty where they were not looked at.
    """

    inputs: int
    outputs: tuple[TensorFidelity, ...]
    tensors: tuple[TensorFidelity, ...] = ()
