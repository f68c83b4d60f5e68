"""Windows as C."""

from edge_nas.codegen.program import WHOLE, RowWindow
from edge_nas.codegen.runloop import needed_rows


def test_windows_as_c_count_what_python_counts():
    for window in (
        RowWindow(),
        RowWindow(1, 1, -1, 3),
        RowWindow(2, 1, 0, 3),
        RowWindow(3, 1, -2, 5),
        RowWindow(1, 2, -1, 2),
        RowWindow(1, 3, 0, 1),
        WHOLE,
    ):
        for rows in (1, 4, 9):
            for run in range(12):
                text = needed_rows(window, "n", rows).replace("/", "//")
                assert eval(text, {"n": run, "edge_min": min}) == window.needed(run + 1, rows)
