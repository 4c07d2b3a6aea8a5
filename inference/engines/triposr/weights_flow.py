"""Which weights are in a device's memory at which time, and in which precision.

Either all stay once they were used, or every part's come just before it works and go right after:
the file is mapped into memory, not read, so the system takes pages of it as they are needed and
gives them up when others need the room.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

_NORMS = (nn.LayerNorm, nn.GroupNorm)


class WeightsFlow:
    """Brings the weights of a network's parts.

    network: empty (on the meta device). tensors: its weights by the network's own keys, of any
    floating type, on the CPU, usually mapped from a file. device: where it computes.
    precision: of the matrices in parts held with fast=True; all else is float32.
    resident: whether weights stay on the device after their first use. False takes the memory of
    the largest part alone.
    """

    def __init__(
        self,
        network: nn.Module,
        tensors: Mapping[str, Tensor],
        device: torch.device,
        *,
        precision: torch.dtype = torch.float32,
        resident: bool = False,
    ) -> None:
        self.device, self.precision, self.resident = device, precision, resident
        self._tensors = tensors
        self._names = {id(module): name for name, module in network.named_modules()}

    @contextlib.contextmanager
    def hold(self, part: nn.Module, *, fast: bool = False) -> Iterator[None]:
        """The part of the network has its weights as long as the context lasts."""
        if next(part.parameters()).is_meta:
            self._fill(part, self.precision if fast else torch.float32)
        try:
            yield
        finally:
            if not self.resident:
                part.to_empty(device="meta")

    def _fill(self, part: nn.Module, precision: torch.dtype) -> None:
        prefix = self._names[id(part)]
        weights = {}
        for name, module in part.named_modules():
            wanted = torch.float32 if isinstance(module, _NORMS) else precision
            for leaf, _ in module.named_parameters(recurse=False):
                key = f"{name}.{leaf}".lstrip(".")
                stored = self._tensors[f"{prefix}.{key}"]
                weights[key] = stored.to(self.device, wanted)
        part.load_state_dict(weights, strict=True, assign=True)
        part.requires_grad_(False)
