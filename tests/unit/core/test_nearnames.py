from edge_nas.core.nearnames import did_you_mean, nearest_name


def test_the_nearest_name_is_named_and_nothing_far_away() -> None:
    known = ["train", "prune", "quantize"]
    assert nearest_name("qantize", known) == "quantize"
    assert nearest_name("zzz", known) is None
    assert did_you_mean("prune") == "; did you mean 'prune'?"
    assert did_you_mean(None) == ""
