from pathlib import Path

import pytest

from benchmarks.lib import counting
from benchmarks.lib.networks import RandomNetwork
from edge_nas.emulation.cores import find_core
from edge_nas.emulation.image import ImageSizes
from edge_nas.emulation.profile import Profile
from edge_nas.int8.sketch import Sketch


def network(channels: int) -> RandomNetwork:
    net = Sketch((4, 4, 2))
    return RandomNetwork(3, "small", net.finish(net.convolution(net.input, channels)))


def test_what_was_counted_of_the_same_c_is_not_counted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def profile(core: object, compiled: object, frame: object) -> Profile:
        counted.append(compiled)
        return Profile((10 * len(counted),), 2, ImageSizes(100, 20))

    monkeypatch.setattr(counting, "profile_on_core", profile)
    monkeypatch.setattr(counting, "tool_version", lambda tool: "1")
    core = find_core("cortex-m4")
    first = counting.Counter(core, tmp_path).count(network(3))
    assert first.macs == 4 * 4 * 2 * 3
    with (tmp_path / "cortex-m4.jsonl").open("a") as lines:
        lines.write('{"key": "torn')
    again = counting.Counter(core, tmp_path)
    assert again.count(network(3)).profile == first.profile
    assert again.count(network(4)).profile.steps == (20,)
    assert len(counted) == 2
    # Another compiler is another count.
    monkeypatch.setattr(counting, "tool_version", lambda tool: "2")
    assert counting.Counter(core, tmp_path).count(network(3)).profile.steps == (30,)
