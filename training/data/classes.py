"""The classes of objects that training knows, and what is true of all objects of a class."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectClass:
    """What holds for a class.

    name: singular, lower case. diagonal_m: usual diagonal of the box in metres, rough.
    has_front: whether its objects have a side that people call the front. Objects of other classes
    stand in any yaw, so no figure counts theirs.
    """

    name: str
    diagonal_m: float
    has_front: bool = True


_ALL = (
    ObjectClass("chair", 1.1),
    ObjectClass("table", 1.6),
    ObjectClass("sofa", 2.2),
    ObjectClass("cabinet", 1.6),
    ObjectClass("bed", 2.6),
    ObjectClass("lamp", 0.9, has_front=False),
    ObjectClass("screen", 1.0),  # televisions, monitors, laptops
    ObjectClass("appliance", 1.2),  # ovens, fridges, washing machines, radiators, fans
    ObjectClass("bathtub", 1.9),
    ObjectClass("toilet", 0.9),
    ObjectClass("sink", 0.9),
    ObjectClass("bottle", 0.3, has_front=False),
    ObjectClass("cup", 0.15, has_front=False),  # cups, mugs, glasses
    ObjectClass("bowl", 0.3, has_front=False),  # bowls, plates
    ObjectClass("pan", 0.5, has_front=False),  # pots, pans, kettles
    ObjectClass("vase", 0.4, has_front=False),  # vases, jars, urns
    ObjectClass("container", 0.9, has_front=False),  # barrels, crates, baskets, bags, cans, bins
    ObjectClass("instrument", 1.2),  # of music
    ObjectClass("tool", 1.0, has_front=False),  # tools, weapons, shields
    ObjectClass("toy", 0.4, has_front=False),
    ObjectClass("plant", 1.5, has_front=False),  # trees, bushes, potted plants, fruit
    ObjectClass("rock", 2.0, has_front=False),
    ObjectClass("car", 4.9),
    ObjectClass("truck", 9.0),  # trucks, buses, tractors
    ObjectClass("cycle", 2.2),  # bicycles, motorcycles, karts
    ObjectClass("train", 20.0),
    ObjectClass("airplane", 20.0),
    ObjectClass("helicopter", 15.0),
    ObjectClass("ship", 40.0),  # ships, boats
    ObjectClass("person", 2.0),
    ObjectClass("quadruped", 2.0),
    ObjectClass("bird", 0.8),
    ObjectClass("fish", 1.0),  # fish, whales
    ObjectClass("creature", 1.5),  # animals and figures of other kinds
    ObjectClass("building", 15.0, has_front=False),
    ObjectClass("structure", 6.0, has_front=False),  # towers, fences, bridges, signs, fountains
    ObjectClass("other", 1.0, has_front=False),
)
CLASSES: dict[str, ObjectClass] = {kind.name: kind for kind in _ALL}
