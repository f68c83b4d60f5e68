"""How much a search tries, and of what."""

from typing import Annotated, Literal

from pydantic import Field

from edge_nas.core.config.ranges import Count, Positive
from edge_nas.core.frozen import Frozen


class SearchSpec(Frozen):
    """The search for networks within the limits of a board, `edge-nas search`; a build does not look at it.

    Networks are trained as `train` says, on ever longer rungs up to its epochs, and become int8 and C as `quantize`,
    `compile` and `verify` say. With --time the first two numbers are planned.
    """

    beginners: Positive = Field(default=24, description="candidates within the limits that are trained")
    finalists: Positive = Field(default=12, description="most trained networks that become firmware and are counted")
    narrowed: Count = Field(
        default=8,
        description="networks that are made of the best ones by narrowing them in closed form, as `prune` says, evenly "
        "by logarithm down to a tenth, the lower half of what the upper one came to as well; where the best are over a "
        "limit, half of them take what that allows, and of eight or more a quarter asks the better of those once more, "
        "so that the mean of two seeds decides; they are finished beside the others",
    )
    oversize: Annotated[float, Field(ge=1, allow_inf_nan=False)] = Field(
        default=4.0,
        description="how many times the instructions or the latency of the limit a network may take that is trained to "
        "be narrowed; without `narrowed` none is over the limit",
    )
    draws: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=4000, description="most candidates of a family whose costs are predicted, for each board"
    )
    brain: Literal["random", "evolution", "tpe"] = Field(
        default="evolution",
        description="what proposes the second half of the candidates: even draws (random), mutants of the best so far "
        "(evolution), or Optuna's sampler (tpe)",
    )
    families: tuple[str, ...] = Field(
        default=(),
        description="families of networks that are drawn from, own_model among them, the network that `model` names; "
        "allowed: fast_u, inverted_residual, ds_cnn, signal_cnn, own_model, and those of other packages; none named: "
        "all that suit data and task, and own_model where `model` names a file or function",
    )
