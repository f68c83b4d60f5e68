import inspect

import pytest
from int8graphs import KINDS
from int8graphs.single import Given, indices, parsed, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import OTHERS_WITHOUT_MACS
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.operators import OPERATORS

STATEFUL = {"ASSIGN_VARIABLE", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"}
"""Tested over sequences of calls, in `tests/unit/int8/test_states.py`, `test_svdf.py` and `test_sequence_lstm.py`."""
ALONE = {"ARG_MAX", "ARG_MIN", "ELU", "SUM"}
"""Nothing reads their places, or LiteRT's reference kernels are none for them: each is tested on its own."""
REWRITTEN = {"BATCH_TO_SPACE_ND", "SPACE_TO_BATCH_ND"}
"""Gone before anything is parsed (`int8.dilation`)."""


def test_the_random_layers_cover_every_kind() -> None:
    assert set(OPERATORS) | REWRITTEN == set(KINDS) | STATEFUL | ALONE
    assert len(OPERATORS) == 58


def test_every_kind_parses_and_runs() -> None:
    for name, kind in OPERATORS.items():
        assert kind.name == name
        assert issubclass(kind.parsed, ParsedOperator)
        assert not inspect.isabstract(kind.parsed)


@pytest.mark.parametrize("kind", ["SQRT", "CAST", "SIGN", "WHERE"])
def test_any_other_kind_is_refused_by_name(kind: str) -> None:
    assert kind in OTHERS_WITHOUT_MACS
    with pytest.raises(
        ArtifactError, match=rf"operator 0 is {kind}, .*supported: ABS, ADD, .*TRANSPOSE_CONV, .*UNPACK"
    ):
        parsed(single(kind, [Given((1, 2, 2, 1))], Given((1, 2, 2, 1))))


def test_the_refusal_names_what_the_operator_reads() -> None:
    with pytest.raises(ArtifactError) as caught:
        parsed(single("REDUCE_PROD", [Given((1, 4, 6, 3)), indices([1, 2])], Given((1, 3))))
    assert str(caught.value).startswith(
        "one.tflite: operator 0 is REDUCE_PROD, which is not supported in int8; it reads tensor 0 't0' of shape "
        "(1, 4, 6, 3) int8, tensor 1 't1' of shape (2,) int32; supported: ABS, "
    )
