"""Writes the tables of benchmarks/README.md from benchmarks/results, between the markers that bear their names.

    python -m benchmarks.readme

Nothing is measured. A test fails while the page does not hold what this would write.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.lib.results import read_results, read_rows
from benchmarks.tables.accuracy import accuracy_table
from benchmarks.tables.batchnorm import batchnorm_table
from benchmarks.tables.cost import overhead_table
from benchmarks.tables.costs import costs_table
from benchmarks.tables.cycles import paces_table, published_table
from benchmarks.tables.decov import decov_differences, decov_table
from benchmarks.tables.fine_tuning import fine_tuning_table
from benchmarks.tables.first_hour import first_hour_table
from benchmarks.tables.instructions_per_mac import instructions_table
from benchmarks.tables.mcu import Line, Row, mcu_table, measured_lines, recorded_lines
from benchmarks.tables.movement import movement_table
from benchmarks.tables.narrowing import narrowing_table
from benchmarks.tables.outside_networks import outside_table
from benchmarks.tables.parity import parity_table
from benchmarks.tables.peers import peers_table
from benchmarks.tables.pruning import budget_table, criteria_table, ratio_table
from benchmarks.tables.quantization import quantization_table
from benchmarks.tables.search import search_table
from benchmarks.tables.search_ablation import ablation_table
from benchmarks.tables.search_boards import boards_table
from edge_nas.core.atomic import write_text

PAGE = Path(__file__).with_name("README.md")
_BLOCK = re.compile(
    r"(?P<begin><!-- table (?P<name>\w+): made by python -m benchmarks\.readme -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)

# The networks of results/mcu.json in the order of the page; cores of which the page shows the generated C for speed and
# for size. All cores are shown of one network, and the size of those in which it saves a good deal or costs some speed.
_TWO_CORES = ("cortex-m4", "cortex-m55")
_FIVE_CORES = ("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m55", "rv32imac")
_ALL_CORES = ("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imac")
_MCU: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nano_u_TinyAgri": (_ALL_CORES, _TWO_CORES),
    "nano_u_BotanicGarden": (_TWO_CORES, ()),
    "default_48x64": (_FIVE_CORES, ()),
    "kws_ref_model": (_FIVE_CORES, _TWO_CORES),
    "ad01_int8": (_FIVE_CORES, ()),
    "pretrainedResnet_quant": (_FIVE_CORES, ()),
    "vww_96_int8": (_FIVE_CORES, _TWO_CORES),
    "tflm_person_detect": (_FIVE_CORES, ()),
}
_FINE_TUNED = ("31k", "31k uniform", "31k Torch-Pruning", "8k")
_MCU_NAMES = {"default_48x64": "Nano_U 48x64", "tflm_person_detect": "person_detect"}


def main() -> None:
    """Rewrites the page's tables."""
    write_text(PAGE, page(PAGE.read_text(encoding="utf-8")))


def page(text: str) -> str:
    """Returns the page with the tables that results make.

    Raises:
        KeyError: a marker names no table.
    """
    return _BLOCK.sub(lambda block: f"{block['begin']}{TABLES[block['name']]()}\n{block['end']}", text)


def table_names(text: str) -> list[str]:
    """Returns the names in the markers of a page, in their order."""
    return [block["name"] for block in _BLOCK.finditer(text)]


def _accuracy(name: str) -> str:
    return accuracy_table(read_rows(name))


def _parity(network: str) -> str:
    return parity_table(read_results("parity")["networks"][network])


def _by_network(benchmark: str) -> dict[str, Any]:
    return {"Nano_U": read_results(f"{benchmark}_nano_u"), "Fast_U": read_results(f"{benchmark}_fast_u")}


def _mcu() -> str:
    return mcu_table(_mcu_lines())


def _mcu_lines() -> Iterator[Line]:
    fast, small = _rows_by_network("mcu"), _rows_by_network("mcu_size")
    for network, (speed_cores, size_cores) in _MCU.items():
        name = _MCU_NAMES.get(network, network)
        yield from recorded_lines(fast[network], name, speed_cores)
        yield from measured_lines(fast[network], name, speed_cores)
        if size_cores:
            yield from measured_lines(small[network], name, size_cores)


def _rows_by_network(name: str) -> dict[str, Row]:
    return {Path(row["model"]).stem: row for row in read_rows(name)}


TABLES: dict[str, Callable[[], str]] = {
    "camvid_road": partial(_accuracy, "camvid_road"),
    "batchnorm": lambda: batchnorm_table(read_rows("batchnorm")),
    "camvid_road_grouped": partial(_accuracy, "camvid_road_grouped"),
    "carrot_veg": partial(_accuracy, "carrot_veg"),
    "camvid_road_fast_u": partial(_accuracy, "camvid_road_fast_u"),
    "camvid_road_fast_u_grouped": partial(_accuracy, "camvid_road_fast_u_grouped"),
    "search": lambda: search_table(read_rows("search")),
    "search_boards": lambda: boards_table(read_rows("search_boards")),
    "search_ablation": lambda: ablation_table(read_rows("search_ablation")),
    "search_carrot_veg": lambda: search_table(read_rows("search_carrot_veg")),
    "search_carrot_classes": lambda: search_table(read_rows("search_carrot_classes")),
    "search_motion": lambda: search_table(read_rows("search_motion")),
    "narrowing": lambda: narrowing_table(read_rows("narrowing")),
    "terrain_48x64": partial(_accuracy, "terrain_48x64"),
    "nano_u_48x64": partial(_accuracy, "nano_u_48x64"),
    "decov_nano_u": lambda: decov_table(read_rows("decov_nano_u")),
    "decov_nano_u_differences": lambda: decov_differences(read_rows("decov_nano_u")),
    "decov_fast_u": lambda: decov_table(read_rows("decov_fast_u")),
    "decov_fast_u_differences": lambda: decov_differences(read_rows("decov_fast_u")),
    "overhead": lambda: overhead_table(_by_network("decov_cost"), _by_network("monitor_cost")),
    "unet_camvid": lambda: ratio_table(read_rows("unet_camvid")),
    "unet_camvid_criteria": lambda: criteria_table(read_rows("unet_camvid_criteria")),
    "unet_camvid_budgets": lambda: budget_table(read_rows("unet_camvid_budgets")),
    "unet_camvid_fine_tuning": lambda: fine_tuning_table(read_rows("unet_camvid_fine_tuning"), _FINE_TUNED),
    "quantization": lambda: quantization_table(read_rows("quantization")),
    "parity_nano_u": partial(_parity, "camvid_road"),
    "parity_fast_u": partial(_parity, "camvid_road_fast_u"),
    "outside_networks": lambda: outside_table(read_rows("outside_networks")),
    "mcu": _mcu,
    "costs": lambda: costs_table(read_rows("costs")),
    "cycles": lambda: paces_table(read_rows("cycles")),
    "published": published_table,
    "movement": lambda: movement_table(read_rows("movement")),
    "instructions_per_mac": lambda: instructions_table(read_rows("instructions_per_mac")),
    "peers": lambda: peers_table(read_rows("peers")),
    "first_hour": lambda: first_hour_table(read_rows("first_hour")),
}
"""Name in a marker -> the table."""


if __name__ == "__main__":
    main()
