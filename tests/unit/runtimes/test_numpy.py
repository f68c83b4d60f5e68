import numpy as np
import pytest
from int8graphs import Writer, random_graph

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.runtimes.numpy import NumpyRuntime


@pytest.mark.smoke
def test_it_gives_what_the_reference_kernels_give(tiny_models, tiny_inputs) -> None:
    runtime = NumpyRuntime(tiny_models.int8_tflite)
    reference = LitertRuntime(tiny_models.int8_tflite, reference=True)
    outputs = runtime.run(tiny_inputs)
    assert outputs.dtype == np.float32
    np.testing.assert_array_equal(outputs, reference.run(tiny_inputs))
    codes = runtime.quantize_input(tiny_inputs)
    np.testing.assert_array_equal(runtime.run_int8(codes), reference.run_int8(codes))
    assert len(np.unique(runtime.run_int8(codes))) > 10


def test_it_describes_itself_as_the_other_runtimes_do(tiny_models) -> None:
    runtime = NumpyRuntime(tiny_models.int8_tflite.read_bytes())
    reference = LitertRuntime(tiny_models.int8_tflite, reference=True)
    assert (runtime.name, runtime.version, runtime.is_int8) == ("numpy", np.__version__, True)
    assert runtime.input_spec == reference.input_spec
    assert runtime.output_spec == reference.output_spec
    runtime.invoke_once()


def test_batches_of_any_size_are_run(tiny_models, tiny_inputs) -> None:
    runtime = NumpyRuntime(tiny_models.int8_tflite)
    together = runtime.run(tiny_inputs)
    np.testing.assert_array_equal(together[3:4], runtime.run(tiny_inputs[3:4]))
    assert runtime.run(tiny_inputs[:0]).shape == (0, 8, 8, 1)


def test_what_it_cannot_run_is_refused_by_name(tiny_models, tiny_inputs, tmp_path) -> None:
    with pytest.raises(ArtifactError, match=r"float\.tflite.*CONV_2D.*float32"):
        NumpyRuntime(tiny_models.float_tflite)
    with pytest.raises(ArtifactError, match=r"none\.tflite"):
        NumpyRuntime(tmp_path / "none.tflite")
    with pytest.raises(ArtifactError, match=r"\(5, 4, 8, 3\)"):
        NumpyRuntime(tiny_models.int8_tflite).run(tiny_inputs[:, :4])


def test_two_inputs_are_refused() -> None:
    writer = Writer()
    first, second, output = (writer.tensor((1, 4), 0.1, 0) for _ in range(3))
    writer.operator("ADD", [first, second], [output], {"FusedActivationFunction": 0})
    with pytest.raises(ArtifactError, match="2 inputs and 1 outputs"):
        NumpyRuntime(writer.finish([first, second], [output]))
    assert NumpyRuntime(random_graph(0, single=True).data).is_int8
