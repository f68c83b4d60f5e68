from typing import Any

from edge_nas.reporting.material import Material
from edge_nas.reporting.modelcard import cell, model_card


def test_the_card_tells_what_the_build_measured(material: Material) -> None:
    card = model_card(material)
    assert card.startswith(
        "# tiny\n\nA network for binary segmentation: nano_u, pruned and int8, for images of 8 x 8 x 3"
    )
    assert "| SRAM, bytes | 20,644 of 655,360 |" in card
    assert "| **int8** | 0.870 |" in card
    assert "| mean mask | 0.600 |" in card
    assert "standard error" not in card
    assert "{{" not in card


def test_the_spread_is_told_where_it_is_known(material: Material, changed: Any) -> None:
    evaluation = material.quantize.evaluation
    reported = evaluation.reported.model_copy(update={"left_out": (0.86, 0.88, 0.87)})
    spread = changed(material, "quantize", evaluation=evaluation.model_copy(update={"reported": reported}))
    assert "The standard error of mIoU over the images is 0.012" in model_card(spread)


def test_text_stays_in_its_cell() -> None:
    assert cell("a | b\n<script>") == "a \\| b &lt;script>"
