"""The kinds of aircraft, how many of each there are, and one aircraft by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from ...data.formats.mesh import Mesh
from .assembly import Assembly
from .biplane import biplane
from .bomber import bomber
from .fighter import fighter
from .flying_boat import flying_boat
from .glider import glider
from .helicopter import helicopter
from .light import light
from .transport import airliner, business_jet
from .turboprop import turboprop
from .warbird import warbird

KINDS: dict[str, tuple[Callable[[np.random.Generator], Assembly], int]] = {
    "airliner": (airliner, 60),
    "business_jet": (business_jet, 25),
    "turboprop": (turboprop, 32),
    "light": (light, 58),
    "glider": (glider, 16),
    "biplane": (biplane, 22),
    "warbird": (warbird, 28),
    "fighter": (fighter, 36),
    "bomber": (bomber, 15),
    "flying_boat": (flying_boat, 8),
    "helicopter": (helicopter, 30),
}
"""Generator and number of objects by kind."""


def names() -> list[str]:
    """All names, `kind/number`, in a stable order."""
    return [f"{kind}/{i:04d}" for kind, (_, count) in KINDS.items() for i in range(count)]


def build(name: str) -> Mesh:
    """The aircraft of a name `kind/anything`, the same bits on every call.

    Metres, Z up, the nose at -Y; part names are the groups. Raises KeyError for an unknown kind.
    """
    generator, _ = KINDS[name.partition("/")[0]]
    digest = hashlib.sha256(f"bozzetto-aircraft/{name}".encode()).digest()
    return generator(np.random.default_rng(int.from_bytes(digest[:8], "little"))).mesh()
