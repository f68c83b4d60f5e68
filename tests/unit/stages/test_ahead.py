"""What is known of an untrained network; the rest is held in tests/unit/checks/test_network.py and of `train`."""

import pytest
import tf_keras

from edge_nas.boards import Fact, load_board
from edge_nas.core.config import BudgetSpec, CompileSpec, PruneSpec, QuantizeSpec
from edge_nas.int8.operators import OPERATORS
from edge_nas.stages.ahead import dry_run, unfit_warning


def test_a_network_that_cannot_fit_its_board_is_told_before_training() -> None:
    layers = tf_keras.layers
    image = layers.Input((8, 8, 3))
    network = tf_keras.Model(image, layers.Conv2D(1, 1)(layers.Conv2D(8, 3, padding="same")(image)))
    board = load_board("nrf52840")
    assert unfit_warning(network, PruneSpec(), QuantizeSpec(), CompileSpec(), board) is None
    small = board.model_copy(update={"sram_bytes": Fact(value=100, source="made for this test")})
    warning = unfit_warning(network, PruneSpec(), QuantizeSpec(), CompileSpec(), small)
    assert warning is not None
    assert "stage deploy will not take this network: the network cannot fit nrf52840" in warning
    assert unfit_warning(network, PruneSpec(budget=BudgetSpec(macs=0.5)), QuantizeSpec(), CompileSpec(), small) is None


def test_what_only_compile_refuses_is_a_warning_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that ends with the .tflite files has no need of C."""
    monkeypatch.delitem(OPERATORS, "REDUCE_MAX")  # as of an operator that nobody has written yet
    layers = tf_keras.layers
    image = layers.Input((8, 8, 3))
    network = tf_keras.Model(image, layers.Dense(2)(layers.GlobalMaxPooling2D()(layers.Conv2D(4, 3)(image))))
    warnings: list[str] = []
    dry_run(network, QuantizeSpec(), warnings.append)
    (warning,) = warnings
    assert "stage compile will not take this network" in warning
    assert "REDUCE_MAX" in warning
