"""One training of a candidate, as a value: what it depends on, and what came out.

A trial is a pure function of its description. So it may run anywhere and again, and a result that is known is taken.
"""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.search.space import Candidate


class Trial(Frozen):
    """What decides the outcome of a training.

    Attributes:
        candidate: the network.
        epochs: of training from untrained weights.
        recipe_sha256: of the settings of training and of the package's version.
        data_sha256: of the data set.
        seed: of weights, order and augmentation.
    """

    candidate: Candidate
    epochs: int = Field(ge=1)
    recipe_sha256: str
    data_sha256: str
    seed: int = Field(ge=0)

    @property
    def key(self) -> str:
        """The sha256 of its JSON."""
        return sha256_data(self.to_data())


class TrialResult(Frozen):
    """What came out of a trial; nothing that differs from one run to the next, such as a time.

    Attributes:
        key: of the trial.
        score: the primary score on val, 1 is perfect; None: there is none, and `reason` says why.
        weights_sha256: of the stored weights; None where there are none.
        reason: why there is no score.
    """

    key: str
    score: float | None = Field(allow_inf_nan=False)
    weights_sha256: str | None = None
    reason: str | None = None
