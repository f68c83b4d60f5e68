"""What a candidate's C costs on a core, from its untrained network: random weights cost what trained ones do.

Kernels without a branch that depends on codes make it so; the prediction is that of `edge_nas.costs`.
"""

from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.results.costs import PredictedCost
from edge_nas.search.sieve import CostOf
from edge_nas.search.space import FAMILIES, Candidate


def predicted_on(core: str) -> CostOf:
    """Returns what predicts costs on a core.

    Args:
        core: such as "cortex-m4", one of `edge_nas.costs.known_cores`.

    Raises:
        ConfigError: when asked, a layer or a kernel was never counted on the core: a cost is never guessed.
    """

    def cost_of(candidate: Candidate) -> PredictedCost:
        load_tensorflow()
        import tf_keras

        from edge_nas.costs import predict_cost
        from edge_nas.graph.groups import channel_graph
        from edge_nas.graph.sketching import sketch_of

        # Thousands are costed in one process: names and graphs of those before would pile up.
        tf_keras.backend.clear_session()
        network = FAMILIES.get(candidate.family).network(candidate)
        return predict_cost(sketch_of(network, channel_graph(network), {}), core, source=f"candidate {candidate.key}")

    return cost_of
