"""Generated cars: what they are made of, how they stand, and that no two are alike."""

from pathlib import Path

import numpy as np
import pytest

from bozzetto.training.data.classes import CLASSES
from bozzetto.training.data.formats.mesh import Mesh, normalise
from bozzetto.training.data.occupancy import Solid, occupancy_grid
from bozzetto.training.data.sources import parametric_cars
from bozzetto.training.generators.cars.vehicle import COUNTS, TRUCKS, make_vehicle

CARS = [kind for kind in COUNTS if kind not in TRUCKS]
CLOSED = ["sedan", "hatchback", "estate", "suv", "coupe", "van"]


def part(mesh: Mesh, name: str) -> np.ndarray:
    """The vertices [N, 3] of a part."""
    group = mesh.group_names.index(name)
    return mesh.vertices[np.unique(mesh.faces[mesh.face_groups == group])]


def middle(points: np.ndarray) -> np.ndarray:
    return (points.min(axis=0) + points.max(axis=0)) / 2


def cells(mesh: Mesh) -> np.ndarray:
    whole, _ = normalise(mesh)
    return occupancy_grid(Solid(whole, np.random.default_rng(0)))


def open_columns(mesh: Mesh, box: tuple[float, float, float, float], floor: float) -> float:
    """Share of a grid of vertical rays over the box (x0, x1, y0, y1) that pass below `floor`."""
    x, y = np.meshgrid(np.linspace(box[0], box[1], 9), np.linspace(box[2], box[3], 9))
    a, b, c = np.moveaxis(mesh.triangles, 1, 0)
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    flat = np.abs(area) > 1e-9
    a, b, c, area = a[flat], b[flat], c[flat], area[flat]
    heights = []
    for px, py in zip(x.ravel(), y.ravel(), strict=True):
        s = ((px - a[:, 0]) * (c - a)[:, 1] - (py - a[:, 1]) * (c - a)[:, 0]) / area
        t = ((b - a)[:, 0] * (py - a[:, 1]) - (b - a)[:, 1] * (px - a[:, 0])) / area
        hit = (s >= 0) & (t >= 0) & (s + t <= 1)
        z = a[:, 2] * (1 - s - t) + b[:, 2] * s + c[:, 2] * t
        heights.append(z[hit].max() if hit.any() else -np.inf)
    return float((np.array(heights) < floor).mean())


def test_entries_are_free_generated_and_unique() -> None:
    entries = parametric_cars.list_entries(Path())
    assert len({entry.id for entry in entries}) == len(entries) == sum(COUNTS.values())
    assert sum(entry.kind == "car" for entry in entries) == 300
    assert sum(entry.kind == "truck" for entry in entries) == 60
    assert all(entry.kind in CLASSES and entry.generated for entry in entries)
    assert {entry.licence for entry in entries} == {"CC0-1.0"}


@pytest.mark.parametrize("kind", list(COUNTS))
def test_same_name_same_bits_and_size_is_that_of_the_mesh(kind: str) -> None:
    entry = next(
        entry for entry in parametric_cars.list_entries(Path()) if entry.name == f"{kind}/0001"
    )
    first, second = parametric_cars.load(entry, Path()), make_vehicle(entry.name)
    assert first.mesh.vertices.tobytes() == second.vertices.tobytes()
    assert first.mesh.faces.tobytes() == second.faces.tobytes()
    assert first.mesh.face_colours.tobytes() == second.face_colours.tobytes()
    low, high = second.bounds
    np.testing.assert_allclose(first.size_m, high - low)
    assert len(second.faces) < 20_000
    assert np.isfinite(second.vertices).all()


@pytest.mark.parametrize("kind", list(COUNTS))
def test_wheels_stand_on_the_ground_side_by_side_and_front_wheels_are_in_front(kind: str) -> None:
    mesh = make_vehicle(f"{kind}/0003")
    wheels = {side: part(mesh, f"wheel_{side}") for side in ("fl", "fr", "rl", "rr")}
    for points in wheels.values():
        assert points[:, 2].min() == pytest.approx(0, abs=1e-6)
    assert mesh.bounds[0][2] > -0.01
    for left, right in (("fl", "fr"), ("rl", "rr")):
        mirrored = middle(wheels[right]) * [-1, 1, 1]
        np.testing.assert_allclose(middle(wheels[left]), mirrored, atol=1e-9)
        assert middle(wheels[left])[0] > 0
    assert middle(wheels["fl"])[1] < middle(wheels["rl"])[1] - 1


@pytest.mark.parametrize("kind", CLOSED)
def test_closed_cars_have_their_parts_with_lamps_and_glass_where_they_belong(kind: str) -> None:
    mesh = make_vehicle(f"{kind}/0002")
    names = {"body", "glass_windscreen", "grille", "bumper_front", "bumper_rear", "plate_front"}
    sides = ("glass_side", "light_head", "light_tail", "door_line_0")
    names |= {f"{name}_{side}" for name in sides for side in ("left", "right")}
    assert names <= set(mesh.group_names)
    head, tail = part(mesh, "light_head_left"), part(mesh, "light_tail_left")
    assert middle(head)[1] < middle(part(mesh, "wheel_fl"))[1]
    assert middle(tail)[1] > middle(part(mesh, "wheel_rl"))[1]
    assert head[:, 0].min() > 0
    assert middle(part(mesh, "glass_windscreen"))[1] < middle(part(mesh, "wheel_rl"))[1] - 0.5
    assert middle(part(mesh, "bumper_front"))[1] < middle(part(mesh, "glass_windscreen"))[1]


@pytest.mark.parametrize("number", range(4))
def test_pickup_beds_are_open_above(number: int) -> None:
    mesh = make_vehicle(f"pickup/{number:04d}")
    axle, half = middle(part(mesh, "wheel_rl"))[1], part(mesh, "wheel_rl")[:, 0].max()
    end = part(mesh, "body")[:, 1].max()
    height = part(mesh, "body")[:, 2].max()
    bed = (-half * 0.4, half * 0.4, axle, end - 0.3)
    assert open_columns(mesh, bed, 0.55 * height) > 0.9
    if number:
        return
    solid = cells(mesh)
    y = np.nonzero(solid.any(axis=(0, 2)))[0]
    behind, cab = solid[32, int(y[-1]) - 6], solid[32, int(y[0] + 0.45 * len(y))]
    assert np.nonzero(behind)[0].max() < np.nonzero(cab)[0].max() - 3


@pytest.mark.parametrize("number", range(4))
def test_convertibles_are_open_above_and_have_seats(number: int) -> None:
    mesh = make_vehicle(f"convertible/{number:04d}")
    assert {"seat_front_left", "seat_front_right", "steering_wheel"} <= set(mesh.group_names)
    dash, seat = part(mesh, "dashboard"), part(mesh, "seat_front_left")
    gap = (-0.4, 0.4, dash[:, 1].max() + 0.02, max(seat[:, 1].min() + 0.3, dash[:, 1].max() + 0.1))
    assert open_columns(mesh, gap, dash[:, 2].max() - 0.12) > 0.6


@pytest.mark.parametrize("kind", ["sedan", "hatchback"])
def test_shapes_of_a_kind_differ_in_more_than_scale(kind: str) -> None:
    grids = [cells(make_vehicle(f"{kind}/{number:04d}")) for number in range(3)]
    overlaps = [
        (first & second).sum() / (first | second).sum()
        for i, first in enumerate(grids)
        for second in grids[:i]
    ]
    assert np.mean(np.array(overlaps) > 0.9) < 0.2


def test_closed_body_is_solid() -> None:
    solid = cells(make_vehicle("sedan/0000"))
    y = np.nonzero(solid.any(axis=(0, 2)))[0]
    column = solid[32, int(y.mean())]
    inside = np.nonzero(column)[0]
    assert column[inside[0] : inside[-1] + 1].all()


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(KeyError):
        make_vehicle("hovercraft/0000")


@pytest.mark.parametrize("kind", [*CLOSED, "convertible", "pickup"])
@pytest.mark.parametrize("number", [2, 9])
def test_wheels_stay_below_the_wings(kind: str, number: int) -> None:
    mesh = make_vehicle(f"{kind}/{number:04d}")
    body = part(mesh, "body")
    for name in ("wheel_fl", "wheel_rl"):
        wheel = part(mesh, name)
        near = np.abs(body[:, 1] - middle(wheel)[1]) < 0.15
        assert body[near, 2].max() > wheel[:, 2].max()
        over = near & (np.abs(body[:, 0]) > wheel[:, 0].min() + 0.05)
        assert body[over, 2].max() > wheel[:, 2].max()
