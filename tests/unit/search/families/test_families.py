"""What every built-in family promises, and the networks that its candidates are."""

import random

import pytest

from edge_nas.core.config import ModelSpec
from edge_nas.errors import ConfigError
from edge_nas.models import create_model
from edge_nas.models.registry import MODELS
from edge_nas.search.space import FAMILIES, Candidate, Family, Signature

SIGNATURES = {
    "fast_u": Signature(input_shape=(16, 24, 3), outputs=2),
    "inverted_residual": Signature(input_shape=(10, 12, 1), outputs=4),
    "ds_cnn": Signature(input_shape=(9, 6, 1), outputs=3),
    "signal_cnn": Signature(input_shape=(20, 3), outputs=5),
}
PER_PIXEL = {"fast_u"}


@pytest.fixture(params=sorted(SIGNATURES))
def family(request: pytest.FixtureRequest) -> Family:
    """A family, by its name."""
    return FAMILIES.get(request.param)


def test_all_are_tested() -> None:
    assert set(SIGNATURES) == set(FAMILIES)


def test_names_are_their_own(family: Family) -> None:
    names = [choice.name for choice in family.choices(SIGNATURES[family.name])]
    assert len(names) == len(set(names))
    assert FAMILIES.get(family.name) is family


def test_needs_are_decided_before(family: Family) -> None:
    earlier: set[str] = set()
    for choice in family.choices(SIGNATURES[family.name]):
        assert choice.values
        assert choice.needs is None or choice.needs[0] in earlier
        earlier.add(choice.name)


def test_draws_are_of_the_family(family: Family) -> None:
    generator = random.Random(0)
    for _ in range(30):
        candidate = family.draw(SIGNATURES[family.name], generator)
        family.check(candidate)
        family.check(family.mutate(candidate, generator))


def test_known_networks_are_of_the_family_at_any_width(family: Family) -> None:
    (known,) = family.known(SIGNATURES[family.name])
    for steps in (-20, -1, 0, 1, 20):
        family.check(family.scaled(known, steps))
    assert family.scaled(known, -20) != family.scaled(known, 20)


def test_drawn_networks_get_wider_where_they_get_smaller(family: Family) -> None:
    generator = random.Random(1)
    drawn = [family.draw(SIGNATURES[family.name], generator) for _ in range(30)]
    widths = [[value for name, value in each.decisions if name.startswith("width_")] for each in drawn]
    assert all(each == sorted(each) for each in widths)
    if "width_" in family.widths:
        assert len({tuple(each) for each in widths}) > 10


def test_the_smallest_and_drawn_networks_answer_their_signature(family: Family) -> None:
    signature = SIGNATURES[family.name]
    generator = random.Random(7)
    for candidate in (family.smallest(signature), *(family.draw(signature, generator) for _ in range(2))):
        network = family.network(candidate)
        shape = signature.input_shape
        expected = (*shape[:2], signature.outputs) if family.name in PER_PIXEL else (signature.outputs,)
        assert network.input_shape == (None, *shape)
        assert network.output_shape == (None, *expected)


def _of(name: str, signature: Signature, **decided: int | bool | str) -> Candidate:
    """The smallest candidate with other values where named; what those open has its first."""
    candidate, family = FAMILIES.get(name).smallest(signature), FAMILIES.get(name)
    for choice, value in decided.items():
        candidate = next(other for other in family.neighbours(candidate) if other.values.get(choice) == value)
    return candidate


def test_fast_u_has_the_parameters_of_its_plan() -> None:
    signature = Signature(input_shape=(16, 16, 3), outputs=1)
    network = FAMILIES.get("fast_u").network(FAMILIES.get("fast_u").smallest(signature))
    # Stem 3x3x3x4; levels 4 -> 8 -> 8; decoder at a quarter: 1x1 8 -> 8, depthwise and 1x1 8 -> 8; logit with bias.
    kernels = 27 * 4 + (9 * 4 + 4 * 8) + (9 * 8 + 8 * 8) + 8 * 8 + (9 * 8 + 8 * 8) + 8 + 1
    # A BatchNorm has four numbers a channel.
    channels = 4 + (4 + 8) + (8 + 8) + 8 + (8 + 8)
    assert network.count_params() == kernels + 4 * channels


def test_fast_u_holds_the_hand_made_network() -> None:
    signature = Signature(input_shape=(48, 64, 3), outputs=1)
    per_level = {f"depth_{level}": 2 for level in (1, 2, 3)} | {"lowest_kernel": 3}
    widths = {"width_1": 24, "width_2": 32, "width_3": 48}
    plan = {"stem": 16, "levels": 3, **widths, **per_level, "skip": "add", "logits": 2, "context": False}
    residual = {f"residual_{level}": False for level in (1, 2, 3)}
    values = plan | residual
    decisions = tuple((choice.name, values[choice.name]) for choice in FAMILIES.get("fast_u").choices(signature))
    network = FAMILIES.get("fast_u").network(Candidate(family="fast_u", signature=signature, decisions=decisions))
    assert network.count_params() == _parameters_of_fast_u()


def _parameters_of_fast_u() -> int:
    by_hand = create_model(ModelSpec(name="fast_u", arguments={"widths": [16, 24, 32, 48], "depth": 2}))
    by_hand.build((None, 48, 64, 3))
    return int(by_hand.count_params())


def test_signal_cnn_is_known_for_motion_net() -> None:
    signature = Signature(input_shape=(128, 3), outputs=6)
    (known,) = FAMILIES.get("signal_cnn").known(signature)
    network = FAMILIES.get("signal_cnn").network(known)
    by_hand = MODELS.get("motion_net")(outputs=6)
    by_hand.build((None, 128, 3))
    assert network.count_params() == by_hand.count_params()
    beside = FAMILIES.get("signal_cnn").neighbours(known)
    strided = next(each for each in beside if each.values["halving"] == "stride")
    shapes = [FAMILIES.get("signal_cnn").network(each).layers[-2].input.shape for each in (known, strided)]
    assert shapes == [(None, 8, 64)] * 2


def test_fast_u_has_wide_kernels_at_its_lowest_level_only() -> None:
    signature = Signature(input_shape=(16, 16, 3), outputs=1)
    network = FAMILIES.get("fast_u").network(_of("fast_u", signature, depth_2=2, lowest_kernel=5))
    sides = [layer.kernel_size[0] for layer in network.layers if type(layer).__name__ == "DepthwiseConv2D"]
    # Level 1, two blocks of level 2, one of the decoder.
    assert sides == [3, 5, 5, 3]


def test_ds_cnn_takes_a_spectrogram_without_its_channel() -> None:
    family = FAMILIES.get("ds_cnn")
    network = family.network(family.smallest(Signature(input_shape=(49, 10), outputs=3)))
    assert (
        network.count_params()
        == family.network(family.smallest(Signature(input_shape=(49, 10, 1), outputs=3))).count_params()
    )


def test_fast_u_decides_where_the_logits_are() -> None:
    signature = Signature(input_shape=(16, 16, 3), outputs=1)
    for logits in (4, 2):
        candidate = FAMILIES.get("fast_u").smallest(signature) if logits == 4 else _of("fast_u", signature, logits=2)
        network = FAMILIES.get("fast_u").network(candidate)
        assert network.layers[-2].output.shape[1] == 16 // logits


def test_fast_u_adds_skips_and_residuals_where_decided() -> None:
    signature = Signature(input_shape=(16, 16, 3), outputs=1)
    without = FAMILIES.get("fast_u").network(_of("fast_u", signature, depth_1=2))
    among = _of("fast_u", signature, depth_1=2, residual_1=True, skip="add", context=True)
    # One residual, one context, one skip: the decoder climbs one level.
    assert _additions(FAMILIES.get("fast_u").network(among)) - _additions(without) == 3


def _additions(network: object) -> int:
    return sum(type(layer).__name__ == "Add" for layer in network.layers)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("fast_u", (48, 60, 3), "48 x 60"),
        ("fast_u", (128, 3), "images"),
        ("inverted_residual", (7, 9, 3), "8 x 8"),
        ("ds_cnn", (49,), "[height, width]"),
        ("signal_cnn", (7, 3), "8 moments"),
        ("signal_cnn", (48, 64, 3), "[moments, channels]"),
    ],
)
def test_a_signature_that_does_not_fit_is_refused(name: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        FAMILIES.get(name).choices(Signature(input_shape=shape, outputs=1))
    assert message in str(refused.value)
    assert str(shape[0]) in str(refused.value)


def test_the_built_in_preset_size_has_three_levels() -> None:
    levels = next(
        choice
        for choice in FAMILIES.get("fast_u").choices(Signature(input_shape=(48, 64, 3), outputs=1))
        if choice.name == "levels"
    )
    assert levels.values == (2, 3)
