"""What this machine has of what the commands use, and what brings the rest."""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.answers import Answer


class Component(Frozen):
    """A part of what the commands use.

    Attributes:
        name: what it is.
        serves: what works with it and not without.
        found: versions by name of what is there of it.
        missing: names of what is not there.
        brings: the command that brings what is missing; None where nothing is.
    """

    name: str
    serves: str
    found: dict[str, str]
    missing: tuple[str, ...] = ()
    brings: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether nothing of it is missing."""
        return not self.missing


class Diagnosis(Answer):
    """What `edge-nas doctor` found.

    Attributes:
        edge_nas: version of this package.
        python: version of Python.
        system: operating system and processor architecture.
        cpus: processors that this process may use.
        memory_bytes: of the machine.
        free_bytes: of the disk under the current folder.
        components: in the order in which a newcomer needs them.
        cores: emulated core -> whether everything that it needs is there.
        next_command: what to do now.
    """

    edge_nas: str
    python: str
    system: str
    cpus: int = Field(ge=1)
    memory_bytes: int = Field(ge=0)
    free_bytes: int = Field(ge=0)
    components: tuple[Component, ...]
    cores: dict[str, bool]
    next_command: str
