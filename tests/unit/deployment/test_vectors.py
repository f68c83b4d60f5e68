import re
from typing import Any

from edge_nas.deployment.vectors import reference_vectors, vectors_source
from edge_nas.emulation.frames import KINDS
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


def test_one_vector_of_each_kind_with_the_reference_output(verified: Any) -> None:
    vectors = reference_vectors(verified.data, verified.compiled)
    assert vectors.kinds == KINDS
    assert (Int8Interpreter(read_tflite(verified.data, "tiny")).run(vectors.inputs[0]) == vectors.outputs[0]).all()
    source = vectors_source(vectors)
    arrays = re.findall(r"const int8_t (\w+)\[EDGE_VECTORS\]\[(\w+)\] = \{(.*?)\n\};", source, re.DOTALL)
    assert [array[:2] for array in arrays] == [
        ("edge_vector_inputs", "EDGE_MODEL_INPUT_BYTES"),
        ("edge_vector_outputs", "EDGE_MODEL_OUTPUT_BYTES"),
    ]
    for (_, _, text), codes in zip(arrays, (vectors.inputs[0], vectors.outputs[0]), strict=True):
        assert [int(number) for number in re.findall(r"-?\d+", text)] == codes.ravel().tolist()
    assert '"random", "smooth", "all_min", "all_max", "single_pixel"' in source
