"""A delivered mesh, shaped for the scene: topology, face budget, size, the scene's unit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..inference.errors import InsertError, SettingsError
from ..inference.suggest import suggest
from ..inference.types import BaseMesh, PolygonMesh
from .topology.choose import TOLERANCE, RemeshJob
from .topology.original import Original, Remeshed

TOPOLOGIES: tuple[str, ...] = ("triangles", "quads", "voxel")  # the default first
TEXTURES: tuple[int, ...] = (0, 512, 1024, 2048, 4096)
SMOOTH_ANGLE = math.radians(40.0)
_MIN_BUDGET = 4


@dataclass(frozen=True)
class ShapeSettings:
    """How a mesh is shaped before it is inserted; changing it never runs the network again.

    face_budget: number of faces wanted, triangles or quads; 0: a usual number, for triangles what
    the surface's resolution is worth (20,000 at 128). size: length of the longest side in metres;
    0: as generated. smooth_angle: edges sharper than this many radians stay sharp. topology: one of
    `TOPOLOGIES`: triangles; quads that follow the surface; voxel: quads of one size on a grid.
    texture: pixels across of the colours' texture, one of `TEXTURES`; 0: no UVs and no colours.
    delight: 0..1, how much of the picture's light and shade is taken out of the colours.
    """

    face_budget: int = 0
    size: float = 0.0
    smooth_angle: float = SMOOTH_ANGLE
    topology: str = TOPOLOGIES[0]
    texture: int = 1024
    delight: float = 0.0

    def __post_init__(self) -> None:
        """Check every field. Raises SettingsError."""
        if self.topology not in TOPOLOGIES:
            raise SettingsError(
                f"topology {self.topology!r} is unknown.",
                f"{suggest(self.topology, TOPOLOGIES)}Use one of: {', '.join(TOPOLOGIES)}.",
            )
        if self.face_budget != 0 and self.face_budget < _MIN_BUDGET:
            raise SettingsError(
                f"A face budget of {self.face_budget} is out of range.",
                f"Use {_MIN_BUDGET} or more, or 0 for all faces.",
            )
        if not 0.0 <= self.size <= 10_000.0:  # also refuses nan
            raise SettingsError(f"size {self.size!r} is out of range.", "Use 0 to 10000 metres.")
        if not 0.0 <= self.smooth_angle <= math.pi + 1e-6:  # Blender's float of pi is larger
            raise SettingsError(
                f"smooth_angle {self.smooth_angle!r} is out of range.",
                "It is in radians, 0 to pi: math.radians(40) gives 40 degrees.",
            )
        if self.texture not in TEXTURES:
            raise SettingsError(
                f"A texture of {self.texture!r} pixels is out of range.",
                f"Use one of: {', '.join(str(side) for side in TEXTURES)}.",
            )
        if not 0.0 <= self.delight <= 1.0:  # also refuses nan
            raise SettingsError(f"delight {self.delight!r} is out of range.", "Use 0 to 1.")


@dataclass(frozen=True)
class ShapedMesh:
    """What is inserted: Blender units, lowest z is 0.

    mesh: triangles and quads, outward. messages: what could not be reached. report: plain JSON
    types: faces, vertices, quads, face_budget, topology as asked for, delivered (the topology that
    the mesh has), symmetric, scale (from metres as generated to Blender units), and what the
    topology measured.
    """

    mesh: PolygonMesh
    messages: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def vertices(self) -> np.ndarray:
        """Float32 [V, 3]."""
        return self.mesh.vertices


class ShapeJob:
    """A mesh on its way to its shape: for a window, which asks `poll` now and then.

    As `shape_mesh`, which waits. Only quads are made elsewhere: `poll` does the rest itself.
    """

    def __init__(
        self, mesh: BaseMesh, settings: ShapeSettings | None = None, *, scale_length: float = 1.0
    ) -> None:
        _check_arrays(mesh)
        self._settings = settings or ShapeSettings()
        self._factor = _find_factor(mesh.vertices, self._settings.size) / scale_length
        self._job = RemeshJob(
            Original.of(mesh),
            self._settings.topology,
            self._settings.face_budget,
            _find_usual(mesh),
        )

    def poll(self) -> bool:
        """Whether it is done. Raises InsertError."""
        return self._job.poll()

    def result(self) -> ShapedMesh:
        """The shaped mesh; waits where it is not done. Raises Cancelled, InsertError."""
        return _scale(self._job.wait(), self._settings, self._factor)

    def cancel(self) -> None:
        """Stop it."""
        self._job.cancel()


def shape_mesh(
    mesh: BaseMesh, settings: ShapeSettings | None = None, *, scale_length: float = 1.0
) -> ShapedMesh:
    """The mesh with the wanted topology and number of faces, at the wanted size, in Blender units.

    scale_length: metres in one Blender unit. With the default settings the vertices are those of
    `mesh.reduced` where there is one, else those of `mesh`, bit for bit. Floor, ground centre and
    longest side stay what they were; what mirrors itself still does, exactly. Nothing is left
    behind in Blender's data. Raises InsertError when the mesh is empty or damaged.
    """
    return ShapeJob(mesh, settings, scale_length=scale_length).result()


def _find_usual(mesh: BaseMesh) -> Remeshed | None:
    """What is delivered where no number of faces is asked for; None: the mesh itself."""
    reduced = mesh.reduced
    if reduced is None:
        return None
    polygons = PolygonMesh.from_triangles(reduced.vertices, reduced.faces)
    return Remeshed(polygons, "triangles", reduced.symmetric, report=dict(reduced.report))


def _scale(done: Remeshed, settings: ShapeSettings, factor: float) -> ShapedMesh:
    polygons, count = done.mesh, len(done.mesh.sizes)
    if factor != 1.0:
        vertices = (polygons.vertices * np.float64(factor)).astype(np.float32)
        polygons = PolygonMesh(vertices, polygons.corners, polygons.sizes)
    report = {
        "faces": count,
        "vertices": len(polygons.vertices),
        "quads": int((polygons.sizes == 4).sum()),
        "face_budget": settings.face_budget,
        "topology": settings.topology,
        "delivered": done.delivered,
        "symmetric": done.symmetric,
        "scale": factor,
        **done.report,
    }
    messages = (*done.messages, *_compare_budget(count, settings.face_budget, done.delivered))
    return ShapedMesh(polygons, messages, report)


def _compare_budget(count: int, budget: int, delivered: str) -> tuple[str, ...]:
    if not budget or abs(count - budget) <= budget * TOLERANCE:
        return ()
    if count > budget:
        return (
            f"{count:,} faces: the budget of {budget:,} was not reached "
            "without breaking the surface.",
        )
    fewer = f"{count:,} faces, fewer than the budget of {budget:,}"
    return (
        f"{fewer}: a higher resolution gives more." if delivered == "triangles" else f"{fewer}.",
    )


def _check_arrays(mesh: BaseMesh) -> None:
    """Blender does not check indices; wrong ones crash it."""
    for each in (mesh, mesh.reduced):
        if each is None:
            continue
        vertices, faces = each.vertices, each.faces
        if len(vertices) < 4 or len(faces) < 4:
            raise InsertError("The result has no volume.", "Choose another picture.")
        if not np.isfinite(vertices).all() or faces.min() < 0 or faces.max() >= len(vertices):
            raise InsertError("The result is damaged.", "Generate again.")


def _find_factor(vertices: np.ndarray, size: float) -> float:
    if not size:
        return 1.0
    longest = float((vertices.max(0) - vertices.min(0)).max())
    if longest <= 0.0:
        raise InsertError("The result has no size.", "Choose another picture.")
    return size / longest
