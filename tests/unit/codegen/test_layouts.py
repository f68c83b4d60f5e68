"""How kernels go through a row of pairs."""

from edge_nas.codegen.layouts import stepping
from edge_nas.codegen.program import Layout


def test_far_steps_are_told_from_near_ones():
    for channels, step, reach in ((62, "248", "near"), (64, "256", "far")):
        parameters, places = stepping(Layout("pairs", 4, channels), "speed")
        assert parameters == (("step", step),)
        assert dict(places)["reach"] == reach


def test_for_size_one_kernel_is_told_its_step():
    found = {stepping(Layout("pairs", 4, channels), "size") for channels in (3, 62, 64)}
    ((parameters, places),) = found
    assert parameters == (("step", "any"),)
    assert dict(places)["step_passed"] == ", out->stride"


def test_layouts_without_pairs_have_no_step():
    assert stepping(Layout("planar", 4, 64), "speed")[0] == ()
    assert stepping(Layout("planar", 4, 64), "size")[0] == ()
