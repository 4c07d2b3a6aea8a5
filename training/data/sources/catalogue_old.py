"""The list of objects that training uses: which mesh, as which class, in which orientation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import selection
from .axes import to_object_space
from ..formats.mesh import Mesh, component_labels, face_normals
from .sources import NOT_BODY, SourceObject, list_flightgear, list_furniture, load_source

VEHICLE_CLASSES = ("car", "airplane")


@dataclass(frozen=True)
class CatalogueEntry:
    """A source object with its class; `yaw_fix` in degrees as `axes.to_object_space` takes it."""

    source: SourceObject
    kind: str
    yaw_fix: float = 0.0

    @property
    def id(self) -> str:
        """Unique over all packages, and the text whose hash decides the split."""
        return f"{self.source.package}/{self.source.name}"


def list_catalogue(unpacked: Path) -> list[CatalogueEntry]:
    """Every selected object of the packages under `unpacked`, ordered by id."""
    entries = []
    furniture = {
        f"{catalogue}/{model}": kind
        for catalogue, kinds in selection.FURNITURE.items()
        for kind, models in kinds.items()
        for model in models.split()
    }
    for source in list_furniture(unpacked):
        if source.name in furniture:
            entries.append((source, furniture[source.name]))
    for source in list_flightgear(unpacked):
        kind = classify_flightgear(source.name)
        if kind is not None:
            entries.append((source, kind))
    return sorted(
        (
            CatalogueEntry(source, kind, selection.yaw_fix(source.name))
            for source, kind in entries
            if source.name not in selection.BROKEN
        ),
        key=lambda entry: entry.id,
    )


def classify_flightgear(name: str) -> str | None:
    """`car`, `airplane` or None (not used) for a FlightGear model by its path without `.ac`."""
    folder, _, stem = name.rpartition("/")
    if stem in selection.VEHICLES.get(folder, "").split():
        return "car"
    if name in selection.AIRPLANES_ELSEWHERE:
        return "airplane"
    if not name.startswith(selection.AIRPLANE_FOLDERS) or selection.NOT_AIRPLANES.search(name):
        return None
    if name.startswith("Models/Geometry") and not selection.GEOMETRY_AIRPLANES.search(name):
        return None
    return "airplane"


def load_entry(entry: CatalogueEntry) -> tuple[Mesh, float]:
    """The entry's mesh in object space, and its bounding box diagonal in the source's units."""
    extra = selection.DROP_GROUPS.get(entry.source.name)
    pattern = NOT_BODY if extra is None else re.compile(f"{NOT_BODY.pattern}|{extra}", re.I)
    mesh = load_source(entry.source, pattern)
    if entry.kind in VEHICLE_CLASSES:
        mesh = drop_ground(mesh, up=1)
    return to_object_space(mesh, entry.source.package, entry.yaw_fix, entry.source.rotation)


def size_in_metres(entry: CatalogueEntry, mesh: Mesh, diagonal: float) -> list[float] | None:
    """Real extents along object axes x, y, z: the catalogue's, else the file's own metres.

    AC3D files of FlightGear are in metres; furniture files have the catalogue's width (x),
    depth (y) and height (z), given before any turn of ours.
    """
    low, high = mesh.bounds
    if entry.source.member:
        if entry.source.size_m is None:
            return None
        width, depth, height = entry.source.size_m
        turned = round(entry.yaw_fix / 90) % 2 == 1
        return [depth, width, height] if turned else [width, depth, height]
    return [float(value) for value in (high - low) * diagonal]


def drop_ground(mesh: Mesh, up: int) -> Mesh:
    """Leave out flat level sheets at the bottom that stand for the ground or a shadow.

    A connected part goes if it is level and without height, lies in the lowest tenth of the object
    and covers more than a twelfth of its ground box. `up` is the axis that points up.
    """
    labels = component_labels(mesh)
    low, high = mesh.bounds
    height = high[up] - low[up]
    flat = [axis for axis in range(3) if axis != up]
    ground_area = float(np.prod((high - low)[flat]))
    normals, areas = face_normals(mesh)
    triangles = mesh.triangles
    keep = np.ones(len(mesh.faces), bool)
    level = np.abs(normals[:, up]) > 0.99
    for label in np.unique(labels[level]):
        part = labels == label
        values = triangles[part][..., up]
        if values.max() - values.min() > 0.01 * height or values.max() > low[up] + 0.1 * height:
            continue
        if areas[part].sum() > ground_area / 12:
            keep &= ~part
    return mesh.select_faces(keep) if keep.any() and not keep.all() else mesh
