"""Engine `pixel`: a cutout to a pixel-aligned field."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from ...settings import AUTOMATIC, FACINGS, GenerateSettings
from ...types import Camera, Cancel, Candidate, Cutout, Progress
from ..devices import choose_device
from ..imnet.picture import resize_straight_alpha
from ..proportions import Proportions
from .camera_head import EstimatedCamera, read_camera
from .canonical import CanonicalGrid
from .checkpoint import Checkpoint, load_bundled, load_checkpoint
from .field import PixelField
from .fine import PICTURE as FINE_PICTURE
from .networks import PICTURE, PixelNetwork, Reading, blur_matte

MATTE_SIDE = 256
"""Pixels across of the matte that points read: sharper than the picture that is understood."""
MIRROR_SHARE = 0.5
MIRROR_AGREEMENT = 0.6
"""A shape that overlaps its mirror image less than this is not taken for a symmetric one."""
MIRROR_MISMATCH = 0.03
"""Share of the outline's area by which that of the shape with its mirror image may differ from it:
a chair whose slats the image puts between the slats differs by .04, a car by .01. Where it differs
by more the picture's outline wins, and the shape is symmetric but for that. On validation pictures
outlines agree to .955 without mirror images and to .912 where these always win; IoU is the same."""
AZIMUTHS = {name: 45.0 * place for place, name in enumerate(FACINGS[1:])}
"""Degrees of the camera by where the object's front points in the picture."""
TORN = 0.6  # a second class at least this likely, compared with the first, is a candidate
UNKNOWN_DIAGONAL = 1.0


class PixelEngine:
    """Turns a cutout into a field (see `inference.types.Engine`).

    checkpoint: path of a .safetensors of our training; empty: the bundled weights. device: torch
    device string or "automatic".

    messages: what the artist should be told about loading, such as a device that is not there.

    Raises WeightsError, SettingsError (a device name that torch does not know).
    """

    def __init__(self, checkpoint: str = "", device: str = AUTOMATIC) -> None:
        loaded = load_checkpoint(Path(checkpoint)) if checkpoint else load_bundled()
        self.device, self.messages = choose_device(device)
        self.weights_hash = loaded.sha256
        self._checkpoint: Checkpoint = loaded
        self._network = loaded.network.to(self.device)

    def encode(
        self,
        cutout: Cutout,
        settings: GenerateSettings,
        *,
        generator: torch.Generator,
        progress: Progress,
        cancel: Cancel,
    ) -> list[Candidate]:
        """All readings of the cutout, best first; empty when nothing was recognised.

        The first candidate's class is the most likely one, or the artist's. A second candidate has
        the second class where the network is torn: the same shape, its size and level. Where the
        direction of view is neither said by the artist nor sure, the side that the picture shows
        becomes the front. Nothing is drawn at random.

        Raises Cancelled.
        """
        cancel.check()
        progress("encode", 0.0)
        picture = resize_straight_alpha(cutout.rgba, PICTURE)[None].to(self.device)
        matte = resize_straight_alpha(cutout.rgba, MATTE_SIDE)[None, 3:].to(self.device)
        with torch.no_grad():
            reading = self._network.read_both_ways(picture)
        cancel.check()
        progress("encode", 0.3)
        fine = None
        if self._network.fine is not None:
            large = resize_straight_alpha(cutout.rgba, FINE_PICTURE)[None].to(self.device)
            with torch.no_grad():
                fine = self._network.fine.read(large)
        cancel.check()
        mattes = blur_matte(matte)
        estimate = read_camera(reading.azimuth[0].cpu(), reading.pose[0].cpu())
        whole = read_canonical(self._network, reading)
        box = None if whole is None else read_proportions(reading)
        sure = settings.facing != AUTOMATIC or estimate.confidence >= self._checkpoint.sure
        turn = 0.0
        if settings.facing != AUTOMATIC:
            estimate = turn_camera(estimate, AZIMUTHS[settings.facing])
        elif not sure:  # what the picture shows becomes the front
            turn = -float(estimate.camera.azimuth)
        cancel.check()
        progress("encode", 0.6)
        names = self._names(reading.classes[0].float().cpu(), settings.category)
        forced = settings.symmetry == "on"
        candidates = []
        for name, score in names:
            field = PixelField(
                self._network,
                reading,
                mattes,
                estimate.camera.to(self.device),
                whole=whole,
                box=box,
                fine=fine,
                level=self._checkpoint.levels.get(name, self._checkpoint.level),
                turn=turn,
                mirrored=MIRROR_SHARE if self._mirrors(settings.symmetry, name, sure) else 0.0,
                agreement=0.0 if forced else MIRROR_AGREEMENT,
                mismatch=math.inf if forced else MIRROR_MISMATCH,
            )
            if field.found:
                diagonal = self._checkpoint.diagonals.get(name, UNKNOWN_DIAGONAL)
                described = _describe(estimate, turn)
                candidates.append(
                    Candidate(field, score, name, diagonal, described, pinhole=field.pinhole)
                )
        progress("encode", 1.0)
        return candidates

    def _mirrors(self, symmetry: str, name: str, sure: bool) -> bool:
        """Whether the mirror image completes the hidden side of such an object."""
        if symmetry != AUTOMATIC:
            return symmetry == "on"
        return sure and name in self._checkpoint.mirrored

    def _names(self, logits: Tensor, category: str) -> list[tuple[str, float]]:
        """Classes of the candidates with their shares."""
        if category != AUTOMATIC:
            return [(category, 1.0)]
        classes = self._network.architecture.classes
        shares = torch.softmax(logits, 0)
        order = shares.argsort(descending=True).tolist()
        pairs = [(classes[i], float(shares[i])) for i in order[:2]]
        return pairs if pairs[-1][1] >= TORN * pairs[0][1] else pairs[:1]


def read_canonical(network: PixelNetwork, reading: Reading) -> CanonicalGrid | None:
    """The canonical shape of one picture that was read both ways; None without that branch."""
    if network.canonical is None or reading.mirrored_latents is None:
        return None
    return CanonicalGrid(network.canonical, reading.latents[0], reading.mirrored_latents[0])


def read_proportions(reading: Reading) -> Proportions:
    """The proportions of the object in one picture."""
    return Proportions(functional.normalize(reading.box[0].exp(), dim=0))


def turn_camera(estimate: EstimatedCamera, azimuth: float) -> EstimatedCamera:
    """The same picture from another azimuth (degrees): the object is turned instead."""
    camera = replace(estimate.camera, azimuth=torch.full((1,), math.radians(azimuth)))
    return EstimatedCamera(camera, estimate.confidence)


def _describe(estimate: EstimatedCamera, turn: float) -> Camera:
    """In degrees, as the rest of the program counts, of an object that was turned by `turn`."""
    camera = estimate.camera
    view = 2 * math.degrees(math.asin(min(0.5 / float(camera.distance), 0.99)))
    return Camera(
        azimuth=math.degrees(float(camera.azimuth) + turn),
        elevation=math.degrees(float(camera.elevation)),
        field_of_view=view,
        confidence=estimate.confidence,
    )
