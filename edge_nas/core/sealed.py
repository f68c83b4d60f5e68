"""Records that notice when a single bit of their file was changed.

A record holds the hash of everything else that it holds, and its file has to be, byte for byte, the text that the
record is written as: so that `1e-05` cannot become `1E-05`, nor a space a tab, without a word. It is a seal against
damage and slips, not against somebody who makes a record of his own.
"""

from pathlib import Path
from typing import Self

from edge_nas.core.atomic import json_bytes
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data


class Sealed(Frozen):
    """A frozen value with the hash of all its other fields; `sealed` puts it in, `read` checks it."""

    seal: str = ""

    def sealed(self) -> Self:
        """Returns the same value with its seal."""
        return self.model_copy(update={"seal": self._expected_seal()})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Returns the value stored at `path`.

        Raises:
            OSError: the file is missing or cannot be read.
            ValueError: it is no record of this kind (a pydantic.ValidationError), or not the one that was written.
        """
        content = path.read_bytes()
        value = cls.model_validate_json(content, strict=True)
        if value.seal != value._expected_seal() or json_bytes(value.to_data()) != content:
            raise ValueError("it is not what was written: its seal is broken")
        return value

    def _expected_seal(self) -> str:
        return sha256_data({name: value for name, value in self.to_data().items() if name != "seal"})
