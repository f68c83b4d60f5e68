import numpy as np
import pytest
from int8graphs.draft import Draft
from int8graphs.random_graphs import finish
from int8graphs.reference import run_tflite_micro
from int8graphs.single import Given, check_equal, check_random_layers, run, single


@pytest.mark.parametrize("kind", ["ABS", "EXP", "GELU", "LOG", "RSQRT"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 25)


def test_elu_gives_the_bytes_of_tflite_micro() -> None:
    cases, found = [], []
    codes = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
    for seed in range(40):
        draft = Draft(np.random.default_rng(seed))
        source = draft.activation((1, 256))
        graph = finish(draft, [source], [draft.operator("ELU", [source.index], draft.activation((1, 256)))])
        cases.append((graph.data, [codes], 1))
        found.append(run(graph, codes))
    for ours, (theirs,) in zip(found, run_tflite_micro(cases), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_known_values() -> None:
    def of(kind: str, values: list[float], **options: int) -> list[float]:
        graph = single(kind, [Given((1, 3), 0.03125, -64)], Given((1, 3), 0.03125, -64), options)
        codes = np.array([[round(value / 0.03125) - 64 for value in values]])
        return ((run(graph, codes)[0].astype(float) + 64) * 0.03125).tolist()

    assert of("ABS", [-1.0, 0.0, 2.0]) == [1.0, 0.0, 2.0]
    assert of("EXP", [-2.0, 0.0, 1.0]) == pytest.approx([0.135, 1, 2.718], abs=0.016)
    assert of("LOG", [0.5, 1.0, 4.0]) == pytest.approx([-0.693, 0, 1.386], abs=0.016)
    assert of("ELU", [-1.0, 0.0, 2.0]) == pytest.approx([-0.632, 0, 2], abs=0.016)
    assert of("RSQRT", [0.25, 1.0, 4.0]) == pytest.approx([2, 1, 0.5], abs=0.016)
    assert of("GELU", [-1.0, 0.0, 2.0], Approximate=0) == pytest.approx([-0.159, 0, 1.954], abs=0.016)


def test_a_logarithm_of_what_has_none_is_the_reference_s() -> None:
    check_equal(single("LOG", [Given((1, 300), 0.02, 5)], Given((1, 300), 0.03, -3), {}))
