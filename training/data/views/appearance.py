"""How an object looks in one picture: materials, lights, surroundings; all drawn at random.

Colours of materials are display (sRGB) values, those of lights are linear.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from .camera import Camera

MATERIALS = 8  # that one picture can show; faces with more labels share them
LIGHTS = 3
SHARE_OWN = 0.4  # of pictures in the mesh's own textures and colours
SHARE_FLAT = 0.2  # of pictures shaded by face


@dataclass(frozen=True)
class Material:
    """Two colours in a solid pattern, and a finish.

    own: share of the mesh's own colours instead (0 or 1). along, around: unit vectors at right
    angles. The pattern's phase is position along `along` times `frequency`, plus distance from the
    axis `around` times `rings`, plus noise (of `noise_scale`) times `warp`; colour B is where its
    sine is above `duty`, with an edge of `softness`. checks: 1 turns the bands into checks.
    bump, speckle: strength of fine noise on normals and on the colour.
    """

    colours: tuple[np.ndarray, np.ndarray]
    own: float = 0.0
    along: tuple[float, float, float] = (0.0, 0.0, 1.0)
    around: tuple[float, float, float] = (1.0, 0.0, 0.0)
    frequency: float = 0.0
    rings: float = 0.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    warp: float = 0.0
    noise_scale: float = 0.1
    softness: float = 1.0
    checks: float = 0.0
    duty: float = 0.0
    roughness: float = 0.6
    metallic: float = 0.0
    reflectance: float = 0.04
    bump: float = 0.0
    speckle: float = 0.0

    def rows(self) -> np.ndarray:
        """float32 [7, 4], as the shader reads them."""
        one, two = self.colours
        rows = (
            (*one, self.own),
            (*two, self.roughness),
            (*self.along, self.frequency),
            (*self.around, self.rings),
            (*self.shift, self.warp),
            (self.noise_scale, self.softness, self.checks, self.duty),
            (self.metallic, self.reflectance, self.bump, self.speckle),
        )
        return np.array(rows, np.float32)


@dataclass(frozen=True)
class Appearance:
    """Everything that one picture needs beside the mesh and the camera.

    materials: `MATERIALS` of them. by_part: whether faces take materials by the mesh's groups and
    connected parts, rather than all the first. lights: float32 [3, 2, 4], direction toward
    the light (unit, object space) and colour of each; only the first casts shadows.
    environment: float32 [4, 4], its up axis, upper, lower and horizon colours. exposure: factor.
    smooth: share of smooth normals in 0-1. occlusion: strength of ambient occlusion in 0-1.
    shadow_spread: soft edge of the shadow in texels of its map.
    """

    materials: tuple[Material, ...]
    by_part: bool
    lights: np.ndarray
    environment: np.ndarray
    exposure: float
    smooth: float
    occlusion: float
    shadow_spread: float


def random_appearance(rng: np.random.Generator, camera: Camera) -> Appearance:
    """An appearance as photographs of made objects vary: see the functions below."""
    own = rng.random() < SHARE_OWN
    if own:
        materials = tuple(_own_finish(rng) for _ in range(MATERIALS))
        by_part = bool(rng.random() < 0.5)
    else:
        by_part = bool(rng.random() < 0.6)
        palette = _palette(rng)
        materials = tuple(random_material(rng, palette) for _ in range(MATERIALS))
    lights, environment = random_lights(rng, camera)
    return Appearance(
        materials=materials,
        by_part=by_part,
        lights=lights,
        environment=environment,
        exposure=float(np.exp(rng.normal(-0.1, 0.22))),
        smooth=0.0 if rng.random() < SHARE_FLAT else 1.0,
        occlusion=float(rng.uniform(0.5, 1.0)),
        shadow_spread=float(np.exp(rng.uniform(np.log(1), np.log(12)))),
    )


def _finish(rng: np.random.Generator) -> dict[str, float]:
    """Roughness and reflectance: matt, satin or glossy; one in eight is metal."""
    metallic = float(rng.random() < 0.12)
    roughness = rng.choice([rng.uniform(0.6, 1.0), rng.uniform(0.25, 0.6), rng.uniform(0.06, 0.25)])
    return {
        "roughness": float(roughness),
        "metallic": metallic,
        "reflectance": float(rng.uniform(0.02, 0.08)),
        "bump": float(rng.uniform(0, 0.25)) if rng.random() < 0.3 else 0.0,
        "speckle": float(rng.uniform(0.02, 0.35)) if rng.random() < 0.4 else 0.0,
    }


def _own_finish(rng: np.random.Generator) -> Material:
    finish = _finish(rng)
    if rng.random() < 0.7:  # textures show what they show: metal on top is the exception
        finish["metallic"] = 0.0
    shift = tuple(rng.uniform(-5, 5, 3))
    return Material(colours=(np.ones(3), np.ones(3)), own=1.0, shift=shift, **finish)


def random_material(rng: np.random.Generator, palette: list[np.ndarray]) -> Material:
    """Plain paint, gradient, stripes, checks, wood, marble, clouds or spots."""
    first = palette[rng.integers(len(palette))]
    second = palette[rng.integers(len(palette))]
    if rng.random() < 0.5:  # a shade of the same colour
        second = np.clip(first * rng.uniform(0.4, 1.6), 0.01, 1)
    along = rng.normal(size=3)
    if rng.random() < 0.6:  # most patterns follow the object's axes
        along = np.eye(3)[rng.integers(3)] + rng.normal(0, 0.03, 3)
    along /= np.linalg.norm(along)
    around = np.cross(along, rng.normal(size=3) + 1e-6)
    around /= np.linalg.norm(around)
    shape: dict[str, float] = {
        "plain": {"duty": 3.0},
        "gradient": {"frequency": rng.uniform(0.3, 0.7), "duty": rng.uniform(-0.5, 0.5)},
        "stripes": {
            "frequency": rng.uniform(3, 25),
            "softness": rng.uniform(0.02, 0.3),
            "duty": rng.uniform(-0.8, 0.8),
            "warp": rng.choice([0.0, rng.uniform(0, 1)]),
        },
        "checks": {"frequency": rng.uniform(2, 14), "checks": 1.0, "softness": 0.05},
        "wood": {
            "rings": rng.uniform(8, 40),
            "warp": rng.uniform(0.5, 4),
            "noise_scale": rng.uniform(0.03, 0.12),
            "softness": rng.uniform(0.5, 1.5),
        },
        "marble": {
            "frequency": rng.uniform(1, 6),
            "warp": rng.uniform(2, 8),
            "noise_scale": rng.uniform(0.05, 0.2),
            "softness": rng.uniform(0.1, 0.6),
            "duty": rng.uniform(0, 0.9),
        },
        "clouds": {
            "warp": rng.uniform(0.8, 2.5),
            "noise_scale": rng.uniform(0.05, 0.6),
            "softness": rng.uniform(0.1, 1.2),
            "duty": rng.uniform(-0.5, 0.5),
        },
    }[PATTERNS[rng.choice(len(PATTERNS), p=PATTERN_SHARES)]]
    return Material(
        colours=(first, second),
        along=tuple(along),
        around=tuple(around),
        shift=tuple(rng.uniform(-1, 1, 3)),
        **{key: float(value) for key, value in shape.items()},
        **_finish(rng),
    )


PATTERNS = ("plain", "gradient", "stripes", "checks", "wood", "marble", "clouds")
PATTERN_SHARES = (0.44, 0.12, 0.1, 0.05, 0.12, 0.08, 0.09)


def _palette(rng: np.random.Generator) -> list[np.ndarray]:
    """Two to five colours: greys, browns and muted ones more often than bright ones."""
    colours = []
    for _ in range(rng.integers(2, 6)):
        kind = rng.random()
        if kind < 0.35:
            colour = np.full(3, rng.uniform(0.05, 0.95)) + rng.normal(0, 0.02, 3)
        elif kind < 0.55:
            hue, saturation = rng.uniform(0.03, 0.12), rng.uniform(0.25, 0.75)
            colour = np.array(colorsys.hsv_to_rgb(hue, saturation, rng.uniform(0.2, 0.9)))
        else:
            saturation = rng.beta(2, 2)
            colour = np.array(colorsys.hsv_to_rgb(rng.random(), saturation, rng.uniform(0.15, 1)))
        colours.append(np.clip(colour, 0.02, 0.97))
    return colours


def random_lights(rng: np.random.Generator, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """A key light mostly from above and the camera's side, up to two others, surroundings.

    The sum of the light is about the same in every picture; what varies is how much of it is
    directed, its colours, and where it comes from.
    """
    lights = np.zeros((LIGHTS, 2, 4), np.float32)
    lights[:, 0, 2] = 1
    directed = rng.uniform(0.15, 0.8)
    shares = np.array([1.0, rng.uniform(0, 0.6), rng.uniform(0, 0.4)])
    shares[1 + int(rng.integers(0, 3)) :] = 0
    forward = camera.axes()[2]
    for number, share in enumerate(shares / shares.sum()):
        direction = rng.normal(size=3)
        if number == 0:
            direction[2] = abs(direction[2]) + 0.3
            direction = direction - forward * rng.uniform(0.1, 1.1)
        lights[number, 0, :3] = direction / np.linalg.norm(direction)
        lights[number, 1, :3] = 2.4 * directed * share * _tint(rng, 0.2)
    axis = np.array([0.0, 0.0, 1.0]) + rng.normal(0, 0.25, 3)
    upper = rng.uniform(0.7, 1.3)
    lower = upper * rng.uniform(0.15, 0.8)
    scale = 1.25 * (1 - 0.8 * directed)
    environment = np.zeros((4, 4), np.float32)
    environment[0, :3] = axis / np.linalg.norm(axis)
    environment[1, :3] = scale * upper * _tint(rng, 0.2)
    environment[2, :3] = scale * lower * _tint(rng, 0.25)
    environment[3, :3] = scale * rng.uniform(0, 0.5) * _tint(rng, 0.2)
    return lights, environment


def _tint(rng: np.random.Generator, strength: float) -> np.ndarray:
    """A colour near white [3], mostly warmer or cooler, a little greener or more magenta."""
    warm, green = rng.uniform(-1, 1), rng.normal(0, 0.25)
    return 1 + strength * (warm * np.array([1.0, 0.1, -1.0]) + green * np.array([-0.5, 1.0, -0.5]))
