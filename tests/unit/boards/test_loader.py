from pathlib import Path

import pytest

from edge_nas.boards.loader import board_names, load_board, parse_board
from edge_nas.core import strictyaml
from edge_nas.errors import ConfigError, InputError


def test_the_boards_are_those_promised() -> None:
    promised = {
        "rp2040",
        "nrf52840",
        "stm32l4r5",
        "stm32f746",
        "stm32h743",
        "corstone300",
        "esp32s3",
        "esp32c3",
        "host",
    }
    assert set(board_names()) == promised


def test_a_board_of_ones_own(tmp_path: Path) -> None:
    mine = load_board("nrf52840").to_data() | {"name": "mine", "title": "my board"}
    file = tmp_path / "mine.yaml"
    file.write_text(strictyaml.dump(mine))
    board = load_board(str(file))
    assert board.title == "my board"
    assert board.flash_bytes == load_board("nrf52840").flash_bytes
    assert "mine" not in board_names()


def test_an_unknown_board_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown board 'esp32s'; known: .*; did you mean 'esp32s3'"):
        load_board("esp32s")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.yaml: no such file; known boards: .*rp2040"):
        load_board(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clock_mhz:", "clock:", "unknown key 'clock'"),
        ("value: 64", "value: -64", "here:13: clock_mhz.value is -64; allowed: a whole number > 0"),
        ("runtime: c", "runtime: keras", 'here:5: runtime is "keras"; allowed: "c", "litert"'),
        ("alignment_bytes: 1", "alignment_bytes: 3", "alignment_bytes is 3"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, message: str) -> None:
    text = strictyaml.dump(load_board("nrf52840").to_data())
    assert old in text
    with pytest.raises(ConfigError, match=message):
        parse_board(text.replace(old, new), "here")
