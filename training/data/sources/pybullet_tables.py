"""pybullet: which model is used as which class, and which way it stands.

Made by looking at contact sheets. Left out: planes, pieces for collisions, single links of robots,
scenes, and plain cubes (its tables are cubes that a URDF file stretches).
"""

from __future__ import annotations

import numpy as np

from .axes import Y_UP_FACING_PLUS_Z

_KINDS: dict[str, str] = {
    "bird": "duck.obj",
    "quadruped": "bunny.obj",
    "toy": """teddy2_VHACD_CHs.obj lego/lego.obj soccerball.obj torus/torus_textured.obj
        domino/domino.obj""",
    "cup": "objects/mug.obj",
    "container": "tray/tray_textured.obj",
    "structure": "racecar/meshes/cone.obj",
    "other": """racecar/meshes/left_front_wheel.obj quadruped/tmotor3.obj toys/cylinder.obj
        racecar/meshes/hokuyo.obj""",
}
Z_UP = np.eye(3)
# Models that do not stand with Z up.
AXES: dict[str, np.ndarray] = {"duck.obj": Y_UP_FACING_PLUS_Z}
# Degrees about Z, counter-clockwise from above.
YAW_FIXES: dict[str, float] = {"duck.obj": 90}


def kinds() -> dict[str, str]:
    """Class by path under `pybullet_data`."""
    return {name: kind for kind, names in _KINDS.items() for name in names.split()}
