"""Options and exit statuses that the commands without a window share."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import bpy

from .inference import settings as inference
from .operators.shape_properties import TEXTURE
from .scene.shape_mesh import TOPOLOGIES

STATUSES = {
    "SettingsError": 2,
    "PictureError": 3,
    "NoObjectError": 3,
    "EmptyFieldError": 3,
    "WeightsError": 4,
    "WorkerError": 5,
    "RuntimeMissingError": 5,
    "RuntimeDamagedError": 5,
    "OutOfMemoryError": 5,
    "RuntimeSetUpError": 6,
    "OfflineError": 6,
}
FAILED, INTERRUPTED = 1, 130
SETUP_COMMAND = "blender --online-mode --command bozzetto setup [--torch BUILD] [--python PATH]"

EXIT_STATUSES = (
    "Exit status: 0 done, 1 failed, 2 wrong usage or setting, 3 the picture cannot be used, "
    "4 the weights cannot be used, 5 the worker failed, 6 its Python cannot be set up, or Blender "
    "may not go online, 130 interrupted."
)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Options for every setting of a generation, and how to tell about it."""
    add = parser.add_argument
    add("--class", dest="category", choices=inference.CATEGORIES, default=inference.AUTOMATIC)
    add("--resolution", type=int, choices=inference.RESOLUTIONS, default=128)
    add("--seed", type=int, default=0)
    add("--background", choices=inference.BACKGROUNDS, default=inference.AUTOMATIC)
    add("--facing", choices=inference.FACINGS, default=inference.AUTOMATIC)
    add("--symmetry", choices=inference.SYMMETRIES, default=inference.AUTOMATIC)
    add("--subject", choices=inference.SUBJECTS, help="which object of several")
    add("--point", type=float, nargs=2, metavar=("X", "Y"), help="of --subject point, 0 to 1")
    add("--size", type=float, default=0.0, help="longest side in metres; 0: usual for its class")
    add("--topology", choices=TOPOLOGIES, default=TOPOLOGIES[0])
    add("--faces", type=int, default=0, help="face budget; 0: a usual number")
    add("--smooth-angle", type=float, default=40.0, help="degrees; sharper edges stay sharp")
    sides = [int(side) for side, *_ in TEXTURE["items"]]
    add("--texture", type=int, choices=sides, default=1024, help="pixels across; 0: grey, no UVs")
    add("--delight", type=float, default=0.0, help="0 to 1: take the picture's shading out")
    add("--engine", choices=inference.ENGINES, default=inference.ENGINES[0])
    add("--checkpoint", type=Path, help="weights to use instead of the usual ones")
    add("--device", default=inference.AUTOMATIC, help="torch device, such as cpu or cuda")
    add("--json", action="store_true", help="print the report to stdout")
    add("--quiet", action="store_true", help="no progress on stderr")


def check_settings(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Leave with the parser's error where values make no sense."""
    if not 0 <= options.seed < 2**31 or not 0 <= options.size <= 10_000 or options.faces < 0:
        parser.error("--seed is 0 to 2147483647, --size 0 to 10000, --faces 0 or more")
    if not 0.0 <= options.delight <= 1.0:
        parser.error("--delight is 0 to 1")
    if options.subject is None:
        options.subject = "point" if options.point else inference.AUTOMATIC
    if (options.subject == "point") != (options.point is not None):
        parser.error("--subject point needs --point X Y, and only that does")
    if options.point and not all(0.0 <= value <= 1.0 for value in options.point):
        parser.error("--point is two fractions of the picture, 0 to 1, from its top left corner")


def fill_scene(group: bpy.types.PropertyGroup, options: argparse.Namespace) -> None:
    """Set the scene's settings as the options say."""
    group.engine, group.category = options.engine, options.category
    group.resolution, group.seed = str(options.resolution), options.seed
    group.background, group.size = options.background, options.size
    group.facing, group.symmetry = options.facing, options.symmetry
    group.subject, group.point = options.subject, options.point or (0.5, 0.5)
    group.checkpoint = str(options.checkpoint.resolve()) if options.checkpoint else ""
    group.face_budget, group.smooth_angle = options.faces, math.radians(options.smooth_angle)
    group.topology, group.texture = options.topology, str(options.texture)
    group.delight, group.frame = options.delight, False
    group.device = options.device
