"""What people have as a .tflite file becomes one that is read."""

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from int8graphs.reference import run_reference
from int8graphs.single import Given, single
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError, ResourceError
from edge_nas.int8.intake import TfliteFile, open_tflite, open_tflite_path
from edge_nas.int8.reader import read_tflite

FILE = single("RELU", [Given((1, 4))], Given((1, 4)), {}).data


def _longer() -> bytes:
    writer = Writer()
    tensors = [writer.tensor((1, 4), 0.1, 0) for _ in range(3)]
    writer.operator("RELU", tensors[:1], tensors[1:2], {})
    writer.operator("RELU6", tensors[1:2], tensors[2:], {})
    return writer.finish(tensors[:1], tensors[2:])


LONGER = _longer()


def as_c(data: bytes, name: str = "g_model") -> str:
    return f"alignas(16) const unsigned char {name}[] DATA = {{{', '.join(map(hex, data))},}};\n"


def test_a_whole_file_stays_as_it_is() -> None:
    assert open_tflite(FILE, "one") == TfliteFile(FILE)


def test_what_follows_the_flatbuffer_is_no_matter() -> None:
    file = open_tflite(FILE + b"PK\x03\x04 labels", "one")
    assert not file.notes
    assert len(read_tflite(file.data, "one").operators) == 1


def test_a_dimension_beyond_the_only_one_is_mended() -> None:
    writer = Writer()
    source, output = writer.tensor((1, 4), 0.1, 0), writer.tensor((1, 2), 0.1, 0)
    weights = writer.tensor((2, 4), 0.1, 0, data=np.ones((2, 4), np.int8))
    bias = writer.tensor((2,), (0.01,), (0,), dtype="int32", dimension=3, data=np.ones(2, np.int32))
    writer.operator("FULLY_CONNECTED", [source, weights, bias], [output], {"FusedActivationFunction": 0})
    data = writer.finish([source], [output])
    with pytest.raises(ArtifactError, match="quantized_dimension"):
        read_tflite(data, "broken")
    file = open_tflite(data, "mended")
    assert file.notes == ("quantized_dimension of 1 one-dimensional tensors set to 0, the only one that exists",)
    assert read_tflite(file.data, "mended").tensors[bias].quantized_dimension == 0
    assert sum(a != b for a, b in zip(data, file.data, strict=True)) == 1
    assert open_tflite(file.data, "again") == TfliteFile(file.data)


def test_an_open_batch_becomes_one() -> None:
    file = open_tflite(single("RELU", [Given((-1, 4))], Given((-1, 4)), {}).data, "open")
    assert file.notes == ("the open batch of 2 tensors set to 1",)
    assert [tensor.shape for tensor in read_tflite(file.data, "open").tensors] == [(1, 4), (1, 4)]


def test_the_array_of_a_c_source_is_the_file() -> None:
    text = f"// a {{comment}}\n#include <x.h>\nconst int other[2] = {{1, 2}};\n{as_c(FILE)}const int n = {len(FILE)};\n"
    file = open_tflite(text.encode(), "model.cc")
    assert file.data == FILE
    assert file.notes == ("the network is the array g_model of a C source",)


@pytest.mark.parametrize(("text", "seen"), [("int main() { }", "none"), (as_c(FILE) + as_c(FILE, "b"), "g_model, b")])
def test_none_or_several_arrays_are_refused(text: str, seen: str) -> None:
    with pytest.raises(ArtifactError, match=f"exactly one array .* seen: {seen}"):
        open_tflite(text.encode(), "model.cc")


@pytest.mark.parametrize("seed", range(20))
def test_broken_files_pass_through_to_the_reader(seed: int) -> None:
    generator = np.random.default_rng(seed)
    data = bytearray(FILE)
    for place in generator.integers(0, len(data), 8):
        data[place] = generator.integers(256)
    open_tflite(bytes(data[: generator.integers(8, len(data))]), "broken")


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ResourceError, match=r"none\.tflite cannot be read"):
        open_tflite_path(tmp_path / "none.tflite")


def two_networks() -> bytes:
    """Returns a file with the networks of two signatures: RELU alone, and with RELU6 behind it."""
    whole = flatbuffers.Builder(1024)
    model = schema.ModelT.InitFromPackedBuf(FILE, 0)
    other = schema.ModelT.InitFromPackedBuf(LONGER, 0)
    second = other.subgraphs[0]
    for tensor in second.tensors:
        tensor.buffer = 0
    for operator in second.operators:
        operator.opcodeIndex += len(model.operatorCodes)
    model.operatorCodes += other.operatorCodes
    model.subgraphs.append(second)
    model.signatureDefs = []
    for number, name in enumerate(("first", "second")):
        definition = schema.SignatureDefT()
        definition.signatureKey, definition.subgraphIndex = name.encode(), number
        definition.inputs, definition.outputs = [], []
        model.signatureDefs.append(definition)
    whole.Finish(model.Pack(whole), b"TFL3")
    return bytes(whole.Output())


def test_one_of_several_signatures_is_taken_by_its_name() -> None:
    data = two_networks()
    for name, kinds in (("first", ["RELU"]), ("second", ["RELU", "RELU6"])):
        file = open_tflite(data, "two", name)
        assert file.notes == (f"the network of the signature {name}, one of first, second",)
        graph = read_tflite(file.data, "two")
        assert [operator.kind for operator in graph.operators] == kinds
        run_reference(file.data, [np.zeros((1, 4), np.int8)])


def test_a_signature_is_asked_for_and_has_to_be_there() -> None:
    with pytest.raises(ArtifactError, match=r"each of the signatures first, second; name one with --signature"):
        open_tflite(two_networks(), "two")
    with pytest.raises(ArtifactError, match="it has no signature 'third'; it has: first, second"):
        open_tflite(two_networks(), "two", "third")
    with pytest.raises(ArtifactError, match="it has no signature 'any'; it has: none"):
        open_tflite(FILE, "one", "any")
