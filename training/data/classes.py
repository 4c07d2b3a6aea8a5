"""The classes of objects that training knows, and what is true of all objects of a class."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectClass:
    """What holds for a class.

    name: singular, lower case. has_front: whether its objects have a side that people call the
    front. Objects of other classes stand in any yaw, so no figure counts theirs.
    """

    name: str
    has_front: bool = True


_ALL = (
    ObjectClass("chair"),
    ObjectClass("table"),
    ObjectClass("sofa"),
    ObjectClass("cabinet"),
    ObjectClass("bed"),
    ObjectClass("lamp", has_front=False),
    ObjectClass("screen"),  # televisions, monitors, laptops
    ObjectClass("appliance"),  # ovens, fridges, washing machines, radiators, fans
    ObjectClass("bathtub"),
    ObjectClass("toilet"),
    ObjectClass("sink"),
    ObjectClass("bottle", has_front=False),
    ObjectClass("cup", has_front=False),  # cups, mugs, glasses
    ObjectClass("bowl", has_front=False),  # bowls, plates
    ObjectClass("pan", has_front=False),  # pots, pans, kettles
    ObjectClass("vase", has_front=False),  # vases, jars, urns
    ObjectClass("container", has_front=False),  # barrels, crates, baskets, bags, cans, bins
    ObjectClass("instrument"),  # of music
    ObjectClass("tool", has_front=False),  # tools, weapons, shields
    ObjectClass("toy", has_front=False),
    ObjectClass("plant", has_front=False),  # trees, bushes, potted plants, fruit
    ObjectClass("rock", has_front=False),
    ObjectClass("car"),
    ObjectClass("truck"),  # trucks, buses, tractors
    ObjectClass("cycle"),  # bicycles, motorcycles, karts
    ObjectClass("train"),
    ObjectClass("airplane"),
    ObjectClass("helicopter"),
    ObjectClass("ship"),  # ships, boats
    ObjectClass("person"),
    ObjectClass("quadruped"),
    ObjectClass("bird"),
    ObjectClass("fish"),  # fish, whales
    ObjectClass("creature"),  # animals and figures of other kinds
    ObjectClass("building", has_front=False),
    ObjectClass("structure", has_front=False),  # towers, fences, bridges, signs, fountains
    ObjectClass("other", has_front=False),
)
CLASSES: dict[str, ObjectClass] = {kind.name: kind for kind in _ALL}
