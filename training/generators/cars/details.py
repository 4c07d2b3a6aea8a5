"""What is laid on a body: lamps, grille, bumpers, lines between doors, handles, mirrors, trim."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.curves import spline
from ..geometry.drape import Projector, ruled
from ..geometry.surface import Surface, join
from ..geometry.sweep import bar, revolve, rounded_box, tube


def rectangle(
    centre: tuple[float, float], size: tuple[float, float], slant: float = 0.0, columns: int = 8
) -> np.ndarray:
    """float64 [5, columns, 2]: places of a rectangle; slant: its right end over its left."""
    u = np.linspace(-0.5, 0.5, columns)
    middle = np.stack([centre[0] + u * size[0], centre[1] + u * slant], axis=1)
    half = np.array([0.0, size[1] / 2])
    return ruled(middle - half, middle + half, 5)


def almond(
    centre: tuple[float, float], size: tuple[float, float], slant: float = 0.0, blunt: float = 0.35
) -> np.ndarray:
    """float64 [5, 11, 2]: places of a lens that tapers to its left end."""
    u = np.linspace(-0.5, 0.5, 11)
    half = size[1] / 2 * np.clip((u + 0.5) * 3, blunt, 1) * np.sqrt(np.clip(1.02 - u**2 * 2, 0, 1))
    middle = np.stack([centre[0] + u * size[0], centre[1] + u * slant], axis=1)
    low, high = middle.copy(), middle.copy()
    low[:, 1] -= half
    high[:, 1] += half
    return ruled(low, high, 5)


class Skin:
    """A body seen from the front, the back and the left: where things are laid on it.

    Places: front and side panels are given by (x, z) and (y, z) of the object.
    """

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.front = Projector(surface, np.array([0.0, 1.0, 0.0]))
        self.back = Projector(surface, np.array([0.0, -1.0, 0.0]))
        self.left = Projector(surface, np.array([-1.0, 0.0, 0.0]))

    def on_front(
        self, grid: np.ndarray, lift: float | np.ndarray = 0.008, sink: float = 0.02
    ) -> Surface | None:
        """A plate on the front, places (x, z)."""
        return self.front.patch(grid, lift, sink)

    def on_back(
        self, grid: np.ndarray, lift: float | np.ndarray = 0.008, sink: float = 0.02
    ) -> Surface | None:
        """A plate on the back, places (x, z)."""
        return self.back.patch(grid * np.array([-1.0, 1.0]), lift, sink)

    def on_left(self, grid: np.ndarray, lift: float = 0.006, sink: float = 0.015) -> Surface | None:
        """A plate on the left side, places (y, z)."""
        return self.left.patch(grid, lift, sink)

    def corner(
        self, x: float, z: float, degrees: float, rear: bool = False
    ) -> tuple[Projector, np.ndarray]:
        """Rays to a left corner, turned outward by `degrees`, and the place that meets (x, z)."""
        first = self.back if rear else self.front
        u = -x if rear else x
        point = first.points(np.array([[u, z]]))[0]
        turn = np.radians(degrees)
        along = np.array([-np.sin(turn), -np.cos(turn) if rear else np.cos(turn), 0.0])
        projector = Projector(self.surface, along)
        return projector, np.array([point @ projector.u, point @ projector.v])


def lamp(
    skin: Skin, grid: np.ndarray, x: float, z: float, turn: float, rear: bool, lift: float = 0.012
) -> Surface | None:
    """A left lamp: `grid` of places around 0, u outward, laid at (x, z) of the front or back."""
    projector, centre = skin.corner(x, z, turn, rear)
    flipped = grid * np.array([-1.0, 1.0]) if rear else grid
    return projector.patch(flipped + centre, lift, 0.03)


def round_lamp(centre: tuple[float, float, float], radius: float, depth: float) -> Surface:
    """A lamp with a domed lens that looks to -y, its lens at y of `centre`."""
    profile = [(-radius * 0.25, 0.0), (-radius * 0.18, radius * 0.5), (0.0, radius * 0.88)]
    profile += [(0.0, radius), (depth * 0.5, radius * 0.92), (depth, radius * 0.45), (depth, 0.0)]
    return revolve(np.array(profile), axis=1, steps=16).moved(*centre)


def add_bumper(
    assembly: Assembly, skin: Skin, rear: bool, half: float, z: float, tall: float,
    lift: float, colour: Colour,
) -> None:  # fmt: skip
    """A bar across the front or back, `lift` proud in its middle line."""
    grid = ruled(
        np.stack([np.linspace(-half, half, 15), np.full(15, z - tall / 2)], 1),
        np.stack([np.linspace(-half, half, 15), np.full(15, z + tall / 2)], 1),
        6,
    )
    proud = np.array([0.3, 0.85, 1.0, 1.0, 0.85, 0.3])[:, None] * lift
    place = skin.on_back if rear else skin.on_front
    name = "bumper_rear" if rear else "bumper_front"
    assembly.add(name, place(grid, proud, 0.05), colour)


def line(points: list[tuple[float, float]], width: float = 0.012, count: int = 9) -> np.ndarray:
    """float64 [2, count, 2]: places of a thin strip along points (y, z)."""
    path = spline(points, count)
    ahead = np.gradient(path, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    side = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * width / 2
    return np.stack([path - side, path + side])


def handle(skin: Skin, y: float, z: float) -> Surface | None:
    """A door handle on the left side."""
    return skin.on_left(rectangle((y, z), (0.19, 0.03)), 0.03, 0.01)


def mirror(base: np.ndarray, size: float, modern: bool) -> Surface:
    """A left outside mirror whose foot is at `base` [3]."""
    x, y, z = (float(value) for value in base)
    tall = size * (0.62 if modern else 0.5)
    head = rounded_box(
        (size, size * 0.5, tall), (x + size * 0.72, y - 0.01, z + tall * 0.55), size * 0.2, axis=0
    )
    arm = bar((x - 0.03, y, z - 0.01), (x + size * 0.5, y, z + tall * 0.3), 0.018, 6)
    return join([head, arm])


def exhaust(x: float, y: float, z: float, radius: float) -> Surface:
    """A tail pipe that ends at y."""
    return bar((x, y - 0.3, z), (x, y + 0.02, z), radius, 10)


def roof_rail(points: np.ndarray) -> Surface:
    """A left rail along points [n, 3] of the roof, standing on both ends."""
    raised = points + np.array([0.0, 0.0, 0.05])
    path = np.concatenate([points[:1], raised, points[-1:]])
    return tube(path, 0.016, 6)


def plate_number(skin: Skin, z: float, rear: bool) -> Surface | None:
    """The number plate."""
    grid = rectangle((0.0, z), (0.46, 0.11), columns=5)
    return skin.on_back(grid, 0.05, 0.03) if rear else skin.on_front(grid, 0.05, 0.03)
