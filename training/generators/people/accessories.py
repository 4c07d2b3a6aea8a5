"""Skirts, hats, long hair and buns: closed shapes around a body in its rest pose.

Every function returns `outfits.Part`s: vertices, faces, weights, weight_bones, face regions.
"""

from __future__ import annotations

import numpy as np

from .outfits import REGIONS, Body, Outfit, Part

_AROUND = 40


def make_accessories(body: Body, vertices: np.ndarray, outfit: Outfit, scale: float) -> list[Part]:
    """Everything that the outfit has beyond the skin; `vertices` are the dressed body's."""
    parts = []
    if outfit.skirt:
        parts.append(_skirt(body, vertices, outfit.skirt, scale))
    if outfit.hair and outfit.long_hair:
        parts.append(_long_hair(body, outfit.long_hair * scale))
    if outfit.hair and outfit.bun:
        parts.append(_bun(body))
    if outfit.hat:
        parts += _hat(body, vertices, outfit.hat)
    return parts


def revolve(
    centres: np.ndarray, radii: np.ndarray, around: int = _AROUND
) -> tuple[np.ndarray, np.ndarray]:
    """A closed tube of rings: centres float [R, 3], radii float [R, around] or [R, 2] (x, y).

    Returns vertices [R * around + 2, 3] and faces; the ends are closed by fans. The rings go upward
    for outward normals.
    """
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    if radii.shape[1] == 2:
        flat = circle[None] * radii[:, None, :]
    else:
        flat = circle[None] * radii[:, :, None]
    rings = np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=2) + centres[:, None]
    count = len(centres)
    vertices = np.concatenate([rings.reshape(-1, 3), centres[:1], centres[-1:]])
    ring, step = np.meshgrid(np.arange(count - 1), np.arange(around), indexing="ij")
    a = (ring * around + step).ravel()
    b = (ring * around + (step + 1) % around).ravel()
    c, d = a + around, b + around
    steps = np.arange(around)
    following = (steps + 1) % around
    bottom = np.stack([np.full(around, count * around), following, steps], axis=1)
    last = (count - 1) * around
    top = np.stack([np.full(around, count * around + 1), last + steps, last + following], axis=1)
    faces = [np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1), bottom, top]
    return vertices, np.concatenate(faces)


def _held(body: Body, shape: tuple[np.ndarray, np.ndarray], bone: str, region: str) -> Part:
    """A part that one bone carries."""
    vertices, faces = shape
    bones = np.full((len(vertices), 1), body.skeleton.bones.index(bone))
    regions = np.full(len(faces), REGIONS.index(region))
    return vertices, faces, np.ones((len(vertices), 1)), bones, regions


def _skirt(body: Body, vertices: np.ndarray, hem: float, scale: float) -> Part:
    """Rings around hips and both legs, flaring toward the hem; each side hangs on its thigh."""
    skeleton = body.skeleton
    waist = skeleton.head("spine05")[2] + 0.06 * scale
    hip, knee, ankle = (
        skeleton.head(name)[2] for name in ("upperleg01.L", "lowerleg01.L", "foot.L")
    )
    bottom = float(np.interp(hem, [0, 1, 2], [hip, knee, ankle]))
    heights = np.linspace(bottom, waist, 14)
    bones = np.array(skeleton.bones)
    stems = np.array([name.split(".")[0].rstrip("0123456789-") for name in bones])
    main = stems[body.weight_bones[np.arange(len(body.weights)), body.weights.argmax(axis=1)]]
    trunk = np.isin(main, ["spine", "root", "pelvis", "upperleg", "lowerleg"])
    angles = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    centre = np.array([0.0, vertices[trunk, 1].mean()])
    radii = np.empty((len(heights), _AROUND))
    for i, height in enumerate(heights):
        near = trunk & (np.abs(vertices[:, 2] - height) < 0.04 * scale)
        flat = vertices[near][:, :2] - centre
        # The support of the section is a convex outline around both legs.
        radii[i] = (flat @ directions.T).max(axis=0) if len(flat) else 0.15 * scale
    # Cloth hangs from its widest place.
    radii = np.maximum.accumulate(radii[::-1], axis=0)[::-1]
    drop = (waist - heights) / max(waist - bottom, 1e-6)
    radii = radii + 0.012 * scale + (0.10 * scale * drop * min(hem, 1.3))[:, None]
    centres = np.stack([np.full(14, centre[0]), np.full(14, centre[1]), heights], axis=1)
    shape = revolve(centres, radii)
    x = shape[0][:, 0] / max(float(np.abs(shape[0][:, 0]).max()), 1e-6)
    hang = np.clip((waist - shape[0][:, 2]) / max(waist - bottom, 1e-6), 0, 1) * 0.85
    left = np.clip(0.5 + x, 0, 1)
    weights = np.stack([1 - hang, hang * left, hang * (1 - left)], axis=1)
    carriers = [skeleton.bones[0], "upperleg02.L", "upperleg02.R"]
    columns = np.array([skeleton.bones.index(name) for name in carriers])
    regions = np.full(len(shape[1]), REGIONS.index("skirt"))
    return shape[0], shape[1], weights, np.tile(columns, (len(weights), 1)), regions


def _skull(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half extents float [3] of the head above the brows."""
    origin = body.skeleton.head("head")
    top = body.vertices[:, 2].max()
    upper = body.vertices[body.vertices[:, 2] > origin[2] + 0.62 * (top - origin[2])]
    low, high = upper.min(axis=0), upper.max(axis=0)
    half = (high - low) / 2
    half[2] = top - origin[2]
    return np.array([*((low + high) / 2)[:2], origin[2]]), half


def _long_hair(body: Body, length: float) -> Part:
    """A curtain behind the head and neck, carried by the head."""
    centre, half = _skull(body)
    heights = np.linspace(-length, half[2] * 0.8, 10)
    share = (heights + length) / (half[2] * 0.8 + length)
    width = half[0] * np.interp(share, [0, 0.15, 0.6, 1], [0.55, 0.85, 1.08, 0.6])
    depth = half[1] * np.interp(share, [0, 0.15, 0.6, 1], [0.22, 0.32, 0.5, 0.4])
    back = centre[1] + half[1] * np.interp(share, [0, 0.4, 0.75, 1], [1.05, 0.75, 0.62, 0.4])
    centres = np.stack([np.full(10, centre[0]), back, centre[2] + heights], axis=1)
    return _held(body, revolve(centres, np.stack([width, depth], axis=1), 20), "head", "hair")


def _bun(body: Body) -> Part:
    """A ball at the back of the head."""
    centre, half = _skull(body)
    radius = 0.45 * half[0]
    angles = np.linspace(-np.pi / 2, np.pi / 2, 10)[1:-1]
    place = centre + [0.0, half[1] * 1.12, half[2] * 0.72]
    centres = place + np.outer(radius * np.sin(angles), [0.0, 0.0, 1.0])
    ring = radius * np.cos(angles)
    return _held(body, revolve(centres, np.stack([ring, ring], axis=1), 16), "head", "hair")


def _hat(body: Body, vertices: np.ndarray, kind: str) -> list[Part]:
    """A cap with a peak, a hat with a brim all round, or a knitted cap."""
    centre, half = _skull(body)
    top = float(vertices[:, 2].max())
    crown = top - centre[2]
    low = 0.66 if kind == "beanie" else 0.72
    shares = np.linspace(low, 1.06 if kind != "brim" else 1.12, 8)
    rise = (shares - low) / (shares[-1] - low)
    swell = 1.22
    if kind == "brim":
        outline = swell * np.interp(rise, [0, 0.85, 1], [1, 0.88, 0.75])
    else:
        outline = swell * np.sqrt(np.clip(1 - (0.93 * rise) ** 2.4, 0.02, 1))
    centres = np.stack(
        [np.full(8, centre[0]), np.full(8, centre[1]), centre[2] + crown * shares], axis=1
    )
    radii = outline[:, None] * half[:2][None]
    parts = [_held(body, revolve(centres, radii, 32), "head", "hat")]
    if kind == "beanie":
        return parts
    thick = 0.035 * crown
    heights = centre[2] + crown * low + np.array([0.0, thick])
    wide = 1.75 if kind == "brim" else 1.2
    forward = 0.0 if kind == "brim" else -0.75 * half[1]
    brim = np.stack([np.full(2, centre[0]), np.full(2, centre[1] + forward), heights], axis=1)
    size = np.tile(half[:2] * wide, (2, 1))
    if kind == "cap":
        size[:, 0] = half[0] * 0.95
        size[:, 1] = half[1] * 1.1
    parts.append(_held(body, revolve(brim, size, 32), "head", "hat"))
    return parts
