"""Is a network better than a predictor that looks at no image?

Wrong labels, a learning rate that is too high or a single class in the training images give networks that run through
every stage, every byte proven, and say the same of each image.
"""

from collections.abc import Mapping

from edge_nas.errors import GateError
from edge_nas.results.result import ResultEvaluation
from edge_nas.results.scores import Scores

_WAY_OUT = "look at the overlays and the labels, train longer (train.epochs) or on more images"


def no_better_than_trivial(network: Scores, baselines: Mapping[str, Scores]) -> str | None:
    """Returns, as a sentence, that a network's primary score is not above that of every trivial predictor; None: it is.

    A score that is undefined, as of a class that neither occurs nor is predicted, is the worst there is.

    Args:
        network: what it scores.
        baselines: what the task's trivial predictors score on the same images, by name.
    """
    scores = {name: scores.primary for name, scores in baselines.items()}
    defined = {name: score for name, score in scores.items() if score is not None}
    if not defined:
        return None
    best = max(defined, key=lambda name: defined[name])
    if network.primary is not None and network.primary > defined[best]:
        return None
    seen = "undefined" if network.primary is None else f"{network.primary:.3f}"
    return f"{network.heading} is {seen}, and {best}, which looks at no image, has {defined[best]:.3f}"


def check_above_trivial(evaluation: ResultEvaluation) -> None:
    """Passes where the shipped network is better than every trivial predictor, or was not made.

    Raises:
        GateError: it is not.
    """
    if evaluation.int8 is None or evaluation.baselines is None:
        return
    finding = no_better_than_trivial(evaluation.int8, evaluation.baselines)
    if finding is not None:
        raise GateError(
            f"the shipped network has learnt nothing: its {finding} (on {evaluation.split}). All files and the report "
            f"are written; {_WAY_OUT}. gates.trivial=false lets such a network pass"
        )
