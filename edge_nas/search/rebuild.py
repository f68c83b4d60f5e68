"""A network that a search found, as the configuration of a build: `edge-nas build --from-search runs/NAME/3`.

The build takes the weights as the search trained them, so that its own training has no epochs and nothing is pruned;
from there it is the whole line. Its data has to be that of the search.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from edge_nas.core.config import BuildConfig, DataSpec
from edge_nas.core.configfile import load_config
from edge_nas.errors import ArtifactError, ConfigError, DataError, InputError
from edge_nas.results.search import SearchStory
from edge_nas.runs.access import refuse_links
from edge_nas.runs.names import SEARCH
from edge_nas.search.publishing import NETWORKS, STORY, TRAINED
from edge_nas.search.whole import CONFIG

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

_PLACE = re.compile(r"(.+)/([1-9]\d*)/?")


@dataclass(frozen=True)
class FoundNetwork:
    """A network of a front: its build, and the hash of the data that it was found on."""

    config: BuildConfig
    dataset_sha256: str

    def load(self, spec: DataSpec, task: str) -> "Dataset":
        """Returns the data of the build.

        Raises:
            DataError: it is not what the search trained on.
        """
        from edge_nas.data.loader import load_dataset

        dataset = load_dataset(spec, task)
        if dataset.sha256 != self.dataset_sha256:
            raise DataError(f"{spec.place}: this is not the data that the search trained on; search again")
        return dataset


def found_network(named: str, overrides: Iterable[str], *, trust: bool) -> FoundNetwork:
    """Returns the build of a network of a search.

    Args:
        named: RUN/ID, such as runs/camvid/3.
        overrides: settings of the build, which win over those of the search.
        trust: code that the search's configuration names may run.

    Raises:
        ConfigError: it is not RUN/ID, or no network has the id; says which there are.
        InputError: there is no search.
        ArtifactError: its story cannot be read.
        UnsafeError: as `load_config`.
    """
    match = _PLACE.fullmatch(named)
    if match is None:
        raise ConfigError(f"--from-search is {named!r}; allowed: RUN/ID, such as runs/camvid/3")
    run, number = Path(match[1]), int(match[2])
    refuse_links(run)
    story = _story(run / SEARCH / STORY)
    try:
        board = story.board_of(number)
    except KeyError:
        ids = sorted(placement.id for placement in story.placements if placement.id is not None)
        raise ConfigError(
            f"--from-search {named}: the search in {run} has no network {number}; it has {', '.join(map(str, ids))}"
        ) from None
    model = run / SEARCH / NETWORKS / str(number) / TRAINED
    fixed = {
        "name": f"{story.name}-{number}",
        "model.name": str(model),
        "model.arguments": {},
        "train.epochs": 0,
        "prune.ratio": 0,
        "prune.budget": None,
        "prune.sparsity": None,
        "deploy.board": board.named,
    }
    settings = [f"{key}={json.dumps(value)}" for key, value in fixed.items()]
    config = load_config(str(run / SEARCH / CONFIG), [*settings, *overrides], trust=trust)
    return FoundNetwork(config, story.dataset_sha256)


def _story(path: Path) -> SearchStory:
    try:
        return SearchStory.read(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no search has ended there; begin or end one with edge-nas search --run") from None
    except (OSError, ValidationError) as error:
        raise ArtifactError(f"{path}: not the story of a search: {str(error).splitlines()[0]}; search again") from None
