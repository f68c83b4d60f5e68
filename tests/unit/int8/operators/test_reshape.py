from pathlib import Path

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs.draft import Draft
from int8graphs.random_graphs import RandomGraph, finish
from int8graphs.reference import run_reference
from int8graphs.shorts import ShortDraft
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, run, single

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.frames import packed
from edge_nas.errors import ArtifactError


@pytest.mark.parametrize("kind", ["RESHAPE", "EXPAND_DIMS"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind)


def test_ones_come_and_go() -> None:
    check_equal(single("SQUEEZE", [Given((1, 2, 1, 3))], Given((1, 2, 3)), {"SqueezeDims": [2]}))
    check_equal(single("EXPAND_DIMS", [Given((1, 6)), indices(-1)], Given((1, 6, 1)), {}))


@pytest.mark.parametrize("draft_class", [Draft, ShortDraft])
def test_any_rank_from_end_to_end(draft_class: type[Draft], tmp_path: Path) -> None:
    draft = draft_class(np.random.default_rng(0))
    source, output = (draft.activation(shape, 0.1, 0) for shape in ((1, 3, 1, 2, 5, 2, 7), (1, 420)))
    last = draft.operator("RESHAPE", [source.index, draft.writer.constant((1, 420))], output, {})
    graph = finish(draft, [source], [last])
    codes = np.arange(2 * 420, dtype=np.int8 if draft_class is Draft else np.int16).reshape(2, 3, 1, 2, 5, 2, 7)
    (found,) = run_merged([Case(compile_tflite(graph.data), packed([codes]))], tmp_path)
    np.testing.assert_array_equal(found, packed(run_reference(graph.data, [codes])))
    np.testing.assert_array_equal(found, packed([codes.reshape(2, 420)]))


def test_the_order_stays() -> None:
    graph = single("RESHAPE", [Given((1, 2, 3)), indices([1, 6])], Given((1, 6)), {})
    np.testing.assert_array_equal(run(graph, [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [0, 1, 2]]])[1], [7, 8, 9, 0, 1, 2])
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"\(1, 2, 3\) cannot become \(1, 7\)"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([1, 7])], Given((1, 7)), {}))
    with pytest.raises(ArtifactError, match="its first dimension must be the batch"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([2, 3])], Given((2, 3)), {}))
    with pytest.raises(ArtifactError, match="copies codes"):
        parsed(single("RESHAPE", [Given((1, 2, 3)), indices([1, 6])], Given((1, 6), 0.1, 4), {}))


@pytest.mark.parametrize(
    ("graph", "made"),
    [
        (single("SQUEEZE", [Given((1, 2, 3, 1))], Given((1, 2, 3)), {"SqueezeDims": [0]}), r"\(2, 3, 1\)"),
        (single("EXPAND_DIMS", [Given((1, 6)), indices(1)], Given((1, 6, 1)), {}), r"\(1, 1, 6\)"),
        (single("RESHAPE", [Given((1, 2, 3)), indices([1, -1, 2])], Given((1, 6)), {}), r"\(1, 3, 2\)"),
    ],
    ids=["SQUEEZE", "EXPAND_DIMS", "RESHAPE"],
)
def test_a_shape_that_the_options_do_not_make_is_refused(graph: RandomGraph, made: str) -> None:
    with pytest.raises(ArtifactError, match=rf"becomes {made} by its options, and the file says"):
        parsed(graph)
