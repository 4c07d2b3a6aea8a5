"""Writes a small checkpoint of the real `imnet` engine whose field is known: an octahedron.

The decoder's first layer gives relu(x), relu(-x), ... of the three axes, the others pass these on
and the last sums them up, so that the field falls linearly with |x| + |y| + |z|. The picture
encoder is random but small; what it says of the picture changes the octahedron's size a little.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from bozzetto.inference.engines.imnet.checkpoint import FORMAT, FORMAT_VERSION
from bozzetto.inference.engines.imnet.networks import Architecture, SingleView

ARCHITECTURE = Architecture(
    latent=8, decoder=(8,) * 6, voxel_encoder=(4, 4, 4, 4), image_base=4, image_channels=1
)


def write_octahedron(path: Path, *, category: str = "lamp", seed: int = 0) -> Path:
    """A .safetensors checkpoint at `path`."""
    torch.manual_seed(seed)
    model = SingleView(ARCHITECTURE)
    with torch.no_grad():
        decoder = model.generator
        for number in range(1, decoder.layers + 1):
            layer = getattr(decoder, f"linear_{number}")
            layer.weight.zero_()
            layer.bias.zero_()
        for axis in range(3):
            decoder.linear_1.weight[2 * axis, axis] = 1.0
            decoder.linear_1.weight[2 * axis + 1, axis] = -1.0
        decoder.linear_1.weight[6, 3:] = 0.01  # of the latent, always positive
        for number in range(2, decoder.layers):
            getattr(decoder, f"linear_{number}").weight.copy_(torch.eye(8))
        decoder.linear_7.weight[0, :6] = -1.0
        decoder.linear_7.weight[0, 6] = 1.0
        decoder.linear_7.bias.fill_(0.5 + 0.3)
    tensors = {k: v.contiguous() for k, v in model.state_dict().items() if v.is_floating_point()}
    tensors["bank.latents"] = torch.rand(3, ARCHITECTURE.latent)
    tensors["bank.classes"] = torch.zeros(3, dtype=torch.int64)
    metadata = {
        "version": FORMAT_VERSION,
        "architecture": ARCHITECTURE.to_dict(),
        "classes": [category],
        "diagonals": {category: 0.9},
        "level": 0.5,
        "pull": 0.0,
        "bank": 3,
    }
    save_file(tensors, path, metadata={FORMAT: json.dumps(metadata)})
    return path
