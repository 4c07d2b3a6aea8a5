"""Quads are laid out by a second Blender; the real window does not wait for it."""

import pytest


@pytest.fixture(scope="module")
def shaped(play_artist):
    return play_artist("topology")


def test_button_gives_coloured_quads(shaped):
    made = shaped.facts["generated"]
    assert made["quads"] >= 0.95
    assert made["faces"] == pytest.approx(1000, rel=0.25)  # what is missed is told
    assert made["unwrapped"]
    assert made["packed"] == [True]


def test_panel_and_status_bar_say_what_goes_on(shaped):
    shaping, waiting, text = shaped.facts["shown"]
    assert shaping
    assert waiting == 0
    assert "Laying out quads" in text


def test_other_quads_come_later_and_triangles_stand_for_them(shaped):
    assert shaped.facts["at_once"]["quads"] == 0
    later = shaped.facts["later"]
    assert later["quads"] >= 0.95
    assert later["faces"] > 1.3 * shaped.facts["generated"]["faces"]
    assert later["unwrapped"]
    assert later["packed"] == [True]


def test_quitting_amid_leaves_no_process(shaped):
    assert shaped.facts["busy_at_the_end"]
    assert shaped.leftover == []
