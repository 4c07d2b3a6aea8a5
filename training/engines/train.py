"""Train the bundled weights of both engines on one trunk: `./bozzetto train engines`.

train engines                      train, then export (goes on where it was stopped)
train engines --go-on              a fresh run that starts from the published weights
train engines --phase pictures     train the coarse networks only
train engines --phase fine         train pixel's fine level on the weights there are, and export it
train engines --phase export       write vendor/weights/ from the checkpoint there is
train engines --phase cards        write the model cards anew, from the weights there are
train engines --phase measure      figures of the weights there are, on the held-out objects
train engines --phase look         a sheet of held-out pictures beside what both engines make
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from ...inference.engines.imnet.networks import Architecture as ImnetArchitecture
from ...inference.engines.pixel.checkpoint import load_checkpoint
from ...inference.engines.pixel.networks import Architecture
from ..data.frozen import write_frozen
from ..shared.pack import Pack
from ..shared.run import Curve
from .export import export_fine, export_weights, rewrite_cards
from .fine import FinePlan, FineTraining
from .measure import measure
from .pictures import PictureTraining, Plan
from .sheet import write_sheet

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "vendor" / "weights"
PHASES = ("all", "pictures", "fine", "export", "cards", "measure", "look")


def bundled_architectures(classes: Sequence[str]) -> tuple[Architecture, ImnetArchitecture]:
    """What is trained for bundling: pixel under 40 MB and imnet under 25 MB as float16."""
    imnet = ImnetArchitecture(
        latent=256,
        decoder=(64,) * 6,
        frequencies=4,
        voxel_encoder=(16, 32, 64, 128),
        image_encoder="efficientnet",
        image_channels=4,
        classes=len(classes),
        planes=16,
        voxel_side=32,
        box=True,
    )
    return Architecture(classes=tuple(classes), latent=imnet.latent), imnet


def main(argv: Sequence[str] | None = None) -> int:
    """Entry of the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="train engines", description=__doc__.splitlines()[0])
    parser.add_argument("--phase", choices=PHASES, default="all")
    parser.add_argument("--pack", type=Path, default=ROOT / ".data" / "packs" / "shapes")
    parser.add_argument("--run", type=Path, default=ROOT / ".data" / "runs" / "engines")
    parser.add_argument("--weights", type=Path, default=BUNDLED)
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="training time")
    parser.add_argument(
        "--rate", type=float, default=Plan.rate,
        help="highest learning rate of the coarse networks; less where they go on",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=int, choices=(1, 2), nargs="+", default=[1, 2],
        help="of which the faster is taken; 1 where other work keeps the processor busy",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    parser.add_argument("--go-on", action="store_true", help="start from the published weights")
    parser.add_argument("--split", default="validation", help="objects that `look` shows")
    options = parser.parse_args(argv)
    torch.set_num_threads(2)
    pack = Pack(options.pack)
    curve, checkpoint = Curve(options.run / "curve.jsonl"), options.run / "pictures.pt"
    if options.phase in ("all", "pictures"):
        pixel, imnet = bundled_architectures(pack.names)
        plan = replace(Plan(), minutes=options.minutes, rate=options.rate)
        training = PictureTraining(pack, pixel, imnet, plan, options.seed)
        if checkpoint.exists() and not options.restart:
            training.load(checkpoint)
        elif options.go_on and training.start_from_weights(options.weights):
            print(f"going on after {training.pictures_before} pictures", flush=True)
        training.run(checkpoint, curve, tuple(options.threads))
    if options.phase in ("all", "export"):
        print(*export_weights(pack, checkpoint, options.weights, curve.path), sep="\n")
    if options.phase == "fine" or (options.phase == "all" and pack.fine is not None):
        print(train_fine(pack, options, curve))
    if options.phase == "cards":
        rewrite_cards(pack, options.weights, curve.path)
    wrote = options.phase in ("all", "fine", "export")
    if wrote and options.weights.resolve() == BUNDLED:
        whole = [item for item in pack.objects if not item["variant_of"]]  # variants follow theirs
        write_frozen({item["id"]: item["split"] for item in whole})
    if options.phase == "measure":
        training = PictureTraining(pack, *bundled_architectures(pack.names), Plan(), imagenet=False)
        if not training.start_from_weights(options.weights):
            print(f"{options.weights} holds no weights of both engines with these sizes")
            return 1
        for name, value in measure(pack, training.model, "validation", views=2).items():
            print(f"{name} {value:.3f}")
    if options.phase == "look":
        print(write_sheet(pack, options.weights, options.run / "sheet.png", options.split))
    return 0


def train_fine(pack: Pack, options: argparse.Namespace, curve: Curve) -> Path:
    """Train the fine level of the weights in `options.weights` and write it there."""
    weights = load_checkpoint(options.weights / "pixel.safetensors")
    training = FineTraining(
        pack, weights, replace(FinePlan(), minutes=options.minutes), options.seed
    )
    checkpoint = options.run / "fine.pt"
    if checkpoint.exists() and not options.restart and training.fits(checkpoint):
        training.load(checkpoint)
    training.run(checkpoint, curve, tuple(options.threads))
    return export_fine(pack, training, weights, options.weights, curve.path)


if __name__ == "__main__":
    raise SystemExit(main())
