"""Engine `triposr`: a cutout to a triplane's field."""

from __future__ import annotations

import math
from pathlib import Path

import torch

from ...errors import WeightsError
from ...settings import AUTOMATIC, FACINGS, GenerateSettings
from ...types import Camera, Cancel, Candidate, Cutout, Progress
from ..devices import choose_device
from ..imnet.engine import USUAL_DIAGONALS
from .checkpoint import load_checkpoint
from .decoder import Decoder
from .field import VIEW, TriplaneField
from .network import encode_picture, make_empty_network
from .precision import choose_precision, keep_resident
from .preprocess import prepare_cutout
from .volume import TriplaneVolume
from .weights_flow import WeightsFlow

AZIMUTHS = {name: 45.0 * place for place, name in enumerate(FACINGS[1:])}
"""Degrees of the camera by where the object's front points in the picture."""
NETWORK_SHARE = 0.97  # of the time, the rest is spent looking for the shape's box


class TriposrEngine:
    """Turns a cutout into a field (see `inference.types.Engine`).

    checkpoint: path of our converted .safetensors, or of the published model.ckpt. device: torch
    device string or "automatic". resident: whether the weights stay on the device between uses;
    None: where it has room for them (`keep_resident`).

    messages: what the artist should be told about loading, such as a device that is not there.

    Raises WeightsError (also for an empty path: nothing is bundled), SettingsError (a device name
    that torch does not know).
    """

    def __init__(
        self, checkpoint: str = "", device: str = AUTOMATIC, *, resident: bool | None = None
    ) -> None:
        if not checkpoint:
            raise WeightsError(
                "The weights of TripoSR do not come with the extension.",
                "Download them in the extension's preferences, or choose the file model.ckpt.",
            )
        self.device, self.messages = choose_device(device)
        loaded = load_checkpoint(Path(checkpoint))
        self.weights_hash = loaded.sha256
        self._network = make_empty_network()
        self._flow = WeightsFlow(
            self._network,
            loaded.tensors,
            self.device,
            precision=choose_precision(self.device),
            resident=keep_resident(self.device) if resident is None else resident,
        )
        self._decoder = Decoder().requires_grad_(False).eval()
        prefix = "decoder."
        self._decoder.load_state_dict(
            {k.removeprefix(prefix): v.float() for k, v in loaded.tensors.items()
             if k.startswith(prefix)}
        )  # fmt: skip
        self._decoder.to(self.device)

    def encode(
        self,
        cutout: Cutout,
        settings: GenerateSettings,
        *,
        generator: torch.Generator,
        progress: Progress,
        cancel: Cancel,
    ) -> list[Candidate]:
        """One reading of the cutout, or none when nothing was recognised.

        The network knows no classes: the candidate gets the one that the artist chose, if any, and
        its usual size. The shape keeps the pose that the picture shows (`TriplaneField` tells what
        that means) unless the artist says where its front points: then it is turned to face -Y.
        Nothing is drawn at random.

        Raises Cancelled.
        """

        def step(fraction: float) -> None:
            cancel.check()
            progress("encode", fraction * NETWORK_SHARE)

        picture = prepare_cutout(cutout.rgba)
        planes = encode_picture(self._network, self._flow, picture, step)
        azimuth = AZIMUTHS.get(settings.facing, 0.0)
        field = TriplaneField(
            TriplaneVolume(planes, self._decoder), turn=math.radians(azimuth), cancel=cancel
        )
        progress("encode", 1.0)
        if not field.found:
            return []
        category = "" if settings.category == AUTOMATIC else settings.category
        return [
            Candidate(
                field,
                1.0,
                category,
                USUAL_DIAGONALS.get(category, 0.0),
                # by definition, not by estimate: the pose is the picture's
                Camera(azimuth=azimuth, elevation=0.0, field_of_view=VIEW, confidence=0.0),
                pinhole=field.pinhole,
            )
        ]
