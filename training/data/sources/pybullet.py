"""The models of pybullet's wheel: toys, tableware, furniture, robots, and random blobs.

The blobs (`random_urdfs`) came out of a generator, so they are marked as generated, and at most
`MAX_BLOBS` of them are used. The wheel is fetched with pip and never installed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from ..formats.mesh import MeshError, clean
from ..formats.obj import load_obj
from ..packages import Package, PackageError
from . import pybullet_tables as tables
from .axes import object_rotation, rotate
from .entry import Entry, Loaded, unpacked

PACKAGES: tuple[Package, ...] = ()
SOURCE = PACKAGE = "pybullet"
VERSION = "3.2.7"
WHEEL = f"pybullet-{VERSION}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
WHEEL_SHA256 = "5d858abf7c12a21ef3ed351cf81dac1b5e486ec25c9ab59bfc84beb89034edff"
FOLDER = "pybullet_data"
LICENCE = "Zlib"
AUTHOR = "Erwin Coumans and the pybullet contributors"
MAX_BLOBS = 500
MAX_FILE_BYTES = 80_000_000
_DOWNLOAD = (
    "-m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: "
    "--python-version 3.11 --implementation cp --platform manylinux2014_x86_64"
)


def prepare(data: Path) -> None:
    """Fetch, check and unpack the wheel's data unless that was done. Raises PackageError."""
    target = unpacked(data, PACKAGE)
    stamp = target.with_name(f"{PACKAGE}.sha256")
    if stamp.exists() and stamp.read_text().strip() == WHEEL_SHA256:
        return
    downloads = data / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    wheel = downloads / WHEEL
    if not wheel.exists():
        command = [sys.executable, *_DOWNLOAD.split(), "-d", str(downloads)]
        command.append(f"{PACKAGE}=={VERSION}")
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0 or not wheel.exists():
            raise PackageError(f"{WHEEL} cannot be downloaded:\n{result.stderr.strip()}")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise PackageError(f"{wheel} has SHA-256 {digest}, expected {WHEEL_SHA256}; delete it")
    partial = target.with_name(f"{PACKAGE}.part")
    shutil.rmtree(partial, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        members = [name for name in archive.namelist() if name.startswith(f"{FOLDER}/")]
        archive.extractall(partial, members)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    stamp.write_text(WHEEL_SHA256 + "\n")


def list_entries(data: Path) -> list[Entry]:
    """The modelled objects by name, then the blobs: those whose names have the smallest hash."""
    root = unpacked(data, PACKAGE) / FOLDER
    entries = [_entry(name, kind, False) for name, kind in sorted(tables.kinds().items())]
    blobs = [str(path.relative_to(root)) for path in root.glob("random_urdfs/*/*.obj")]
    blobs.sort(key=lambda name: hashlib.md5(name.encode()).digest())
    entries += [_entry(name, "other", True) for name in sorted(blobs[:MAX_BLOBS])]
    return entries


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space, without a size. Raises MeshError."""
    root = unpacked(data, PACKAGE) / FOLDER

    def read(name: str) -> bytes | None:
        path = root / name
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(f"{name}: larger than {MAX_FILE_BYTES} bytes")
        return path.read_bytes()

    mesh = clean(load_obj(read, entry.name))
    axes = tables.AXES.get(entry.name, tables.Z_UP)
    return Loaded(rotate(mesh, object_rotation(axes, tables.YAW_FIXES.get(entry.name, 0.0))))


def _entry(name: str, kind: str, generated: bool) -> Entry:
    return Entry(
        source=SOURCE,
        package=PACKAGE,
        name=name,
        kind=kind,
        label="blob" if generated else Path(name).stem.replace("_", " "),
        licence=LICENCE,
        author=AUTHOR,
        generated=generated,
    )
