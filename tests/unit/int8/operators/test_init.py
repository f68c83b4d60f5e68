import pytest
from int8graphs import KINDS
from int8graphs.single import Given, parsed, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import WITHOUT_MACS
from edge_nas.int8.operators import OPERATORS


def test_the_random_layers_cover_every_kind() -> None:
    assert set(OPERATORS) == set(KINDS)
    assert len(OPERATORS) == 27


def test_every_module_parses_and_runs() -> None:
    for module in OPERATORS.values():
        assert callable(module.parse)
        assert callable(module.run)


@pytest.mark.parametrize("kind", ["ABS", "DEPTH_TO_SPACE", "TRANSPOSE", "SPACE_TO_BATCH_ND"])
def test_any_other_kind_is_refused_by_name(kind: str) -> None:
    assert kind in WITHOUT_MACS
    with pytest.raises(
        ArtifactError, match=rf"operator 0 is {kind}, .*supported: ADD, AVERAGE_POOL_2D, .*TRANSPOSE_CONV"
    ):
        parsed(single(kind, [Given((1, 2, 2, 1))], Given((1, 2, 2, 1))))
