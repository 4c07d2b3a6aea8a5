"""TripoSR's network: time and memory of every phase, drift of half precision, queries of a mesh.

    ./bozzetto benchmark triposr [--checkpoint FILE] [--quick]

Without --checkpoint (the published model.ckpt, or the copy made of it) the network has the right
size and random weights: time and memory are the same, and what it gives is a random shape. Every
figure is taken in this one run. Times are wall time and, in brackets, processor time, which other
programs disturb less. Memory is the process's own and, apart from it, pages of the mapped file,
which the system may take back at any moment (Linux only).

Dense evaluation is timed on some slices. --quick: at 128 instead of 256, and no drift of the
planes, which takes two more passes of the network.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from ..inference.engines.triposr.checkpoint import load_checkpoint
from ..inference.engines.triposr.convert import choose_type
from ..inference.engines.triposr.decoder import RADIUS, Decoder
from ..inference.engines.triposr.field import TriplaneField
from ..inference.engines.triposr.network import (
    Network,
    build_triplane,
    list_tensors,
    make_empty_network,
    read_picture,
)
from ..inference.engines.triposr.precision import choose_precision
from ..inference.engines.triposr.preprocess import prepare_cutout
from ..inference.engines.triposr.volume import LOG_THRESHOLD, TriplaneVolume
from ..inference.engines.triposr.weights_flow import WeightsFlow
from ..inference.pictures.cutting import cut_out
from ..inference.pictures.image import load_picture
from ..inference.surface.extract import extract_surface
from ..inference.types import Source
from ..inference.weights import read_safetensors

EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "chair.png"
DENSE_SHARE = 1 / 64
"""Of the dense samples that are really evaluated; their time counts that many times."""
BLUR = 17  # texels
SPREAD, FILLED = 4.0, 0.03
"""Of random weights' log density, and the share of the box that is inside."""
CPU = torch.device("cpu")


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark triposr", description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    sys.stdout.reconfigure(line_buffering=True)
    print(f"{options.threads} threads, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        if not options.checkpoint:
            write_random(Path(folder) / "random.safetensors")
        with measure("weights"):
            if options.checkpoint:
                tensors = load_checkpoint(options.checkpoint).tensors
            else:
                tensors, _ = read_safetensors(Path(folder) / "random.safetensors")
        run(tensors, quick=options.quick, random=not options.checkpoint)


def run(tensors: Mapping[str, Tensor], *, quick: bool, random: bool) -> None:
    """Print all figures of one checkpoint."""
    picture = prepare_cutout(cut_out(load_picture(Source(path=str(EXAMPLE)))).rgba)
    network = make_empty_network()
    tokens, planes = run_network(network, tensors, picture)
    measure_streaming(network, tensors)
    measure_drift(network, tensors, picture, tokens, planes, whole=not quick)
    decoder = make_decoder(tensors)
    if random:
        planes = balance(planes, decoder)
    measure_extraction(TriplaneVolume(planes, decoder), 128 if quick else 256)


def write_random(path: Path) -> None:
    """Random weights of the whole network at a network's usual scale, in the types of our copy."""
    generator = torch.Generator().manual_seed(1)
    made = {}
    for key, spec in list_tensors().items():
        values = torch.empty(spec.shape).normal_(generator=generator)
        if len(spec.shape) > 1:
            values /= math.sqrt(values[0].numel())
        else:
            values = values * 0.1 + float(key.endswith("weight"))
        made[key] = values.to(choose_type(key, spec))
    save_file(made, str(path))


def run_network(
    network: Network, tensors: Mapping[str, Tensor], picture: Tensor
) -> tuple[Tensor, Tensor]:
    """The picture's tokens and planes in float32, phase by phase."""
    flow = WeightsFlow(network, tensors, CPU)
    with measure("image network"):
        tokens = read_picture(network, flow, picture, ignore)
    with measure("triplane transformer"):
        codes = build_triplane(network, flow, tokens, ignore)
    with measure("upsampler"), flow.hold(network.post_processor), torch.inference_mode():
        return tokens, network.post_processor(codes)


def measure_streaming(network: Network, tensors: Mapping[str, Tensor]) -> None:
    """Print what bringing one block's weights takes, beside the block's own work."""
    block = network.backbone.transformer_blocks[0]
    flow = WeightsFlow(network, tensors, CPU)
    tokens, picture = torch.randn(1, 3072, 1024), torch.randn(1, 1025, 768)
    bring, work = [], []
    for _ in range(3):
        started = time.process_time()
        with flow.hold(block, fast=True), torch.inference_mode():
            brought = time.process_time()
            block(tokens, picture)
            work.append(time.process_time() - brought)
        bring.append(brought - started)
    print(
        f"one block: weights {min(bring) * 1e3:.0f} ms, work {min(work) * 1e3:.0f} ms of processor "
        f"time: streaming costs {100 * min(bring) / min(work):.1f} %"
    )


def measure_drift(
    network: Network,
    tensors: Mapping[str, Tensor],
    picture: Tensor,
    tokens: Tensor,
    planes: Tensor,
    *,
    whole: bool,
) -> None:
    """Print how far half precisions move the image network's tokens and, whole, the planes."""
    print(f"precision that this processor takes: {choose_precision(CPU)}")
    for precision in (torch.bfloat16, torch.float16):
        rounded = Rounded(network, tensors, precision)
        found = read_picture(network, rounded, picture, ignore)
        print(f"{precision}: tokens {compare(found, tokens)}")
        if not whole:
            continue
        codes = build_triplane(network, rounded, found, ignore)
        with rounded.hold(network.post_processor), torch.inference_mode():
            print(f"{precision}: planes {compare(network.post_processor(codes), planes)}")


def compare(found: Tensor, exact: Tensor) -> str:
    """How far one is from the other."""
    away = (found - exact).abs()
    return (
        f"move by {float(away.mean()):.1e} on average, {float(away.max()):.1e} at most, of a "
        f"spread of {float(exact.std()):.2f}"
    )


class Rounded(WeightsFlow):
    """Half precision as a device with matrix units has it, on one that has none: what goes into and
    comes out of a large matrix is rounded, sums are float32. (Emulated half precision on a
    processor without such instructions takes many times as long.)"""

    def __init__(
        self, network: Network, tensors: Mapping[str, Tensor], precision: torch.dtype
    ) -> None:
        super().__init__(network, tensors, CPU)
        self._rounding = precision

    @contextlib.contextmanager
    def hold(self, part: nn.Module, *, fast: bool = False) -> Iterator[None]:
        """See `WeightsFlow`."""
        with super().hold(part, fast=fast):
            linear = [m for m in part.modules() if fast and isinstance(m, nn.Linear)]
            hooks = []
            for module in linear:
                for name, values in module.named_parameters():
                    module.register_parameter(name, nn.Parameter(self._round(values), False))
                hooks.append(module.register_forward_pre_hook(lambda _, x: self._round(x[0])))
                hooks.append(module.register_forward_hook(lambda _, __, out: self._round(out)))
            try:
                yield
            finally:
                for hook in hooks:
                    hook.remove()

    def _round(self, values: Tensor) -> Tensor:
        return values.to(self._rounding).float()


def make_decoder(tensors: Mapping[str, Tensor]) -> Decoder:
    """The decoder with its weights."""
    decoder = Decoder().requires_grad_(False).eval()
    decoder.load_state_dict(
        {k.removeprefix("decoder."): v for k, v in tensors.items() if k.startswith("decoder.")}
    )
    return decoder


def balance(planes: Tensor, decoder: Decoder) -> Tensor:
    """Smooth planes, and a decoder shifted and scaled, so that random weights give something like a
    solid object instead of foam that fills the box."""
    for _ in range(2):
        planes = functional.avg_pool2d(planes, BLUR, 1, BLUR // 2)
    ends = decoder.layers[-1]
    assert isinstance(ends, nn.Linear)
    points = torch.rand(20_000, 3, generator=torch.Generator().manual_seed(2)) * 2 - 1
    found = TriplaneVolume(planes, decoder).log_density(points * RADIUS)
    ends.weight[0] *= SPREAD / found.std()
    found = TriplaneVolume(planes, decoder).log_density(points * RADIUS)
    ends.bias[0] += LOG_THRESHOLD - torch.quantile(found, 1 - FILLED)
    return planes


class CountingVolume:
    """A volume that counts its points."""

    def __init__(self, volume: TriplaneVolume) -> None:
        self.device, self.queries, self._volume = volume.device, 0, volume

    def log_density(self, points: Tensor) -> Tensor:
        """See `Volume`."""
        self.queries += len(points)
        return self._volume.log_density(points)

    def colour(self, points: Tensor) -> Tensor:
        """See `Volume`."""
        self.queries += len(points)
        return self._volume.colour(points)


def measure_extraction(volume: TriplaneVolume, resolution: int) -> None:
    """Print queries and time of the box, the surface and the dense way."""
    counting = CountingVolume(volume)
    with measure("box"):
        field = TriplaneField(counting)
    boxed = counting.queries
    with measure("surface"):
        surface = extract_surface(field, resolution)
    axis = torch.linspace(-RADIUS, RADIUS, resolution)
    slabs = max(1, round(resolution * DENSE_SHARE))
    middle = axis[resolution // 2 : resolution // 2 + slabs]
    with measure(f"dense, {slabs} of {resolution} slices"):
        volume.log_density(torch.cartesian_prod(middle, axis, axis))
    dense = resolution**3
    print(
        f"{resolution}^3, {len(surface.faces):,} faces: {counting.queries:,} queries ({boxed:,} of "
        f"them for the box), dense {dense:,}: {dense / counting.queries:.1f} times as many"
    )
    size = np.linalg.norm(np.ptp(surface.vertices, axis=0))
    print(f"box diagonal {size:.3f}; a mesh at {resolution} samples its own box, not +-0.87")


def ignore(_: float) -> None:
    """A step that tells nobody."""


@contextlib.contextmanager
def measure(name: str) -> Iterator[None]:
    """Print the time and the peak memory of what is done meanwhile."""
    with _Memory() as memory:
        started, worked = time.perf_counter(), time.process_time()
        yield
        taken, worked = time.perf_counter() - started, time.process_time() - worked
    print(f"{name:28} {taken:7.2f} s ({worked:7.2f} s)  {memory}")


class _Memory(threading.Thread):
    """Looks at the process's memory again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = self.mapped = 0
        self._done = threading.Event()

    def run(self) -> None:
        """Until the context ends."""
        status = Path("/proc/self/status")
        while status.exists():
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            self.own = max(self.own, int(lines["RssAnon"].split()[0]))
            self.mapped = max(self.mapped, int(lines["RssFile"].split()[0]))
            if self._done.wait(0.05):
                break

    def __enter__(self) -> _Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    def __str__(self) -> str:
        return f"{self.own / 1e6:5.2f} GB, and {self.mapped / 1e6:5.2f} GB of files"


if __name__ == "__main__":
    main()
