"""One vehicle from its name."""

from __future__ import annotations

from collections.abc import Callable

from ...data.formats.mesh import Mesh
from ..geometry.assembly import Assembly
from .bus import make_bus
from .classic import make_classic
from .draw import Draw
from .farm import make_tractor
from .lorry import make_lorry
from .passenger import make_passenger
from .plan import RANGES
from .racing import make_racing

MAKERS: dict[str, Callable[[str, Draw], Assembly]] = {
    **dict.fromkeys((kind for kind in RANGES if kind != "gt"), make_passenger),
    "racing": make_racing,
    "classic": make_classic,
}
TRUCK_MAKERS: dict[str, Callable[[str, Draw], Assembly]] = {
    "box_truck": make_lorry,
    "flatbed": make_lorry,
    "tanker": make_lorry,
    "tractor_unit": make_lorry,
    "city_bus": make_bus,
    "coach": make_bus,
    "tractor": make_tractor,
}
TRUCKS: tuple[str, ...] = tuple(TRUCK_MAKERS)
COUNTS: dict[str, int] = {
    **dict.fromkeys(MAKERS, 30),
    **dict.fromkeys(TRUCK_MAKERS, 8),
    "city_bus": 10,
    "box_truck": 10,
}
MAKERS |= TRUCK_MAKERS


def make_vehicle(name: str) -> Mesh:
    """The mesh of `KIND/NUMBER`, bit for bit the same every time.

    Metres, Z up, facing -Y, on the ground; `group_names` are the parts. Raises KeyError for a
    kind that is not in `MAKERS`, ValueError for a number that is none.
    """
    kind = name.rpartition("/")[0]
    return MAKERS[kind](kind, Draw(name)).to_mesh()
