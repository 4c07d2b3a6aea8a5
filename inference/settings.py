"""What a generation depends on: one frozen, versioned record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .errors import SettingsError
from .suggest import suggest

VERSION = 1
AUTOMATIC = "automatic"
BUNDLED_ENGINES: tuple[str, ...] = ("pixel", "imnet")  # the default first
"""Those whose weights ship with the extension."""
ENGINES: tuple[str, ...] = (*BUNDLED_ENGINES, "triposr")
CATEGORIES: tuple[str, ...] = (
    AUTOMATIC, "chair", "table", "sofa", "cabinet", "bed", "lamp", "screen", "appliance",
    "bathtub", "toilet", "sink", "bottle", "cup", "bowl", "pan", "vase", "container", "instrument",
    "tool", "toy", "plant", "rock", "car", "truck", "cycle", "train", "airplane", "helicopter",
    "ship", "person", "quadruped", "bird", "fish", "creature", "building", "structure", "other",
)  # fmt: skip
RESOLUTIONS: tuple[int, ...] = (64, 128, 256, 512)
FACINGS: tuple[str, ...] = (
    AUTOMATIC, "toward", "toward_left", "left", "away_left", "away", "away_right", "right",
    "toward_right",
)  # fmt: skip
SYMMETRIES: tuple[str, ...] = (AUTOMATIC, "on", "off")
BACKGROUNDS: tuple[str, ...] = (AUTOMATIC, "keep", "remove")
SUBJECTS: tuple[str, ...] = (AUTOMATIC, "largest", "central", "point")


@dataclass(frozen=True)
class GenerateSettings:
    """Settings of one generation; the same settings, picture and weights give the same mesh.

    engine: id of the engine, one of `ENGINES`.
    category: class of the object, one of `CATEGORIES`; automatic: the engine decides.
    resolution: samples along the longest axis of the field's box, 64 to 512.
    seed: seed of every random draw, 0 to 2**31 - 1.
    background: automatic: use the picture's alpha, cut an opaque picture; keep: the whole picture
        is the object unless it has alpha; remove: cut even if the picture has alpha.
    facing: where the object's front points in the picture; automatic: the engine decides. Engines
        that answer in the object's own pose ignore it.
    symmetry: whether the object is taken to mirror itself left to right, so that the side that was
        seen completes the hidden one; automatic: where that helps such objects and the shape agrees
        with its mirror image. Engines that answer with whole shapes ignore it.
    subject: which object of several, one of `SUBJECTS`; automatic: all that the picture's own alpha
        shows, the largest of an opaque picture; central: nearest to the picture's middle; point:
        the one at `point`, which is looked for even where others stand out more.
    point: (x, y) as fractions of the picture's width and height, from its top left corner.
    size: length of the longest side in metres; 0: the usual size of the object's class.
    checkpoint: path of a checkpoint to load instead of the engine's usual weights; empty: those
        that ship or, of an engine whose weights do not, those that are installed on this machine.
    device: torch device string, or automatic.
    version: version of this record.
    """

    engine: str = ENGINES[0]
    category: str = AUTOMATIC
    resolution: int = 128
    seed: int = 0
    background: str = AUTOMATIC
    facing: str = AUTOMATIC
    symmetry: str = AUTOMATIC
    subject: str = AUTOMATIC
    point: tuple[float, float] = (0.5, 0.5)
    size: float = 0.0
    checkpoint: str = ""
    device: str = AUTOMATIC
    version: int = VERSION

    def __post_init__(self) -> None:
        """Check every field. Raises SettingsError."""
        for name, allowed in (
            ("engine", ENGINES),
            ("category", CATEGORIES),
            ("background", BACKGROUNDS),
            ("facing", FACINGS),
            ("symmetry", SYMMETRIES),
            ("subject", SUBJECTS),
        ):
            value = getattr(self, name)
            if value not in allowed:
                raise SettingsError(
                    f"{name} {value!r} is unknown.",
                    f"{suggest(value, allowed)}Use one of: {', '.join(allowed)}.",
                )
        if not isinstance(self.resolution, int) or not 64 <= self.resolution <= 512:
            raise SettingsError(
                f"resolution {self.resolution!r} is out of range.", "Use 64 to 512."
            )
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            raise SettingsError(f"seed {self.seed!r} is out of range.", "Use 0 to 2147483647.")
        place = self.point
        if (
            not isinstance(place, tuple | list)
            or len(place) != 2
            or not all(isinstance(value, int | float) and 0.0 <= value <= 1.0 for value in place)
        ):
            raise SettingsError(f"point {place!r} is not in the picture.", "Use two of 0 to 1.")
        object.__setattr__(self, "point", (float(place[0]), float(place[1])))  # JSON has lists
        if not 0.0 <= self.size <= 10_000.0:  # also refuses nan
            raise SettingsError(f"size {self.size!r} is out of range.", "Use 0 to 10000 metres.")
        if self.version != VERSION:
            raise SettingsError(
                f"These settings have version {self.version!r}, this Bozzetto knows {VERSION}.",
                "Update the extension.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "point": list(self.point)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> GenerateSettings:
        """Inverse of `to_dict`; missing fields get their defaults. Raises SettingsError."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(data) - set(known))
        if unknown:
            hints = "".join(suggest(name, known) for name in unknown)
            raise SettingsError(
                f"Unknown settings: {', '.join(unknown)}.",
                f"{hints}Remove them, or update the extension. Known are: {', '.join(known)}.",
            )
        try:
            return cls(**data)
        except TypeError as error:
            raise SettingsError(f"Settings have a value of the wrong type: {error}.") from error

    def changed(self, **values: Any) -> GenerateSettings:
        """A copy with some fields replaced. Raises SettingsError."""
        return replace(self, **values)
