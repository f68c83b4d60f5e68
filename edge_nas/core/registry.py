"""A registry: names to things of one kind, the built-in ones and those that others add, with errors that help.

CRITERIA: Registry[Criterion] = Registry("criterion", "edge_nas.criteria")

@CRITERIA.register("mine")                      # from Python, or in the pyproject.toml of another package:
def mine(...): ...                              # [project.entry-points."edge_nas.criteria"]
                                                # mine = "my_package.my_module:mine"
"""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Generic, TypeVar

from edge_nas.core.entrypoints import entry_points
from edge_nas.core.nearnames import did_you_mean, nearest_name
from edge_nas.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind by their names. Others add theirs from Python, or by an entry point.

    What is named as `module:attribute` is imported when it is first asked for: a package of somebody else that is
    broken spoils its own names only.

    Args:
        kind: what one thing is called in messages.
        group: entry point group of packages that add things.
        built_in: name -> `module:attribute` of things of ours that live in packages above the registry's.
    """

    def __init__(self, kind: str, group: str, built_in: Mapping[str, str] | None = None) -> None:
        self._kind = kind
        self._group = group
        self._loaded: dict[str, T] = {}
        self._named = {name: EntryPoint(name, value, group) for name, value in (built_in or {}).items()}
        self._installed: dict[str, EntryPoint] = {}
        self._installed_added = False

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that adds its argument under `name`; a name can be taken once."""

        def add(thing: T) -> T:
            self._refuse_taken(name)
            self._loaded[name] = thing
            return thing

        return add

    def remove(self, name: str) -> None:
        """Forgets a thing that was registered from Python: a notebook or a test registers its own anew."""
        del self._loaded[name]

    def get(self, name: str) -> T:
        """Returns the thing called `name`.

        Raises:
            ConfigError: no such name, the message lists the known ones and the nearest; or what somebody registered
                cannot be imported.
        """
        self._add_installed()
        if name in self._named:
            self._loaded[name] = self._load(self._named[name])
            del self._named[name]
        self.require(name)
        return self._loaded[name]

    def require(self, name: str) -> None:
        """Raises ConfigError where there is nothing of that name; imports nothing."""
        if name not in self:
            hint = did_you_mean(nearest_name(name, self))
            raise ConfigError(f"unknown {self._kind} {name!r}; known: {', '.join(self)}{hint}")

    def not_imported(self, name: str) -> EntryPoint | None:
        """Returns the entry point of an installed package that `get` would import now; None: it runs no new code."""
        self._add_installed()
        return self._installed.get(name) if name in self._named else None

    def items(self) -> Iterator[tuple[str, T]]:
        """Yields every name with its thing; what cannot be imported is passed over, and told when it is asked for."""
        for name in self:
            try:
                thing = self.get(name)
            except ConfigError:
                continue
            yield name, thing

    def __iter__(self) -> Iterator[str]:
        self._add_installed()
        return iter(sorted({*self._loaded, *self._named}))

    def __contains__(self, name: object) -> bool:
        return name in set(self)

    def _refuse_taken(self, name: str) -> None:
        if name in self._loaded or name in self._named:
            raise ValueError(f"{self._kind} {name!r} is registered twice")

    def _add_installed(self) -> None:
        """Notes what installed packages add, once: reading their metadata takes milliseconds."""
        if self._installed_added:
            return
        self._installed_added = True
        for point in entry_points(group=self._group):
            self._refuse_taken(point.name)
            self._named[point.name] = point
            self._installed[point.name] = point

    def _load(self, point: EntryPoint) -> T:
        try:
            thing: T = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"{self._kind} {point.name!r} cannot be imported from {point.value}, as {self._group} names it: {error}"
            ) from error
        return thing
