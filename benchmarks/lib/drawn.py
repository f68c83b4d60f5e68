"""Candidates of a search whose cost is not known on a core, and what is missing."""

import random
from collections import Counter
from collections.abc import Sequence

from edge_nas.codegen.compile import plan_network
from edge_nas.costs import CostUnknownError, cost_of_plan
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.search.space import FAMILIES, Signature

SIGNATURES = {
    "fast_u": Signature(input_shape=(48, 64, 3), outputs=1),
    "inverted_residual": Signature(input_shape=(48, 48, 3), outputs=10),
    "ds_cnn": Signature(input_shape=(49, 10), outputs=12),
    "signal_cnn": Signature(input_shape=(128, 6), outputs=6),
}


def unknown_costs(draws: int, cores: Sequence[str], seed: int = 0) -> tuple[int, Counter[str]]:
    """Returns how many costs were asked for, and how often which reason was given for one that is not known.

    Args:
        draws: candidates of each family.
        cores: each candidate is asked for on each.
        seed: of the candidates.
    """
    asked, reasons = 0, Counter[str]()
    for name, signature in SIGNATURES.items():
        family, generator = FAMILIES.get(name), random.Random(seed)
        for _ in range(draws):
            plan = plan_network(Int8Interpreter(family.sketch(family.draw(signature, generator), "qat"))).plan
            for core in cores:
                asked += 1
                try:
                    cost_of_plan(plan, core)
                except CostUnknownError as error:
                    reasons[f"{name}: {error}"] += 1
    return asked, reasons
