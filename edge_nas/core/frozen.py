"""The base of all types that flow between stages: immutable, strict, JSON in and out."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value; unknown fields are refused, so that a file from another version is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Returns the value held by plain JSON data; strict: "3" is not a number, 1 is not a bool.

        Raises:
            pydantic.ValidationError: a field is missing, unknown, of another type or out of range.
        """
        return cls.model_validate(data)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Returns the value stored as JSON at `path`."""
        return cls.model_validate_json(path.read_bytes())

    def to_data(self) -> dict[str, Any]:
        """Returns plain JSON data: dicts, lists, strings, numbers, None."""
        return self.model_dump(mode="json")
