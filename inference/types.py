"""The structures that travel from picture to scene.

Object space: right-handed, Z up, the object faces -Y (Blender's Numpad 1 looks at its front), its
bounding box is centred at the origin and its box diagonal is 1. Only numpy is imported here;
torch appears in annotations alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from .errors import Cancelled

if TYPE_CHECKING:
    import torch

    from .settings import GenerateSettings

Vec3 = tuple[float, float, float]
Progress = Callable[[str, float], None]
"""progress(phase, fraction): one of `PHASES` or `COAT_PHASES`, fraction 0..1 within the phase."""

PHASES: tuple[str, ...] = ("load", "cut", "encode", "extract", "finish", "insert")
COAT_PHASES: tuple[str, ...] = ("unwrap", "bake")
"""Of a coating (`CoatRequest`)."""


def no_progress(phase: str, fraction: float) -> None:
    """A Progress that tells nobody."""


class Cancel:
    """A flag that another thread sets and long computations ask for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the computation to stop."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether the computation was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raises Cancelled when the flag is set."""
        if self._event.is_set():
            raise Cancelled("The generation was cancelled.")


@dataclass(frozen=True)
class Source:
    """Where a picture comes from: exactly one of path, encoded and pixels is given.

    path: an image file. encoded: an image file's bytes, as Blender packs them.
    pixels: float32 [height, width, 4], sRGB-encoded, straight alpha, row 0 at the top.
    name: name for the object; empty: the file's stem.
    """

    path: str = ""
    encoded: bytes | None = None
    pixels: np.ndarray | None = None
    name: str = ""


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    rgba: float32 [height, width, 4], sRGB-encoded, straight alpha, in [0, 1], row 0 at the top.
    has_alpha: whether the file's own alpha marks an object (a share of it is transparent).
    name: name for the object: the file's stem.
    messages: what the artist should be told, such as that only the first frame is used.
    orientation: EXIF's number (1 to 8) of how the file holds the pixels; `rgba` is upright.
    """

    rgba: np.ndarray
    has_alpha: bool
    name: str
    messages: tuple[str, ...] = ()
    orientation: int = 1


@dataclass(frozen=True)
class Cutout:
    """One object of a picture, cut out, in a square.

    rgba: float32 [S, S, 4], sRGB-encoded, straight alpha, in [0, 1], row 0 at the top; the box of
        the object's alpha is centred and its longest side fills 0.85 of S.
    crop: (left, top, side) of that square in the source picture's pixels; may reach beyond it.
    source_size: (width, height) of the source picture in pixels.
    name: name for the object.
    confidence: how sure the cut is, 0..1; 1 where the picture's own alpha was used.
    messages: what the artist should be told, such as that the cut is uncertain.
    """

    rgba: np.ndarray
    crop: tuple[float, float, float]
    source_size: tuple[int, int]
    name: str
    confidence: float = 1.0
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class CutPreview:
    """What of a picture would be modelled, small enough to be shown in a panel.

    rgba: uint8 [height, width, 4], row 0 at the top: the sRGB-encoded colours of the whole picture;
        alpha: what is taken. confidence, messages: as of the Cutout.
    """

    rgba: np.ndarray
    confidence: float
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Camera:
    """Where a picture was taken from, as an orbit around the object's centre, in degrees.

    azimuth: 0 looks at the front (camera on -Y); positive moves the camera towards +X.
    elevation: positive looks down. field_of_view: full angle. confidence: 0..1.
    """

    azimuth: float
    elevation: float
    field_of_view: float
    confidence: float


@dataclass(frozen=True)
class Pinhole:
    """The whole camera that took a cutout's square, in object space.

    eye: its place. axes: unit vectors to the right, up and forward. half_side: half of the square's
    side on the plane one unit in front of the eye. centre: the square's middle on that plane, to
    the right and up.
    """

    eye: Vec3
    axes: tuple[Vec3, Vec3, Vec3]
    half_side: float
    centre: tuple[float, float]


@runtime_checkable
class Field(Protocol):
    """What every engine ends in. Occupancy is high inside, low outside.

    bounds: (lowest, highest) corner of the box that holds the shape, object space.
    level: the field's value on the surface.
    device: where `occupancy` computes.
    Capabilities asked for by name: colour(points), parts(points), seeds (float32 [M, 3], points
    of object space inside: extraction looks around them too, however thin the shape is there).
    """

    bounds: tuple[Vec3, Vec3]
    level: float
    device: torch.device

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        """Float32 [N, 3] points, object space -> float32 [N] values, any N, without gradient."""
        ...


@dataclass(frozen=True)
class Candidate:
    """One reading of a picture.

    score: higher is better. category: class of the object ("" when unknown).
    diagonal: usual length of such an object's box diagonal in metres (0 when unknown).
    camera: as estimated, or None. pinhole: the same with all that a view through it needs.
    """

    field: Field
    score: float
    category: str = ""
    diagonal: float = 0.0
    camera: Camera | None = None
    pinhole: Pinhole | None = None


class Engine(Protocol):
    """Turns a cutout into fields."""

    weights_hash: str
    """SHA-256 of the weights file, hexadecimal."""

    def encode(
        self,
        cutout: Cutout,
        settings: GenerateSettings,
        *,
        generator: torch.Generator,
        progress: Progress,
        cancel: Cancel,
    ) -> list[Candidate]:
        """All readings of the cutout, best first."""
        ...


@dataclass(frozen=True)
class Surface:
    """A closed triangle mesh in object space as marching cubes gives it.

    vertices: float32 [V, 3]. faces: int32 [F, 3], counter-clockwise seen from outside.
    report: what the extraction did (queries, cells, resolution ...), plain JSON types.
    """

    vertices: np.ndarray
    faces: np.ndarray
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PolygonMesh:
    """A closed mesh of triangles and quads, counter-clockwise seen from outside.

    vertices: float32 [V, 3]. corners: int32 [L], the vertex of every corner, polygon after polygon.
    sizes: int32 [P], corners of every polygon.
    """

    vertices: np.ndarray
    corners: np.ndarray
    sizes: np.ndarray

    @classmethod
    def from_triangles(cls, vertices: np.ndarray, faces: np.ndarray) -> PolygonMesh:
        """vertices: float32 [V, 3]. faces: int [F, 3]."""
        corners = np.ascontiguousarray(faces, np.int32).reshape(-1)
        return cls(vertices, corners, np.full(len(faces), 3, np.int32))

    @property
    def starts(self) -> np.ndarray:
        """Int32 [P]: the first corner of every polygon."""
        return (np.cumsum(self.sizes) - self.sizes).astype(np.int32)


@dataclass(frozen=True)
class ColourSource:
    """What a base mesh gets its colours from, in that mesh's own space (metres, see `BaseMesh`).

    rgba: uint8 [S, S, 4], sRGB-encoded, straight alpha, row 0 at the top: the object, cut out.
    pinhole: the camera that took this square. mirror: the plane x = mirror in which the object
    mirrors itself; None: it does not.
    """

    rgba: np.ndarray
    pinhole: Pinhole
    mirror: float | None = None


@dataclass(frozen=True)
class Coating:
    """What gives a PolygonMesh its colours.

    uv: float32 [L, 2], of every corner, in 0..1, v up. texture: uint8 [T, T, 4], sRGB-encoded,
    row 0 at the top (v = 1). colours: uint8 [V, 4], sRGB-encoded, of the vertices.
    report: plain JSON types.
    """

    uv: np.ndarray
    texture: np.ndarray
    colours: np.ndarray
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CoatRequest:
    """A shaped mesh that is to be unwrapped and coloured.

    mesh: in the space of its `source`. side: pixels of the texture. delight: 0..1, how much of the
    picture's shading is taken out.
    """

    mesh: PolygonMesh
    source: ColourSource
    side: int = 1024
    delight: float = 0.0


@dataclass(frozen=True)
class PackedCoating:
    """A `Coating` as it travels: its texture is the bytes of a PNG file."""

    uv: np.ndarray
    texture: bytes
    colours: np.ndarray
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReducedMesh:
    """A `BaseMesh`'s surface with fewer triangles, where that mesh stands.

    vertices: float32 [V, 3]. faces: int32 [F, 3], outward. symmetric: whether it mirrors itself in
    x = 0, exactly. report: distance_max and distance_mean to the mesh (voxels), volume_change
    (share), components.
    """

    vertices: np.ndarray
    faces: np.ndarray
    symmetric: bool = False
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseMesh:
    """The mesh that is delivered: metres, on the floor, origin at the ground centre, facing -Y.

    vertices: float32 [V, 3], lowest z is 0. faces: int32 [F, 3], outward.
    name: name of the object. category: class of the object ("" when unknown).
    info: engine, weights_hash, seed, settings, timings by phase in seconds, mesh statistics,
        messages for the artist; plain JSON types.
    thumbnail: uint8 [side, side, 4], sRGB-encoded, straight alpha, row 0 at the top: the object as
        it was cut out; None: there is none.
    colour: what it gets its colours from; None: nothing is known of them.
    reduced: what is inserted where no number of faces is asked for; None: the mesh itself.
    """

    vertices: np.ndarray
    faces: np.ndarray
    name: str
    category: str = ""
    info: dict[str, Any] = field(default_factory=dict)
    thumbnail: np.ndarray | None = None
    colour: ColourSource | None = None
    reduced: ReducedMesh | None = None

    @property
    def usual(self) -> ReducedMesh:
        """What is inserted where no number of faces is asked for."""
        return self.reduced or ReducedMesh(self.vertices, self.faces)
