"""What validation pictures choose: the classes to mirror, the trust in cameras."""

from __future__ import annotations

import numpy as np

from bozzetto.training.engines.pixel_calibrate import choose_mirrored, choose_trust

NAMES = ("chair", "plant", "tool")


def choose(gains: dict[str, list[float]]) -> tuple[str, ...]:
    classes = np.array([NAMES.index(name) for name, found in gains.items() for _ in found])
    gained = np.array([gain for found in gains.values() for gain in found])
    return choose_mirrored(np.full(len(gained), 0.4), 0.4 + gained, classes, NAMES)


def test_many_pictures_of_a_class_decide_for_it() -> None:
    assert choose({"chair": [0.02] * 40, "plant": [-0.06] * 40}) == ("chair",)


def test_a_few_pictures_do_not_outvote_all_others() -> None:
    assert "plant" in choose({"chair": [0.02] * 40, "plant": [-0.06, -0.01]})


def test_several_pictures_that_lose_much_do() -> None:
    assert "plant" not in choose({"chair": [0.02] * 40, "plant": [-0.2] * 6})


def test_one_picture_that_loses_all_does_not() -> None:
    assert "plant" in choose({"chair": [0.02] * 40, "plant": [0.015, -0.66, 0.0]})


def test_a_class_without_pictures_goes_with_the_others() -> None:
    assert "tool" in choose({"chair": [0.02] * 40, "plant": [0.0] * 5})
    assert "tool" not in choose({"chair": [-0.03] * 40, "plant": [0.0] * 5})


def test_of_confidences_that_are_as_good_the_highest_is_asked_for() -> None:
    assert choose_trust({0.0: 0.4216, 0.3: 0.4212, 0.4: 0.4066, 1.01: 0.31}) == 0.3
    assert choose_trust({0.0: 0.45, 0.3: 0.40, 1.01: 0.31}) == 0.0
    assert choose_trust({0.0: 0.4, 0.3: 0.4, 1.01: 0.4}) == 1.01
