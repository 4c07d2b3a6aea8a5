"""Take the README's pictures of the real window: `python -m …real_blender.photograph`.

Writes docs/images/panel.png and docs/images/window_result.png.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

from ..build import build_extension
from .chroot import CHECKOUT, SUITES, open_chroot
from .drive import HERE, Run, play

PICTURE = CHECKOUT / "docs" / "examples" / "chair.png"
OUT = CHECKOUT / "docs" / "images"


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when both pictures were taken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="trixie")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bozzetto-photos-") as folder:
        report = play(
            open_chroot(options.suite),
            Run(
                steps=HERE / "photo_steps.py",
                out=Path(folder),
                extension=build_extension(),
                parameters={"picture": str(PICTURE)},
                shown=(PICTURE,),
            ),
        )
        if report.problem:
            print(report.problem, file=sys.stderr)
            return 1
        panel, window = report.screenshots
        for name, screenshot, box in (
            ("panel.png", panel, report.facts["panel"]),
            ("window_result.png", window, None),
        ):
            with Image.open(screenshot) as image:
                image.convert("RGB").crop(box).save(options.out / name, optimize=True)
            print(options.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
