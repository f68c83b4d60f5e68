"""Convolutions between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND become dilated ones."""

import numpy as np
import pytest
from int8graphs.draft import Activation, Draft
from int8graphs.random_graphs import finish
from int8graphs.single import Given, check_equal, check_random_layers, indices, parsed, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


def test_random_threes_give_the_reference_bytes() -> None:
    check_random_layers("SPACE_TO_BATCH_ND", 30)


def test_two_convolutions_of_one_image_and_a_signal_s() -> None:
    for seed in range(8):
        draft = Draft(np.random.default_rng(seed))
        signal = draft.activation((1, 8 + seed, 5))
        spread = _spread(draft, signal, before=4)
        outputs = [_signal_convolution(draft, spread, taps) for taps in (2, 3)]
        graph = finish(draft, [signal], outputs)
        check_equal(graph, seed)
        kinds = {operator.kind for operator in Int8Interpreter(read_tflite(graph.data, "two")).graph.operators}
        assert kinds <= {"PAD", "RESHAPE", "CONV_2D", "SLICE"}


def test_a_batch_of_several_is_refused_with_what_is_supported() -> None:
    constants = [indices([2, 2]), indices([[0, 0], [0, 0]])]
    graph = single("SPACE_TO_BATCH_ND", [Given((1, 4, 4, 2)), *constants], Given((4, 2, 2, 2)), {})
    with pytest.raises(ArtifactError, match="it is supported around one convolution of stride 1"):
        parsed(graph)


def _spread(draft: Draft, source: Activation, before: int) -> Activation:
    """Appends a signal's moments, even and odd ones apart."""
    _, moments, channels = source.shape
    after = (moments + before) % 2
    block, borders = draft.writer.constant([2]), draft.writer.constant([[before, after]])
    spread = draft.activation((2, (moments + before + after) // 2, channels), source.scale, source.zero_point)
    return draft.operator("SPACE_TO_BATCH_ND", [source.index, block, borders], spread, {})


def _signal_convolution(draft: Draft, source: Activation, taps: int) -> Activation:
    """Appends what Keras makes of a Conv1D of dilation 2 behind a signal that is spread."""
    writer, (_, half, channels) = draft.writer, source.shape
    image = draft.activation((2, 1, half, channels), source.scale, source.zero_point)
    draft.operator("EXPAND_DIMS", [source.index, writer.constant(1)], image, {})
    weights = draft.codes((3, 1, taps, channels))
    kernel = writer.tensor(weights.shape, 0.01, 0, data=weights)
    biases = np.arange(3, dtype=np.int32)
    bias = writer.tensor([3], float(np.float32(source.scale * 0.01)), 0, dtype="int32", data=biases)
    made = draft.activation((2, 1, half - taps + 1, 3), source.scale)
    options = {"Padding": 1, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}
    draft.operator("CONV_2D", [image.index, kernel, bias], made, {**options, "FusedActivationFunction": 1})
    narrow = draft.activation((2, half - taps + 1, 3), made.scale, made.zero_point)
    draft.operator("SQUEEZE", [made.index], narrow, {"SqueezeDims": [1]})
    output = draft.activation((1, 2 * (half - taps + 1) - taps + 2, 3), made.scale, made.zero_point)
    block, crops = writer.constant([2]), writer.constant([[0, taps - 2]])
    return draft.operator("BATCH_TO_SPACE_ND", [narrow.index, block, crops], output, {})
