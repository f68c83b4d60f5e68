import json
from pathlib import Path

from benchmarks.lib.resume import Row, rows_of

WANTED = [{"network": "a", "seed": 0}, {"network": "a", "seed": 1}]


def measure(what: Row) -> Row:
    return {"score": what["seed"] + 0.5}


def test_every_row_is_what_was_asked_for_and_what_was_measured() -> None:
    assert list(rows_of(WANTED, measure, None, {})) == [
        {"network": "a", "seed": 0, "score": 0.5},
        {"network": "a", "seed": 1, "score": 1.5},
    ]


def test_rows_of_the_file_are_not_made_again_and_stay_with_those_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    other = {"network": "b", "seed": 0, "score": 9.0}
    path.write_text(json.dumps({"rows": [other, {"network": "a", "seed": 1, "score": 7.0}]}))
    measured: list[Row] = []

    def noted(what: Row) -> Row:
        measured.append(what)
        return measure(what)

    rows = list(rows_of(WANTED, noted, path, {"machine": "mine"}))
    assert measured == [WANTED[0]]
    assert [row["score"] for row in rows] == [0.5, 7.0]
    stored = json.loads(path.read_text())
    assert stored["machine"] == "mine"
    assert [row["score"] for row in stored["rows"]] == [9.0, 7.0, 0.5]


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    rows = rows_of(WANTED, measure, path, {})
    next(rows)
    assert json.loads(path.read_text())["rows"] == [{"network": "a", "seed": 0, "score": 0.5}]
