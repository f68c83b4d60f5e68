"""How kernels go through a row of pairs."""

from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.program import Layout


def test_far_strides_are_told_from_near_ones():
    for channels, stride, stride_is in ((62, "248", "near"), (64, "256", "far")):
        found = pair_stride(Layout("pairs", 4, channels), "speed")
        assert found.parameters == {"pair_stride": stride}
        assert found.places["pair_stride_is"] == stride_is


def test_for_size_one_kernel_is_told_its_stride():
    found = [pair_stride(Layout("pairs", 4, channels), "size") for channels in (3, 62, 64)]
    assert all(stride == found[0] for stride in found)
    assert found[0].parameters == {"pair_stride": "any"}
    assert found[0].places["pair_passed"] == ", out->stride"


def test_layouts_without_pairs_have_no_stride():
    assert pair_stride(Layout("planar", 4, 64), "speed").parameters == {}
    assert pair_stride(Layout("planar", 4, 64), "size").parameters == {}
