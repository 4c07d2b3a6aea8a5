"""The precision of the large matrices: half where a device multiplies halves faster."""

from __future__ import annotations

import torch

from ..devices import count_devices

RESIDENT = 2 << 30
"""Free bytes of a graphics card above which all weights stay on it: half of them, and the same
again for everything else."""


def choose_precision(device: torch.device) -> torch.dtype:
    """float16 where matrix units take it (its 11 bits drift less than bfloat16's 8), bfloat16 on
    processors with instructions for it, else float32.

    Without such units halves are converted one by one, which takes longer than float32.
    """
    if device.type == "cuda":
        return (
            torch.float16 if torch.cuda.get_device_capability(device) >= (7, 0) else torch.float32
        )
    if device.type in ("mps", "xpu"):
        return torch.float16
    known = torch.cpu.get_capabilities()
    able = known.get("amx_bf16", False) or known.get("avx512_bf16", False)
    return torch.bfloat16 if able else torch.float32


def keep_resident(device: torch.device) -> bool:
    """Whether all weights should stay on the device between its parts' turns.

    Not on a processor: its memory is where the file is mapped, and converting a part takes half
    a percent to two percent of the part's own time (`benchmarks.triposr` measures it).
    """
    if device.type == "cpu" or not count_devices(device.type):
        return False
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] > RESIDENT
    return True
