"""What the interpreter way needs: the file as an aligned array and exactly the operators that it uses."""

import numpy as np

from edge_nas.deployment.ctext import integers
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.kinds import resolver_method
from edge_nas.int8.operators import OPERATORS


def operator_methods(graph: Int8Graph) -> tuple[str, ...]:
    """Returns the methods of TFLM's MicroMutableOpResolver that register the network's operators, sorted."""
    return tuple(sorted({operator_method(operator.kind) for operator in graph.operators}))


def operator_method(kind: str) -> str:
    """Returns the method that registers a kind of operator, which need not be one that is understood here."""
    return OPERATORS[kind].resolver if kind in OPERATORS else resolver_method(kind)


def model_data_source(data: bytes) -> str:
    """Returns model_data.c: the bytes of the file, aligned to 16 as the interpreter wants them."""
    return (
        "/* Generated: the network as a .tflite file, for the interpreter. */\n"
        '#include "model_data.h"\n\n'
        "__attribute__((aligned(16))) const unsigned char edge_model_tflite[EDGE_MODEL_TFLITE_BYTES] = {\n"
        f"{integers(np.frombuffer(data, np.uint8))}\n}};\n"
    )
