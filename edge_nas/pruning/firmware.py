"""What the generated C of a network takes on a core, at other widths of its channel groups."""

from collections.abc import Mapping

import tf_keras

from edge_nas.boards import board_names, load_board
from edge_nas.codegen.compile import plan_network
from edge_nas.core.config import Scheme
from edge_nas.costs import cost_of_plan, known_cores
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.sketching import sketch_of
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.interpreter import Int8Interpreter


class FirmwareCost:
    """The cost of the C as a function of how many channels each group keeps; what was asked once is kept.

    Args:
        model: flat network.
        graph: its channel graph.
        core: a core whose costs are known, or a board that has one.
        scheme: how the network is going to be quantized.

    Raises:
        ConfigError: it is neither.
    """

    def __init__(self, model: tf_keras.Model, graph: ChannelGraph, core: str, scheme: Scheme) -> None:
        self._model, self._graph, self._core, self._scheme = model, graph, _core(core), scheme
        self._figures: dict[tuple[tuple[str, int], ...], dict[str, int]] = {}

    def figures(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Returns what a budget can limit, by the name of the setting.

        Args:
            counts: per group name how many channels are kept; of groups that are absent, all.

        Raises:
            ConfigError: what a layer or a kernel takes is not known.
        """
        key = tuple(sorted(counts.items()))
        if key not in self._figures:
            cost = cost_of_plan(plan_network(Int8Interpreter(self._sketch(counts))).plan, self._core)
            self._figures[key] = {
                "instructions": cost.instructions,
                "firmware_flash_bytes": cost.flash_bytes,
                "firmware_ram_bytes": cost.ram_bytes,
            }
        return self._figures[key]

    def _sketch(self, counts: Mapping[str, int]) -> Int8Graph:
        try:
            return sketch_of(self._model, self._graph, counts, self._scheme)
        except ConfigError as error:  # the network can be built all the same; it is this limit that nobody can keep
            raise ConfigError(f"{error}; set a budget of macs, params, flash_bytes or peak_ram_bytes") from error


def _core(name: str) -> str:
    if name in known_cores():
        return name
    if name in board_names():
        core = load_board(name).emulated_core
        if core in known_cores():
            return str(core)
    raise ConfigError(
        f"prune.budget.core is {name!r}; cores whose costs are known are {', '.join(known_cores())}, and boards that "
        "have one can be named as well (edge-nas boards)"
    )
