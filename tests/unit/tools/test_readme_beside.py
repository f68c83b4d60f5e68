from tools.readme_beside import ROOT, SHOWN, beside, with_table


def test_the_readmes_table_is_that_of_the_results() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(readme) == readme, "run: python -m tools.readme_beside"
    assert beside().strip() in readme


def test_every_network_is_faster_here() -> None:
    assert beside().count("times fewer") == len(SHOWN)
    assert " 0." not in beside()
