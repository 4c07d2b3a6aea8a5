"""Both engines' networks on one trunk, so that two cores train them at once.

`pixel` reads features where points are seen, `imnet` reads one latent of the whole picture; both
begin with the same image network, whose cost is most of a step. `imnet`'s latent shape is also
`pixel`'s canonical branch. Each engine's weights file gets its own copy of what is shared.
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
    """`pixel` and `imnet`, whose trunk and latent shape are one module each.

    Raises ValueError for architectures that cannot share them.
    """

    def __init__(self, pixel: Architecture, imnet: ImnetArchitecture) -> None:
        super().__init__()
        self.pixel = PixelNetwork(pixel)
        self.imnet = SingleView(imnet)
        if not isinstance(self.imnet.img_encoder, EfficientEncoder):
            raise ValueError("only an imnet with the encoder efficientnet shares the trunk")
        whole = self.pixel.canonical
        if whole is None or not isinstance(self.imnet.generator, PlaneDecoder):
            raise ValueError("no latent shape to share: pixel has none, or imnet has no planes")
        self.imnet.img_encoder.trunk = self.pixel.trunk
        self.imnet.img_encoder.cells = whole.cells
        self.imnet.img_encoder.latent = whole.latent
        self.imnet.img_encoder.box = whole.box
        self.imnet.generator = whole.decoder

    def initialise(self) -> None:
        """Fresh weights: both fields begin near their level everywhere, both latents in the middle
        of their range."""
        initialise(self)
        last = self.imnet.generator.linear_3
        nn.init.normal_(last.weight, std=0.02)
        nn.init.constant_(last.bias, 0.4)
        for head in (self.imnet.img_encoder.latent, self.imnet.img_encoder.box):
            nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(self.pixel.points.linear_3.weight)

    def forward(self, pictures: Tensor) -> tuple[Reading, Tensor, Tensor]:
        """Float [B, 4, 128, 128] -> pixel's reading, imnet's latents [B, latent], class logits."""
        pyramid = self.pixel.trunk.pyramid(scale_pixels(pictures))
        reading, head = self.pixel.read(pyramid), self.imnet.img_encoder.head
        assert head is not None
        return reading, reading.latents, head(pyramid.pooled)
