"""The user's own model as a family: its channel groups at other widths, its residual blocks kept or left out.

own = OwnModel(config.model, dataset.task, config.prune)
candidate = own.draw(signature_of(dataset), random.Random(0))

It is not in `FAMILIES`, for it belongs to one configuration; `family_named` finds it beside those.
"""

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_nas.core.config import BuildConfig, ModelSpec, PruneSpec, Scheme
from edge_nas.core.modelnames import file_hashes, is_outside
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError, ConfigError
from edge_nas.search.space import FAMILIES, Candidate, Choice, Decision, Family, Signature
from edge_nas.search.worker import UnreadInputError
from edge_nas.tasks import Task

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.graph.channels import ChannelGraph, ChannelGroup
    from edge_nas.graph.residuals import ResidualBlock
    from edge_nas.int8.graph import Int8Graph

OWN_MODEL = "own_model"

_SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0)
"""Of a group's channels that can stay: steps of a third to a seventh, as fine as trainings tell apart."""
_DEVIATION = 0.15
"""Of the shares of a candidate's groups around one that all share: costs then reach from the least to the whole, where
shares drawn each for itself would all come to the same cost."""
_BLOCK, _WIDTH = "block_", "width_"
"""Before their places in the forward pass: names of layers that nobody named differ from process to process."""


@dataclass(frozen=True)
class _Whole:
    """The model as it came, flat; its groups and blocks by the names of their choices."""

    network: "tf_keras.Model"
    graph: "ChannelGraph"
    groups: Mapping[str, "ChannelGroup"]
    blocks: Mapping[str, "ResidualBlock"]

    def indices(self, candidate: Candidate) -> dict[str, tuple[int, ...]]:
        """Returns per group name the channels that a candidate keeps: those with the greatest weights (L1)."""
        from edge_nas.pruning.criteria import eliminations
        from edge_nas.pruning.evidence import Evidence
        from edge_nas.pruning.widths import kept_indices

        # It looks at weights alone, so that there need be no inputs.
        orders = eliminations(Evidence(self.network, self.graph, []), "l1")  # type: ignore[arg-type]
        return kept_indices(self.graph, orders, self.widths(candidate))

    def widths(self, candidate: Candidate) -> dict[str, int]:
        """Returns per group name how many channels a candidate keeps; inside of blocks that are left out, all."""
        decided = candidate.values
        return {group.name: int(decided.get(name, group.channels)) for name, group in self.groups.items()}

    def left_out(self, candidate: Candidate) -> tuple["ResidualBlock", ...]:
        """Returns the blocks that a candidate does without."""
        return tuple(block for name, block in self.blocks.items() if candidate.values[name] == 0)


class OwnModel(Family):
    """The model of a configuration, narrowed.

    Args:
        spec: what the model is called; a registered name, a file or a function.
        task: what its outputs have to answer.
        prune: which groups may be narrowed (`leave`), to which widths (`multiple`, `min_channels`), and whether blocks
            are left out (`drop_blocks`).
        files: the hashes of what is behind the model; None: as it is now.
    """

    name = OWN_MODEL
    widths = (_WIDTH,)

    def __init__(self, spec: ModelSpec, task: Task, prune: PruneSpec, files: Mapping[str, str] | None = None) -> None:
        self._spec, self._task, self._prune = spec, task, prune
        self._files = file_hashes(spec.sources) if files is None else files
        self._wholes: dict[Signature, _Whole] = {}

    def __reduce__(self) -> tuple[type["OwnModel"], tuple[Any, ...]]:
        """Workers open the model anew."""
        return OwnModel, (self._spec, self._task, self._prune, self._files)

    @property
    def per_pixel(self) -> bool:  # type: ignore[override]  # of the model, not of the class
        """Whether the model answers for every pixel."""
        return self._task.has_masks

    def recipe(self) -> dict[str, Any]:
        """Returns what decides what a candidate's network is: the model's settings and the files behind it."""
        allowed = self._prune.model_dump(mode="json", include={"leave", "multiple", "min_channels", "drop_blocks"})
        return {"model": self._spec.to_data(), "files": self._files, "prune": allowed}

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns a choice for each block and for each group's width; that of a group in a block needs the block.

        Raises:
            ConfigError: the model does not answer the task, or no group can be narrowed.
            EdgeNasError: it cannot be opened, or not flattened for these samples.
        """
        whole = self._whole(signature)
        from edge_nas.pruning.widths import allowed_width

        inside = {layer: name for name, block in whole.blocks.items() for layer in block.layers}
        made = [Choice(name, (0, 1)) for name in whole.blocks]
        for name, group in whole.groups.items():
            widths = sorted({allowed_width(group, share * group.channels, self._prune) for share in _SHARES})
            blocks = {inside.get(layer) for layer in (*group.writers, *group.ties)}
            block = blocks.pop() if len(blocks) == 1 else None
            made.append(Choice(name, tuple(widths), None if block is None else (block, 1)))
        if not any(len(choice.values) > 1 for choice in made):
            raise ConfigError(f"family {self.name}: no channel of {self._spec.name} can be removed, and no block")
        return tuple(made)

    def draw(self, signature: Signature, generator: random.Random) -> Candidate:
        """Returns a candidate whose groups are about as narrow as each other."""
        share = generator.uniform(_SHARES[0], 1.0)
        drawn: dict[str, Decision] = {}
        for choice in self.choices(signature):
            # Also of groups that the candidate turns out not to have: every draw takes as many numbers.
            near = min(max(generator.gauss(share, _DEVIATION), 0.0), 1.0)
            last = len(choice.values) - 1
            drawn[choice.name] = (
                int(generator.random() < share) if choice.name.startswith(_BLOCK) else choice.values[round(near * last)]
            )
        return self._decided(signature, drawn, None)

    def regular(self, signature: Signature, generator: random.Random) -> Candidate:
        """Returns a draw: its groups are alike."""
        return self.draw(signature, generator)

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns the model itself, all of it."""
        return (self._decided(signature, {each.name: each.values[-1] for each in self.choices(signature)}, None),)

    def network(self, candidate: Candidate) -> "tf_keras.Model":
        """Returns the narrowed flat network; the weights of a file stay, those of the channels that do."""
        load_tensorflow()
        from edge_nas.graph.residuals import residual_blocks, without_blocks
        from edge_nas.graph.surgery import narrow

        self.check(candidate)
        # Not what was opened before: a function gives new weights each time.
        whole = self._opened(candidate.signature)
        narrowed = narrow(whole.network, whole.graph, whole.indices(candidate))
        left_out = {block.name for block in whole.left_out(candidate)}
        return without_blocks(narrowed, [block for block in residual_blocks(narrowed) if block.name in left_out])

    def sketch(self, candidate: Candidate, scheme: Scheme) -> "Int8Graph":
        """Returns the int8 network that the trained one becomes, of random weights.

        Args:
            candidate: one of the family's.
            scheme: how the network is going to be quantized.

        Raises:
            ConfigError: a layer whose operator is not known.
        """
        whole = self._whole(candidate.signature)
        from edge_nas.graph.groups import channel_graph
        from edge_nas.graph.residuals import without_blocks
        from edge_nas.graph.sketching import sketch_of

        widths, left_out = whole.widths(candidate), whole.left_out(candidate)
        if not left_out:
            return sketch_of(whole.network, whole.graph, widths, scheme)
        smaller = without_blocks(whole.network, left_out)
        graph = channel_graph(smaller)
        # A group can be called after a layer of a block that is gone.
        of_writer = {writer: widths[group.name] for group in whole.groups.values() for writer in group.writers}
        kept = {group.name: of_writer[group.writers[0]] for group in graph.free if group.writers[0] in of_writer}
        return sketch_of(smaller, graph, kept, scheme)

    def _whole(self, signature: Signature) -> _Whole:
        """Returns the model, opened once."""
        if signature not in self._wholes:
            self._wholes[signature] = self._opened(signature)
        return self._wholes[signature]

    def _opened(self, signature: Signature) -> _Whole:
        """Returns the model.

        Raises:
            UnreadInputError: it is not what the search began with, or cannot be read where it is wanted.
        """
        self._require_unchanged()
        load_tensorflow()
        from edge_nas.graph.groups import channel_graph
        from edge_nas.graph.residuals import residual_blocks
        from edge_nas.training.untrained import flat_network

        network = flat_network(self._spec, signature.input_shape, self._task).flat
        graph = channel_graph(network).leaving(self._prune.leave)
        blocks = residual_blocks(network) if self._prune.drop_blocks else ()
        return _Whole(
            network,
            graph,
            {f"{_WIDTH}{place}": group for place, group in enumerate(graph.free, 1)},
            {f"{_BLOCK}{place}": block for place, block in enumerate(blocks, 1)},
        )

    def _require_unchanged(self) -> None:
        try:
            files = file_hashes(self._spec.sources)
        except ArtifactError as error:
            raise UnreadInputError(str(error)) from error
        for name, digest in self._files.items():
            if files.get(name) != digest:
                raise UnreadInputError(
                    f"{name} is not what the search began with, on {socket.gethostname()}: it was changed while the "
                    "search went on, or this machine has another one; begin a new search, or put it back"
                )


def own_model(config: BuildConfig, task: Task) -> OwnModel | None:
    """Returns the family of a configuration's model; None where none is named with `search.families`.

    Where it names none, a model that is not one of ours is meant: nobody gives a file for nothing.
    """
    families = config.search.families
    asked = OWN_MODEL in families or (not families and is_outside(config.model.name))
    return OwnModel(config.model, task, config.prune) if asked else None


def family_named(name: str, own: OwnModel | None) -> Family:
    """Returns a family of `FAMILIES`, or the user's own model.

    Raises:
        ConfigError: there is none of that name.
    """
    if own is not None and name == own.name:
        return own
    return FAMILIES.get(name)
