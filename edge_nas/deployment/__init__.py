"""A library component for one board, with a self-test, a budget table and what the build systems need.

bundle = make_bundle(load_board("stm32l4r5"), data, compiled, report, Path("bundle"))
require_fit(bundle)
"""

from edge_nas.deployment.budget import require_fit
from edge_nas.deployment.bundle import make_bundle

__all__ = ["make_bundle", "require_fit"]
