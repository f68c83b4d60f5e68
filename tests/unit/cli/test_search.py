"""`edge-nas search` as far as it gets without training."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edge_nas.cli.main import run
from edge_nas.cli.search import seconds_of
from edge_nas.errors import ConfigError
from edge_nas.results.front import Front
from edge_nas.search.space import Candidate, whole

SMALL = ["data.input_shape=[16,16,3]", *(f"data.terrain.{split}_images=4" for split in ("train", "val", "test"))]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90.0), ("20m", 1200.0), ("1.5h", 5400.0)])
def test_times(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["20", "m", "-5m", "0m", "1d", "20 m", "nan"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ConfigError, match="allowed: a number above 0 with s, m or h"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "name a board with --board NAME"),
        (["--board", "all", "--board", "nrf52840"], "--board all means every board"),
        (["--board", "nrf52841"], "nrf52840"),
        (["--board", "host"], "its core runs no generated C that is counted"),
        (["--board", "nrf52840", "--latency-ms", "0"], "--latency-ms is 0"),
        (["--board", "nrf52840", "--time", "never"], "--time is 'never'"),
        (["--board", "nrf52840", "--executor", "cloud"], "--executor is 'cloud'"),
        (["--board", "nrf52840", "train.epochs=0"], "train.epochs is 0"),
        (["--board", "nrf52840", "search.families=[ds_cnn]"], "family ds_cnn answers for a sample"),
        (["--board", "nrf52840", "search.families=[fast_v]"], "unknown family 'fast_v'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_mistakes_are_told(words: list[str], told: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", *words, *SMALL]) == 2
    assert told in capsys.readouterr().err
    assert not (place / "runs/nano_u_48x64/search/front.json").exists()


class _Cost(NamedTuple):
    """A network costs what its stem is wide, and something."""

    instructions: int
    flash_bytes: int
    ram_bytes: int = 1


def _costs(candidate: Candidate) -> _Cost:
    return _Cost(1000 * whole(candidate.values, "stem"), 200 + whole(candidate.values, "width_1"))


@pytest.mark.usefixtures("place")
def test_a_limit_out_of_reach_says_which_and_the_least(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("edge_nas.search.candidates.predicted_on", lambda core, scheme, own: _costs)
    limits = ["--instructions", "1000", "--flash-bytes", "100"]
    assert run(["search", "--board", "nrf52840", *limits, "--quiet", *SMALL]) == 2
    said = capsys.readouterr().err
    assert "no network of family fast_u keeps the limits on nrf52840" in said
    assert "instructions may be 1,000 (asked for), the least reachable is 4,000" in said
    assert "flash_bytes may be 100 (asked for), the least reachable is 208" in said


def test_the_front_is_printed(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    network: dict[str, Any] = {
        "id": 1, "board": "nrf52840", "score": 0.9, "instructions": 1234567, "flash_bytes": 2048, "ram_bytes": 1024,
        "model": "search/networks/1/model.tflite",
    }  # fmt: skip
    front = Front.from_data({"networks": [network]})
    monkeypatch.setattr("edge_nas.search.command.run_search", lambda *arguments: front)
    assert run(["search", "--board", "nrf52840", "--run", str(place / "mine"), *SMALL]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("0.900", "1,234,567", "2.0 KiB", f"--from-search {place}/mine/1"))


def test_a_search_that_is_not_there_cannot_be_built_from(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "--from-search", "runs"]) == 2
    assert "allowed: RUN/ID" in capsys.readouterr().err
    assert run(["build", "--from-search", f"{place}/1"]) == 3
    assert "no search has ended there" in capsys.readouterr().err
    assert run(["build", "nano_u_48x64", "--from-search", "runs/x/1"]) == 2
    assert "brings its own configuration" in capsys.readouterr().err
