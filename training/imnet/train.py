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
CATEGORIES = (
    "chair", "table", "sofa", "cabinet", "bed", "lamp", "screen", "appliance", "bathtub", "toilet",
    "sink", "bottle", "cup", "bowl", "pan", "vase", "container", "car", "truck", "cycle",
    "airplane", "helicopter", "ship", "person", "quadruped", "bird",
)  # fmt: skip
"""Classes whose objects have a common build; `training.data.classes` has others that have none."""
LATENT, WIDTH, PLANES = 256, 64, 16


def bundled_architecture(classes: int) -> Architecture:
    """What is trained for bundling: under 25 MB as float16."""
    return Architecture(
        latent=LATENT,
        decoder=(WIDTH,) * 6,
        frequencies=4,
        voxel_encoder=(16, 32, 64, 128),
        image_base=48,
        image_channels=2,
        image_pool=True,
        classes=classes,
        planes=PLANES,
        voxel_side=32,
    )


PHASES = ("all", "autoencoder", "pictures", "export", "look")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry of the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="train imnet", description=__doc__.splitlines()[0])
    parser.add_argument("--phase", choices=PHASES, default="all")
    parser.add_argument("--pack", type=Path, default=ROOT / ".data" / "packs" / "shapes")
    parser.add_argument("--run", type=Path, default=ROOT / ".data" / "runs" / "imnet")
    parser.add_argument("--weights", type=Path, default=ROOT / "vendor" / "weights")
    parser.add_argument("--minutes", type=float, help="training time of each phase")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--restart", action="store_true", help="forget the phase's checkpoint")
    parser.add_argument(
        "--go-on", action="store_true", help="phase 2 starts from the published weights"
    )
    parser.add_argument("--split", default="validation", help="objects that `look` shows")
    options = parser.parse_args(argv)
    torch.set_num_threads(2)
    pack = Pack(options.pack, CATEGORIES)
    curve = Curve(options.run / "curve.jsonl")
    encoder, pictures = options.run / "autoencoder.pt", options.run / "pictures.pt"
    architecture = bundled_architecture(len(pack.names))
    if options.phase in ("all", "autoencoder"):
        plan = AutoEncoderPlan(options.minutes or AutoEncoderPlan.minutes)
        first = AutoEncoderTraining(pack, architecture, plan, options.seed)
        if encoder.exists() and not options.restart:
            first.load(encoder)
        first.run(encoder, curve)
    if options.phase in ("all", "pictures"):
        plan = PicturePlan(options.minutes or PicturePlan.minutes)
        second = PictureTraining(pack, architecture, plan, options.seed)
        start_pictures(second, pictures, encoder, options)
        second.run(pictures, curve)
    if options.phase in ("all", "export"):
        print(export_weights(pack, pictures, options.weights, curve.path, encoder))
    if options.phase == "look":
        print(write_sheet(pack, options.weights, options.run / "sheet.png", options.split))
    return 0


def start_pictures(
    training: PictureTraining, checkpoint: Path, autoencoder: Path, options: argparse.Namespace
) -> None:
    """Let phase 2 go on from its checkpoint, else from the published weights, else from phase 1."""
    if checkpoint.exists() and not options.restart:
        training.load(checkpoint)
        return
    published = options.weights / "imnet.safetensors"
    if options.go_on and published.exists() and training.start_from_weights(published):
        print(f"going on from {published}, {training.pictures_before} pictures", flush=True)
    elif autoencoder.exists():
        training.start_from_autoencoder(load_autoencoder(autoencoder)[0])


if __name__ == "__main__":
    raise SystemExit(main())
