from pathlib import Path

import numpy as np
import pytest
from codegraphs.merged import Case, run_merged
from int8graphs.reference import run_reference
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.codegen import compile_tflite
from edge_nas.errors import ArtifactError

OUTPUT = (1 / 256, -128)


def softmax(shape: tuple[int, ...], scale: float = 0.1, beta: float = 1.0, output: tuple[float, int] = OUTPUT):
    return single("SOFTMAX", [Given(shape, scale, 5)], Given(shape, *output), {"Beta": beta})


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("SOFTMAX")


@pytest.mark.parametrize("classes", [1, 2, 3, 10, 100, 511])
def test_classes_and_scales(classes: int) -> None:
    for scale in (1e-6, 1e-3, 0.02, 0.1, 0.9, 7.0, 1e4):
        check_equal(softmax((1, 2, classes), scale, 1.5), count=20)


def test_a_thousand_classes_of_which_few_count(tmp_path: Path) -> None:
    graph = softmax((1, 1000), 0.3)
    codes = np.random.default_rng(0).integers(-128, 128, (20, 1000), dtype=np.int8)
    (expected,) = run_reference(graph.data, [codes])
    assert len(np.unique(expected)) > 10
    np.testing.assert_array_equal(run(graph, codes), expected)
    alike = np.full((1, 1000), 3, np.int8)  # the reference kernels stop here: their sum is above 511
    assert (run(graph, alike) == -128).all()
    (output,) = run_merged([Case(compile_tflite(graph.data), np.concatenate([codes, alike]))], tmp_path)
    np.testing.assert_array_equal(output, run(graph, np.concatenate([codes, alike])))


def test_every_difference_of_two_classes() -> None:
    codes = np.stack([np.full(256, 127), np.arange(-128, 128)], axis=1).astype(np.int8)
    for scale in np.exp(np.linspace(np.log(0.005), np.log(1), 25)):
        real = 1 / (1 + np.exp(-float(np.float32(scale)) * (127.0 - codes[:, 1])))
        found = run(softmax((1, 2), float(scale)), codes).astype(int)
        np.testing.assert_allclose((found[:, 0] + 128) / 256, np.minimum(real, 255 / 256), atol=0.6 / 256)


def test_the_table_holds_exponentials() -> None:
    table = parsed(softmax((1, 2), 0.1)).exponentials
    assert table[0] == 2**31 - 1
    np.testing.assert_allclose(table / 2**31, np.exp(-0.1 * np.arange(256)), atol=2e-7)
    assert (np.diff(table.astype(np.int64)) <= 0).all()


def test_what_is_not_supported_is_refused() -> None:
    for output in ((1 / 128, -128), (1 / 256, 0)):
        with pytest.raises(ArtifactError, match="supported: 1/256 and -128"):
            parsed(softmax((1, 3), output=output))
    with pytest.raises(ArtifactError, match="4096 classes; at most 4095"):
        parsed(softmax((1, 4096)))
    with pytest.raises(ArtifactError, match="is too small"):
        parsed(softmax((1, 3), 1e-9))
    with pytest.raises(ArtifactError, match="is too small"):
        parsed(softmax((1, 3), beta=0.0))
