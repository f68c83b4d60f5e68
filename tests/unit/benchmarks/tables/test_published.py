from pathlib import Path

import pytest

from benchmarks.tables.cycles import published_table
from benchmarks.tables.published import (
    CMSIS_NN_ON_M4,
    CUBE_ON_M4,
    CUBE_ON_M7,
    NETWORKS,
    error_percent,
    fit_of,
    loop_pace,
    ratio_of,
    table_factor,
)
from edge_nas.boards import load_board
from edge_nas.core.hashing import sha256_bytes
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.reader import read_tflite


def test_cycles_follow_from_throughput_and_clock() -> None:
    assert CMSIS_NN_ON_M4.cycles["kws"] == pytest.approx(120e6 / 10.019)


def test_a_loop_of_24_instructions_takes_what_the_table_says() -> None:
    # Six loads beside each other take 7 cycles, each between others 2; the jump back takes 2 more.
    assert loop_pace("cortex-m4") == ((7 + 8 + 8 + 2 + 2) / 24, (12 + 8 + 8 + 2 + 2) / 24)


@pytest.mark.parametrize("name", ["stm32l4r5", "nrf52840", "stm32f746", "stm32h743"])
def test_what_boards_say_is_what_the_rows_say(name: str) -> None:
    board = load_board(name)
    assert board.cycle_model is not None
    fit, ratio = fit_of(CMSIS_NN_ON_M4), ratio_of(CUBE_ON_M7, CUBE_ON_M4)
    on_m7 = board.core == "cortex-m7"
    share = ratio.mean if on_m7 else 1.0
    assert board.cycle_model.table_factor == round(share * table_factor(fit, "cortex-m4"), 2)
    assert board.cycle_model.cycles_per_flash_byte == round(share * fit.cycles_per_flash_byte, 2)
    assert board.cycle_model.error_percent == round(error_percent(fit, "cortex-m4", *([ratio] if on_m7 else [])))


def test_every_row_is_within_the_error_of_the_fit() -> None:
    fit = fit_of(CMSIS_NN_ON_M4)
    assert fit.worst == pytest.approx(0.104, abs=0.001)
    assert all(abs(error) < 0.02 for error in fit.errors.values())
    assert published_table().count("\n") == 2 + 4 * 4 - 1


def test_the_weights_that_are_read_are_those_of_the_files(test_data: Path) -> None:
    folder = test_data / "models/mlperf_tiny"
    files = {sha256_bytes(path.read_bytes()): path for path in folder.glob("*.tflite")}
    for network in NETWORKS.values():
        data = files[network.sha256].read_bytes()
        layers = tflite_cost(read_tflite(data, "a published network"), len(data)).layers
        # Two pixels of a convolution share what is read.
        read = sum(layer.macs / 2 if layer.kind == "CONV_2D" else layer.macs for layer in layers)
        assert network.weight_bytes == read
