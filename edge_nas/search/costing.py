"""What a candidate's C costs on a core, from a sketch of its network: random weights cost what trained ones do.

Kernels without a branch that depends on codes make it so; the prediction is that of `edge_nas.costs`.
"""

from edge_nas.codegen.compile import plan_network
from edge_nas.core.choices import Scheme
from edge_nas.costs import cost_of_plan
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.results.costs import PredictedCost
from edge_nas.search.families.own_model import OwnModel, family_named
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import Candidate


def predicted_on(core: str, scheme: Scheme, own: OwnModel | None = None) -> CostOf:
    """Returns what predicts costs on a core.

    Args:
        core: such as "cortex-m4", one of `edge_nas.costs.known_cores`.
        scheme: how networks are going to be quantized.
        own: the user's own model, where it is searched.

    Raises:
        ConfigError: when asked, a layer or a kernel was never counted on the core: a cost is never guessed.
    """

    def cost_of(candidate: Candidate) -> PredictedCost:
        sketch = family_named(candidate.family, own).sketch(candidate, scheme)
        return cost_of_plan(plan_network(Int8Interpreter(sketch)).plan, core)

    return cost_of
