"""One vehicle from its name."""

from __future__ import annotations

from collections.abc import Callable

from ...data.formats.mesh import Mesh
from ..geometry.assembly import Assembly
from .classic import make_classic
from .draw import Draw
from .passenger import make_passenger
from .plan import RANGES
from .racing import make_racing

MAKERS: dict[str, Callable[[str, Draw], Assembly]] = {
    **dict.fromkeys((kind for kind in RANGES if kind != "gt"), make_passenger),
    "racing": make_racing,
    "classic": make_classic,
}
TRUCKS: tuple[str, ...] = ()
COUNTS: dict[str, int] = dict.fromkeys(MAKERS, 30)


def make_vehicle(name: str) -> Mesh:
    """The mesh of `KIND/NUMBER`, bit for bit the same every time.

    Metres, Z up, facing -Y, on the ground; `group_names` are the parts. Raises KeyError for a
    kind that is not in `MAKERS`, ValueError for a number that is none.
    """
    kind = name.rpartition("/")[0]
    return MAKERS[kind](kind, Draw(name)).to_mesh()
