import os
import threading

import pytest

from edge_nas.benchmarking.cores import held_to_cores

linux_only = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can be chosen on Linux only")


@linux_only
def test_every_thread_is_held_and_then_let_go() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        before = os.sched_getaffinity(0)
        with held_to_cores(1) as cores:
            assert cores == "1"
            assert os.sched_getaffinity(0) == os.sched_getaffinity(thread.native_id) == {max(before)}
            late = threading.Thread(target=stop.wait)
            late.start()
        for one in (0, thread.native_id, late.native_id):
            assert os.sched_getaffinity(one) == before
    finally:
        stop.set()
        thread.join()
        late.join()


@linux_only
def test_more_cores_than_there_are_means_all() -> None:
    before = os.sched_getaffinity(0)
    with held_to_cores(10_000) as cores:
        assert os.sched_getaffinity(0) == before
        assert cores == str(len(before))


@linux_only
def test_an_error_inside_lets_go_too() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(RuntimeError), held_to_cores(1):
        raise RuntimeError
    assert os.sched_getaffinity(0) == before
