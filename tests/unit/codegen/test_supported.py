"""The page of supported operators."""

from pathlib import Path

from edge_nas.codegen.lowering import lowering_class
from edge_nas.codegen.supported import operators_page
from edge_nas.int8.operators import OPERATORS

DOCUMENT = Path(__file__).parents[3] / "docs" / "operators.md"


def test_the_page_is_current():
    # To write it anew: DOCUMENT.write_text(operators_page())
    assert DOCUMENT.read_text(encoding="utf-8") == operators_page()


def test_every_operator_of_the_interpreter_can_be_compiled_and_has_its_row():
    assert all(lowering_class(kind.parsed) for kind in OPERATORS.values())
    page = operators_page()
    for kind in OPERATORS:
        assert (
            sum(kind in row.split("|")[1].replace(" ", "").split(",") for row in page.splitlines() if "|" in row) == 1
        )
