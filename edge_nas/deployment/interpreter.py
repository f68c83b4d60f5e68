"""What the interpreter way needs: the file as an aligned array and exactly the operators that it uses."""

from typing import NamedTuple

import numpy as np

from edge_nas.deployment.ctext import integers
from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.kinds import resolver_method
from edge_nas.int8.operators import OPERATORS
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes import tflm


class InterpreterWay(NamedTuple):
    """Whether tflite-micro runs a file.

    Attributes:
        arena_bytes: what it needs; None: it is not installed here.
        skipped: why it does not run the file; None: it does, as far as is known.
    """

    arena_bytes: int | None
    skipped: str | None


def interpreter_way(data: bytes) -> InterpreterWay:
    """Returns what tflite-micro makes of a .tflite file. The generated C needs none of it, so that it stops nothing.

    Raises:
        ArtifactError: the file cannot be read.
    """
    kinds = {operator.kind for operator in read_tflite(data, "the .tflite file").operators}
    unknown = sorted(kind for kind in kinds if operator_method(kind) is None)
    if unknown:
        return InterpreterWay(None, f"tflite-micro has no kernel for {', '.join(unknown)}")
    if not tflm.installed():
        return InterpreterWay(None, None)
    try:
        return InterpreterWay(tflm.arena_bytes(data), None)
    except ArtifactError as error:
        return InterpreterWay(None, str(error))


def operator_methods(graph: Int8Graph) -> tuple[str, ...]:
    """Returns the methods of TFLM's MicroMutableOpResolver that register the network's operators, sorted."""
    methods = {operator_method(operator.kind) for operator in graph.operators}
    return tuple(sorted(method for method in methods if method is not None))


def operator_method(kind: str) -> str | None:
    """Returns the method that registers a kind of operator, which need not be one that is understood here.

    None: the library has none.
    """
    return OPERATORS[kind].resolver if kind in OPERATORS else resolver_method(kind)


def model_data_source(data: bytes) -> str:
    """Returns model_data.c: the bytes of the file, aligned to 16 as the interpreter wants them."""
    return (
        "/* Generated: the network as a .tflite file, for the interpreter. */\n"
        '#include "model_data.h"\n\n'
        "__attribute__((aligned(16))) const unsigned char edge_model_tflite[EDGE_MODEL_TFLITE_BYTES] = {\n"
        f"{integers(np.frombuffer(data, np.uint8))}\n}};\n"
    )
