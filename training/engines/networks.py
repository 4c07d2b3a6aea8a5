"""Both engines' networks on one trunk, so that two cores train them at once.

`pixel` reads features where points are seen, `imnet` reads one latent of the whole picture; both
begin with the same image network, whose cost is most of a step. Each engine's weights file gets its
own copy of the trunk.
"""

from __future__ import annotations

from torch import Tensor, nn

from ...inference.engines.efficientnet import scale_pixels
from ...inference.engines.imnet.networks import Architecture as ImnetArchitecture
from ...inference.engines.imnet.networks import EfficientEncoder, SingleView
from ...inference.engines.imnet.planes import PlaneDecoder
from ...inference.engines.pixel.networks import Architecture, PixelNetwork, Reading
from ..shared.run import initialise


class SharedNetworks(nn.Module):
    """`pixel` and `imnet`, whose trunk is one module."""

    def __init__(self, pixel: Architecture, imnet: ImnetArchitecture) -> None:
        super().__init__()
        self.pixel = PixelNetwork(pixel)
        self.imnet = SingleView(imnet)
        if not isinstance(self.imnet.img_encoder, EfficientEncoder):
            raise ValueError("only an imnet with the encoder efficientnet shares the trunk")
        self.imnet.img_encoder.trunk = self.pixel.trunk

    def initialise(self) -> None:
        """Fresh weights: both fields begin near their level everywhere, both latents in the middle
        of their range."""
        initialise(self)
        decoder = self.imnet.generator
        last = decoder.linear_3 if isinstance(decoder, PlaneDecoder) else decoder.linear_7
        nn.init.normal_(last.weight, std=0.02)
        nn.init.constant_(last.bias, 0.4)
        nn.init.normal_(self.imnet.img_encoder.latent.weight, std=0.01)
        nn.init.zeros_(self.pixel.points.linear_3.weight)

    def forward(self, pictures: Tensor) -> tuple[Reading, Tensor, Tensor]:
        """Float [B, 4, 128, 128] -> pixel's reading, imnet's latents [B, latent], class logits."""
        pyramid = self.pixel.trunk.pyramid(scale_pixels(pictures))
        latents, logits = self.imnet.img_encoder.read(pyramid)
        assert logits is not None
        return self.pixel.read(pyramid), latents, logits
