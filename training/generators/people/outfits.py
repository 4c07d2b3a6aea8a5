"""Bodies and what they may wear: the types that `clothes` and `accessories` share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .skeleton import Skeleton

REGIONS = ("skin", "hair", "shirt", "trousers", "shoes", "skirt", "hat", "eyes")
_SKIN_TONES = np.array(
    [
        (0.96, 0.80, 0.69),
        (0.88, 0.67, 0.53),
        (0.76, 0.55, 0.40),
        (0.55, 0.37, 0.26),
        (0.36, 0.24, 0.18),
    ]
)
_HAIR_TONES = np.array(
    [
        (0.09, 0.07, 0.06),
        (0.24, 0.15, 0.09),
        (0.45, 0.30, 0.16),
        (0.80, 0.66, 0.40),
        (0.62, 0.62, 0.62),
    ]
)

# vertices [V, 3], faces [F, 3], weights [V, K], weight_bones [V, K], face regions [F]
Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Body:
    """A bare body in its rest pose, metres, Z up, facing -Y.

    vertices float64 [V, 3], faces int [F, 3]; weights float [V, K] and weight_bones int [V, K] as
    `skeleton.skin` takes them.
    """

    skeleton: Skeleton
    vertices: np.ndarray
    faces: np.ndarray
    weights: np.ndarray
    weight_bones: np.ndarray


@dataclass(frozen=True)
class Outfit:
    """What somebody wears. Thicknesses in metres on a body 1.7 m tall.

    sleeve: how far down the arm, 0 the shoulder, 1 the elbow, 2 the wrist. trouser: how far down
    the leg, 0 the hip, 1 the knee, 2 the ankle. waist: how far the shirt goes over the trousers.
    skirt: its hem as `trouser`, 0 for none. hair: thickness, 0 for none; long_hair: how far below
    the chin, 0 for none. colours: float [len(REGIONS), 3], sRGB.
    """

    sleeve: float
    shirt: float
    trouser: float
    trousers: float
    flare: float
    skirt: float
    shoes: float
    hair: float
    long_hair: float
    bun: bool
    hat: str
    colours: np.ndarray


@dataclass(frozen=True)
class Dressed:
    """A dressed body in its rest pose: as `Body`, and `regions` int [F] into `REGIONS`."""

    body: Body
    regions: np.ndarray


def random_outfit(rng: np.random.Generator, skirts: bool, feminine: float) -> Outfit:
    """Something that somebody might wear; `skirts`: whether the pose lets one hang."""
    skirt = skirts and rng.random() < 0.1 + 0.4 * feminine
    winter = rng.random() < 0.35
    long_hair = rng.random() < 0.1 + 0.5 * feminine
    colours = np.empty((len(REGIONS), 3))
    colours[REGIONS.index("skin")] = _between(_SKIN_TONES, rng)
    colours[REGIONS.index("hair")] = _between(_HAIR_TONES, rng)
    for region in ("shirt", "trousers", "skirt", "hat"):
        colours[REGIONS.index(region)] = _cloth_colour(rng)
    if rng.random() < 0.25:
        colours[REGIONS.index("skirt")] = colours[REGIONS.index("shirt")]
    colours[REGIONS.index("shoes")] = _cloth_colour(rng) * 0.6
    colours[REGIONS.index("eyes")] = (0.85, 0.85, 0.85)
    return Outfit(
        sleeve=float(rng.choice([0.1, 0.5, 1.5, 1.93], p=[0.12, 0.33, 0.1, 0.45])),
        shirt=float(rng.uniform(0.02, 0.045) if winter else rng.uniform(0.006, 0.02)),
        trouser=float(rng.choice([0.35, 0.75, 1.88], p=[0.1, 0.2, 0.7])),
        trousers=float(rng.uniform(0.006, 0.022)),
        flare=float(rng.uniform(0.0, 0.025)),
        skirt=float(rng.uniform(0.6, 1.9)) if skirt else 0.0,
        shoes=float(rng.uniform(0.008, 0.016)),
        hair=float(rng.uniform(0.008, 0.04)) if rng.random() < 0.92 else 0.0,
        long_hair=float(rng.uniform(0.05, 0.3)) if long_hair else 0.0,
        bun=bool(rng.random() < 0.15),
        hat=str(rng.choice(["", "cap", "brim", "beanie"], p=[0.76, 0.08, 0.09, 0.07])),
        colours=np.clip(colours, 0.02, 1.0),
    )


def _between(tones: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    place = rng.uniform(0, len(tones) - 1)
    low = int(place)
    high = min(low + 1, len(tones) - 1)
    return tones[low] + (place - low) * (tones[high] - tones[low])


def _cloth_colour(rng: np.random.Generator) -> np.ndarray:
    """Mostly muted colours, with black, white, denim and an occasional bright one."""
    base = rng.uniform(0.05, 0.95) * np.ones(3)
    tint = rng.normal(0, 1, 3)
    return np.clip(base + rng.choice([0.03, 0.1, 0.25]) * (tint - tint.mean()), 0.02, 0.98)
