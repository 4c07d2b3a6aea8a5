"""The judged pictures: the whole object in them, the same every time, clutter behind it."""

from dataclasses import replace

import numpy as np
import pytest
from analytic_shapes import ball, box
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bozzetto.evaluation.engines import matting_iou, own_outline
from bozzetto.evaluation.metrics.shape import Shape
from bozzetto.evaluation.metrics.silhouette import silhouette
from bozzetto.evaluation.views.clutter import THINGS, compose, draw_clutter
from bozzetto.evaluation.views.render import fit_view, plan_pictures
from bozzetto.inference.pictures.cutting import cut_out
from bozzetto.inference.types import BaseMesh, ColourSource, Picture, Pinhole
from bozzetto.training.data.formats.mesh import make_mesh, normalise


def test_pictures_are_planned_the_same_every_time_and_differ_from_each_other(tmp_path):
    mesh, _ = normalise(make_mesh(*box((1.0, 0.5, 0.3))))
    first = plan_pictures("p/a", mesh, "d", 3, tmp_path)
    assert first == plan_pictures("p/a", mesh, "d", 3, tmp_path)
    assert first[:2] == plan_pictures("p/a", mesh, "d", 2, tmp_path)
    assert len({picture.view.azimuth for picture in first}) == 3
    assert first[0].view != plan_pictures("p/b", mesh, "d", 1, tmp_path)[0].view
    for number in range(200):
        view = plan_pictures(f"p/{number}", mesh, "d", 1, tmp_path)[0].view
        assert 5 <= view.elevation <= 35
        assert 20 <= view.field_of_view <= 40


@given(
    st.tuples(*[st.floats(0.05, 1.0)] * 3),
    st.floats(-180, 180),
    st.floats(5, 35),
    st.floats(20, 40),
)
@settings(max_examples=25, deadline=None)
def test_the_whole_object_is_in_the_picture_and_fills_it(size, azimuth, elevation, field_of_view):
    mesh, _ = normalise(make_mesh(*box(size)))
    view = fit_view(mesh, azimuth, elevation, field_of_view)
    seen = np.argwhere(silhouette(Shape(mesh.vertices, mesh.faces), view, 100))
    assert seen.min() >= 4
    assert seen.max() <= 95
    assert max(np.ptp(seen[:, 0]), np.ptp(seen[:, 1])) > 40


def test_clutter_lies_behind_the_object_and_one_thing_touches_it():
    side = 96
    front = np.zeros((side, side, 4), np.float32)
    front[30:66, 30:66] = (1, 0, 0, 1)
    thing = np.zeros((40, 40, 4), np.float32)
    thing[...] = (0, 1, 0, 1)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        made = draw_clutter(front, np.full((side, side, 3), 0.5, np.float32), [thing], rng)
        assert made[30:66, 30:66] == pytest.approx(np.broadcast_to((1, 0, 0), (36, 36, 3)))
        rim = np.zeros((side, side), bool)
        rim[29:67, 29:67] = True
        rim[30:66, 30:66] = False
        green = made[..., 1] > 2 * made[..., 0]
        assert green[rim].any()
        assert green.sum() < side * side / 2


def test_the_cut_s_score_counts_what_was_missed_and_what_was_added():
    rgba = np.zeros((100, 100, 4), np.float32)
    rgba[20:60, 20:60] = (0.5, 0.5, 0.5, 1.0)
    cutout = cut_out(Picture(rgba, has_alpha=True, name="square"))
    truth = rgba[..., 3]
    assert matting_iou(cutout, truth) > 0.97
    wider = np.zeros((100, 100))
    wider[20:60, 20:100] = 1  # half of it lies outside the cut
    assert matting_iou(cutout, wider) == pytest.approx(0.5, abs=0.02)
    assert matting_iou(cutout, np.roll(truth, 20, axis=1)) == pytest.approx(1 / 3, abs=0.03)


def test_an_object_s_outline_is_that_of_its_picture():
    # the same camera twice: through the rays, and by hand for the ball's tangent cone
    shape = Shape(*ball(0.4))
    mesh = make_mesh(shape.mesh.vertices, shape.mesh.faces)
    view = fit_view(mesh, 20, 20, 30)
    share = silhouette(shape, view, 128).mean()
    radius = np.tan(np.arcsin(0.4 / view.distance)) / np.tan(np.radians(15)) / 2
    assert share == pytest.approx(np.pi * radius**2, rel=0.02)


def test_a_cluttered_picture_is_opaque_and_the_same_every_time(tmp_path):
    stamps = tmp_path / "stamps"
    for name in THINGS:
        path = stamps / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGBA", (20, 20), (0, 255, 0, 255)).save(path)
    picture = tmp_path / "a.png"
    rgba = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    rgba.paste((255, 0, 0, 255), (20, 20, 44, 44))
    rgba.save(picture)
    made = compose(picture, 3, stamps, tmp_path / "cache")
    pixels = np.asarray(Image.open(made))
    assert pixels.shape == (64, 64, 3)
    assert pixels[32, 32].tolist() == [255, 0, 0]
    before = made.read_bytes()
    made.unlink()
    assert compose(picture, 3, stamps, tmp_path / "cache").read_bytes() == before


def test_a_mesh_is_compared_with_the_cut_out_through_its_own_camera():
    # a box as wide as half of the picture at its front, from ten units away
    pinhole = Pinhole(
        eye=(0.0, -10.5, 0.0),
        axes=((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
        half_side=0.1,
        centre=(0.0, 0.0),
    )
    vertices, faces = box((1.0, 1.0, 1.0))
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[16:48, 16:48] = 255
    mesh = BaseMesh(
        np.asarray(vertices, np.float32), faces, "box", colour=ColourSource(rgba, pinhole)
    )
    assert own_outline(mesh) == pytest.approx(1, abs=0.04)
    moved = replace(mesh, colour=ColourSource(np.roll(rgba, 16, axis=1), pinhole))
    assert own_outline(moved) == pytest.approx(1 / 3, abs=0.04)
    assert own_outline(replace(mesh, colour=None)) is None
