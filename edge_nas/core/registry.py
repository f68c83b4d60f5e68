"""A registry: names to things, with errors that help."""

import difflib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from edge_nas.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """Names of one kind of thing. Others add theirs by the entry point group `edge_nas.<plural of kind>`."""

    def __init__(self, kind: str, group: str) -> None:
        self._kind = kind
        self._group = group
        self._known: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that adds its argument under `name`; a name can be taken once."""

        def add(thing: T) -> T:
            if name in self._known:
                raise ValueError(f"{self._kind} {name!r} is registered twice")
            self._known[name] = thing
            return thing

        return add

    def get(self, name: str) -> T:
        """Returns the thing called `name`.

        Raises:
            ConfigError: no such name; the message lists the known ones and the nearest.
        """
        self._load_entry_points()
        if name in self._known:
            return self._known[name]
        near = difflib.get_close_matches(name, self._known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"unknown {self._kind} {name!r}; known: {', '.join(sorted(self._known))}{hint}")

    def __iter__(self) -> Iterator[str]:
        self._load_entry_points()
        return iter(sorted(self._known))

    def _load_entry_points(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for point in entry_points(group=self._group):
            self.register(point.name)(point.load())
