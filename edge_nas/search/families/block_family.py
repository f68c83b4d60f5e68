"""Families whose networks are made of blocks: one description gives the Keras network and its int8 sketch."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from edge_nas.core.choices import Scheme
from edge_nas.int8.graph import Int8Graph
from edge_nas.search.families.blocks import Blocks, T
from edge_nas.search.families.sketch_blocks import SketchBlocks
from edge_nas.search.space import Candidate, Family

if TYPE_CHECKING:
    import tf_keras


class BlockFamily(Family):
    """A family whose networks are made of blocks."""

    @abstractmethod
    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns the output of a candidate's network, made with `blocks`; the candidate is one of the family's."""

    def network(self, candidate: Candidate) -> "tf_keras.Model":
        """Returns the untrained flat network, which ends in logits or values."""
        import tf_keras

        from edge_nas.search.families.keras_blocks import KerasBlocks

        self.check(candidate)
        blocks: Blocks[Any] = KerasBlocks(candidate.signature.input_shape)
        return tf_keras.Model(blocks.input, self.build(candidate, blocks))

    def sketch(self, candidate: Candidate, scheme: Scheme) -> Int8Graph:
        """Returns the int8 network that the trained one becomes, of random weights; imports no TensorFlow."""
        self.check(candidate)
        blocks = SketchBlocks(candidate.signature.input_shape, scheme)
        return blocks.graph(self.build(candidate, blocks), source=f"candidate {candidate.key}")
