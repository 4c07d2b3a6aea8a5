"""Train, look, export: `./bozzetto train imnet`.

train imnet                      both phases, then export (resumes where it was stopped)
train imnet --phase pictures     only that phase
train imnet --phase export       write vendor/weights/imnet.* from the checkpoints there are
train imnet --phase look         a sheet of held-out pictures beside the decoded shapes
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from ...inference.engines.imnet.networks import Architecture
from .autoencoder import AutoEncoderPlan, AutoEncoderTraining, load_autoencoder
from .export import export_weights
from .pack import Pack
from .pictures import PicturePlan, PictureTraining
from .run import Curve
from .sheet import write_sheet

ROOT = Path(__file__).resolve().parents[2]
BUNDLED_ARCHITECTURE = Architecture(
    latent=256,
    decoder=(256, 256, 256, 128, 64, 32),  # the published ratios, a quarter as wide
    frequencies=4,
    voxel_encoder=(16, 32, 64, 128),
    image_base=32,
    image_channels=2,
)
PHASES = ("all", "autoencoder", "pictures", "export", "look")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry of the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="train imnet", description=__doc__.splitlines()[0])
    parser.add_argument("--phase", choices=PHASES, default="all")
    parser.add_argument("--pack", type=Path, default=ROOT / ".data" / "packs" / "imnet")
    parser.add_argument("--run", type=Path, default=ROOT / ".data" / "runs" / "imnet")
    parser.add_argument("--weights", type=Path, default=ROOT / "vendor" / "weights")
    parser.add_argument("--minutes", type=float, help="training time of each phase")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--restart", action="store_true", help="forget the phase's checkpoint")
    parser.add_argument("--split", default="validation", help="objects that `look` shows")
    options = parser.parse_args(argv)
    torch.set_num_threads(2)
    pack = Pack(options.pack)
    curve = Curve(options.run / "curve.jsonl")
    encoder, pictures = options.run / "autoencoder.pt", options.run / "pictures.pt"
    if options.phase in ("all", "autoencoder"):
        minutes = options.minutes or AutoEncoderPlan.minutes
        first = AutoEncoderTraining(
            pack, BUNDLED_ARCHITECTURE, AutoEncoderPlan(minutes), options.seed
        )
        if encoder.exists() and not options.restart:
            first.load(encoder)
        first.run(encoder, curve)
    if options.phase in ("all", "pictures"):
        autoencoder, architecture = load_autoencoder(encoder)
        minutes = options.minutes or PicturePlan.minutes
        second = PictureTraining(
            pack, autoencoder, architecture, PicturePlan(minutes), options.seed
        )
        if pictures.exists() and not options.restart:
            second.load(pictures)
        second.run(pictures, curve, encoder)
    if options.phase in ("all", "export"):
        print(export_weights(pack, encoder, pictures, options.weights, curve.path))
    if options.phase == "look":
        print(write_sheet(pack, options.weights, options.run / "sheet.png", options.split))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
