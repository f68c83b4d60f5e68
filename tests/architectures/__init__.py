"""Small networks of the kinds that people build, one function for each architecture, for `make architectures`.

`ARCHITECTURES` holds them by name; a new one is a function in `vision`, `maps` or `signals` with `@architecture` above.
All weights are random, BatchNorm's statistics too (`architecture` sees to it), so that nothing is hidden by a zero.
"""

from architectures import maps, signals, vision
from architectures.registry import ARCHITECTURES, Architecture

__all__ = ["ARCHITECTURES", "Architecture", "maps", "signals", "vision"]
