"""Which network is trained."""

from typing import Any

from pydantic import Field

from edge_nas.core.frozen import Frozen


class ModelSpec(Frozen):
    """A model: registered, in a file, or made by a function of the user's.

    A model from a file keeps its weights: training goes on from there.
    """

    name: str = Field(
        default="nano_u", description="a registered model, a .npz, .keras or .h5 file, a run folder, or module:function"
    )
    arguments: dict[str, Any] = Field(
        default={}, description="keyword arguments of a registered model or of module:function; a file takes none"
    )
    custom_objects: tuple[str, ...] = Field(default=(), description="module:Class each, which a Keras file may name")
    trust: bool = Field(default=False, description="run code that came with the file, such as Lambda layers")

    @property
    def sources(self) -> tuple[str, ...]:
        """All names behind which files may stand."""
        return (self.name, *self.custom_objects)
