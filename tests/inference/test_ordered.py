"""Work in threads comes back in order, and its errors where their turn is."""

import threading
import time

import pytest

from bozzetto.inference.texture.ordered import AHEAD, THREADS, map_in_order


def test_results_come_in_the_order_of_the_work_however_long_it_takes():
    def work(part):
        time.sleep(0.02 if part % 3 == 0 else 0)
        return part * part

    assert list(map_in_order(work, range(20))) == [part * part for part in range(20)]


def test_an_error_is_raised_at_its_turn_and_ends_the_work():
    begun = []

    def work(part):
        begun.append(part)
        if part == 3:
            raise KeyError("three")
        return part

    results = map_in_order(work, range(1000))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match="three"):
        next(results)
    assert len(begun) <= 3 + THREADS + AHEAD + 1
    assert not [one for one in threading.enumerate() if "ThreadPoolExecutor" in one.name]


def test_few_results_wait_for_a_slow_reader():
    done = []
    results = map_in_order(lambda part: done.append(part), iter(range(1000)))
    next(results)
    time.sleep(0.05)
    assert len(done) <= THREADS + AHEAD + 1
    results.close()
    assert not [one for one in threading.enumerate() if "ThreadPoolExecutor" in one.name]
