import numpy as np
import pytest
from canaries.int8_files import int8_network
from int8graphs.single import Given, single

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.litert import LitertRuntime


def test_a_float_file_gives_what_keras_gives(tiny_models, tiny_inputs) -> None:
    expected = tiny_models.keras(tiny_inputs, training=False).numpy()
    for reference in (True, False):
        outputs = LitertRuntime(tiny_models.float_tflite, reference=reference).run(tiny_inputs)
        assert outputs.dtype == np.float32
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_an_int8_file_comes_near_keras(tiny_models, tiny_inputs) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    expected = tiny_models.keras(tiny_inputs, training=False).numpy()
    assert np.abs(runtime.run(tiny_inputs) - expected).mean() < 0.05 * np.abs(expected).max()


def test_the_specs_say_shape_dtype_and_quantization(tiny_models) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    assert (runtime.input_spec.shape, runtime.input_spec.dtype) == ((1, 8, 8, 3), "int8")
    assert runtime.output_spec.shape == (1, 8, 8, 1)
    assert runtime.input_spec.scale == pytest.approx(2 / 255, rel=0.02)  # calibrated on [-1, 1]
    assert runtime.is_int8
    plain = LitertRuntime(tiny_models.float_tflite, reference=True)
    assert (plain.input_spec.dtype, plain.input_spec.scale, plain.is_int8) == ("float32", None, False)


def test_run_is_quantize_then_codes_then_dequantize(tiny_models, tiny_inputs) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    codes = runtime.run_int8(runtime.quantize_input(tiny_inputs))
    assert codes.dtype == np.int8
    assert len(np.unique(codes)) > 10
    np.testing.assert_array_equal(runtime.run(tiny_inputs), runtime.dequantize_output(codes))
    spec = runtime.output_spec
    np.testing.assert_allclose(
        runtime.dequantize_output(codes), (codes.astype(np.float64) - spec.zero_point) * spec.scale, rtol=1e-6
    )


def test_images_do_not_depend_on_their_neighbours(tiny_models, tiny_inputs) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    together = runtime.run(tiny_inputs)
    np.testing.assert_array_equal(together[3:4], runtime.run(tiny_inputs[3:4]))
    assert runtime.run(tiny_inputs[:0]).shape == (0, 8, 8, 1)


def test_bytes_and_path_are_the_same_file(tiny_models, tiny_inputs) -> None:
    from_bytes = LitertRuntime(tiny_models.int8_tflite.read_bytes(), reference=True)
    from_path = LitertRuntime(tiny_models.int8_tflite, reference=True)
    np.testing.assert_array_equal(from_bytes.run(tiny_inputs), from_path.run(tiny_inputs))
    assert from_path.source == str(tiny_models.int8_tflite)


def test_the_names_tell_reference_from_default(tiny_models) -> None:
    assert LitertRuntime(tiny_models.int8_tflite, reference=True).name == "litert reference"
    assert LitertRuntime(tiny_models.int8_tflite, reference=False).name == "litert"


def test_inputs_that_do_not_fit_are_refused(tiny_models, tiny_inputs) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    with pytest.raises(ArtifactError, match=r"\(5, 4, 8, 3\).*\(N, 8, 8, 3\)"):
        runtime.run(tiny_inputs[:, :4])
    with pytest.raises(ArtifactError, match="NaN"):
        runtime.run(np.full((1, 8, 8, 3), np.nan, np.float32))
    with pytest.raises(ArtifactError, match="codes are float32"):
        runtime.run_int8(tiny_inputs)
    with pytest.raises(ArtifactError, match="must be int8"):
        LitertRuntime(tiny_models.float_tflite, reference=True).run_int8(np.zeros((1, 8, 8, 3), np.int8))


@pytest.mark.parametrize("content", [b"", b"no model", b"\x1c\x00\x00\x00TFL3" + bytes(64)])
def test_a_broken_file_is_refused_by_name(tmp_path, content: bytes) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"broken\.tflite"):
        LitertRuntime(path, reference=True)


def test_a_name_that_is_no_text_is_refused_by_the_files_name() -> None:
    with pytest.raises(ArtifactError, match=r"net\.tflite: LiteRT cannot load it"):
        LitertRuntime(int8_network("t").replace(b"t0", b"\xdb0"), reference=True, source="net.tflite")


def test_many_classes_that_are_nearly_equal_end_no_process_of_ours() -> None:
    data = single("SOFTMAX", [Given((1, 600), 0.3, 5)], Given((1, 600), 1 / 256, -128), {"Beta": 1.0}).data
    runtime = LitertRuntime(data, reference=True, source="wide.tflite")
    codes = np.random.default_rng(0).integers(-128, 128, (2, 600), np.int8)
    assert runtime.run_int8(codes).shape == (2, 600)
    with pytest.raises(ArtifactError, match=r"wide\.tflite: LiteRT's reference kernels ended their process"):
        runtime.run_int8(np.full((1, 600), 3, np.int8))
