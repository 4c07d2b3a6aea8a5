"""Engine `imnet`: a cutout to implicit fields."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ...settings import AUTOMATIC, GenerateSettings
from ...types import Camera, Cancel, Candidate, Cutout, Progress
from ..devices import choose_device
from ..proportions import Proportions
from .checkpoint import Checkpoint, load_bundled, load_checkpoint
from .field import ImplicitField
from .networks import BothWays, EfficientEncoder
from .picture import prepare_picture

USUAL_DIAGONALS: dict[str, float] = {
    "chair": 1.1, "table": 1.6, "sofa": 2.2, "cabinet": 1.6, "lamp": 0.9, "bed": 2.6, "car": 4.9,
    "airplane": 20.0,
}  # fmt: skip
"""Metres; rough, for classes of which the checkpoint tells no size."""
UNKNOWN_DIAGONAL = 1.0
TORN = 0.6  # a second class whose weight is at least this share of the first gets a candidate
Y_UP_FROM_OBJECT = torch.tensor([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""Object space (Z up, facing -Y) to the published networks' space, taken to be ShapeNet's (+Y up,
facing -Z): a rotation, so that nothing is mirrored."""


class ImnetEngine:
    """Turns a cutout into implicit fields (see `inference.types.Engine`).

    checkpoint: path of a published IM_SVR .pth or of a .safetensors of our training; empty: the
    bundled weights. device: torch device string or "automatic".

    Published checkpoints know no classes: candidates get the class that the artist chose, if any.
    Their space is assumed to be ShapeNet's, +Y up and facing -Z, and is turned inside this engine;
    no published file was at hand to look at.

    messages: what the artist should be told about loading, such as a device that is not there.

    Raises WeightsError, SettingsError (a device name that torch does not know).
    """

    def __init__(self, checkpoint: str = "", device: str = AUTOMATIC) -> None:
        loaded = load_checkpoint(Path(checkpoint)) if checkpoint else load_bundled()
        self.device, self.messages = choose_device(device)
        self.weights_hash = loaded.sha256
        self._checkpoint: Checkpoint = loaded
        self._model = loaded.model.to(self.device)
        self._bank = loaded.bank

    def encode(
        self,
        cutout: Cutout,
        settings: GenerateSettings,
        *,
        generator: torch.Generator,
        progress: Progress,
        cancel: Cancel,
    ) -> list[Candidate]:
        """All readings of the cutout, best first.

        With the class "automatic" the first candidate's class is the class head's, or without one
        that of the training shapes near its latent (`LatentBank.rank_classes`), and a second one
        follows where another class is nearly as likely. With a class chosen by the artist the
        latent is moved towards that class's shapes, unless that is its class anyway. The diagonal
        is that of the near shapes. Nothing is drawn at random.

        Raises Cancelled.
        """
        cancel.check()
        progress("encode", 0.0)
        picture = prepare_picture(cutout.rgba, self._checkpoint.architecture.image_channels)
        seen = self._read(picture.to(self.device))
        cancel.check()
        ranked = None if seen.logits is None else self._rank(seen.logits[0])
        names = self._name(seen.z[0], settings.category, ranked)
        candidates = [self._candidate(seen, ranked, name, score) for name, score in names]
        progress("encode", 1.0)
        return candidates

    def _rank(self, logits: Tensor) -> list[tuple[str, float]]:
        """The class head's answer, best first, of the classes that the bank has shapes of."""
        bank = self._bank
        names = bank.names if bank else ()
        weights = torch.softmax(logits, 0).tolist()
        pairs = [(n, w) for n, w in zip(names, weights, strict=False) if bank and bank.has_class(n)]
        return sorted(pairs, key=lambda pair: -pair[1])

    @torch.no_grad()
    def _read(self, picture: Tensor) -> BothWays:
        """One picture, on the CPU; published encoders do not look at mirror images."""
        encoder = self._model.img_encoder
        if isinstance(encoder, EfficientEncoder):
            seen = encoder.read_both_ways(picture)
        else:
            z, logits = encoder.encode(picture)
            seen = BothWays(z, z, logits, None)
        parts = (seen.z, seen.mirrored, seen.logits, seen.edges)
        return BothWays(*(None if part is None else part.float().cpu() for part in parts))

    def _name(
        self, z: Tensor, category: str, ranked: list[tuple[str, float]] | None
    ) -> list[tuple[str, float]]:
        """Classes of the candidates with their scores, best first; a class may be empty."""
        if category != AUTOMATIC:
            return [(category, 1.0)]
        if self._bank is None:
            return [("", 1.0)]
        ranked = ranked or self._bank.rank_classes(z)
        return [pair for pair in ranked[:2] if pair[1] >= TORN * ranked[0][1]]

    def _move(self, z: Tensor, category: str, *, known: bool) -> Tensor:
        """The latent read as a shape of a class; known: that is what the picture shows anyway."""
        bank = self._bank
        if bank is None:
            return z
        if not bank.has_class(category):
            return bank.settle(z)
        return bank.settle(z, category) if known else bank.move_to_class(z, category)

    def _candidate(
        self, seen: BothWays, ranked: list[tuple[str, float]] | None, category: str, score: float
    ) -> Candidate:
        """One reading of the picture, whose classes the head ranked."""
        loaded = self._checkpoint
        known = ranked is not None and ranked[:1] != [] and ranked[0][0] == category
        z = self._move(seen.z[0], category, known=known)
        mirrored = None
        if isinstance(self._model.img_encoder, EfficientEncoder):
            mirrored = self._move(seen.mirrored[0], category, known=known).to(self.device)
        field = ImplicitField(
            self._model.generator,
            z.to(self.device),
            mirrored=mirrored,
            level=loaded.levels.get(category, loaded.level),
            box=None if seen.edges is None else Proportions(seen.edges[0].to(self.device)),
            frame=Y_UP_FROM_OBJECT if loaded.y_up else None,
        )
        diagonal = self._bank.estimate_diagonal(z, category) if self._bank else 0.0
        diagonal = diagonal or loaded.diagonals.get(category, 0.0)
        diagonal = diagonal or USUAL_DIAGONALS.get(category, UNKNOWN_DIAGONAL)
        camera: Camera | None = None  # this network answers in the object's own pose
        return Candidate(field, score, category, diagonal, camera)
