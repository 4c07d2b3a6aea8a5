"""Pinned, cached, checked downloads of the Debian packages that hold the meshes.

The packages are fetched with `apt-get download` and unpacked with `dpkg -x` into the data folder;
they are never installed, and nothing outside the data folder is touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class PackageError(RuntimeError):
    """A package that cannot be had; the message says what happened and what to do."""


@dataclass(frozen=True)
class Package:
    """A Debian package: name, exact version and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name under which `apt-get download` leaves it (an epoch's colon is written %3a)."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def fetch_packages(data: Path, packages: Iterable[Package]) -> Path:
    """Make sure that every package is unpacked under `data`/unpacked, and return that folder.

    Raises PackageError.
    """
    downloads, unpacked = data / "downloads", data / "unpacked"
    downloads.mkdir(parents=True, exist_ok=True)
    unpacked.mkdir(parents=True, exist_ok=True)
    for package in packages:
        stamp = unpacked / f"{package.name}.sha256"
        if stamp.exists() and stamp.read_text().strip() == package.sha256:
            continue
        file = fetch(package, downloads)
        check(package, file)
        unpack(package, file, unpacked)
        stamp.write_text(package.sha256 + "\n")
    return unpacked


def fetch(package: Package, downloads: Path) -> Path:
    """The package's file in `downloads`, downloaded if it is not there."""
    file = downloads / package.file_name
    if file.exists():
        return file
    _require("apt-get", "apt")
    print(f"downloading {package.name} {package.version}", flush=True)
    command = ["apt-get", "download", f"{package.name}={package.version}"]
    result = subprocess.run(command, cwd=downloads, capture_output=True, text=True, check=False)
    if result.returncode != 0 or not file.exists():
        raise PackageError(
            f"{package.name} {package.version} cannot be downloaded:\n{result.stderr.strip()}\n"
            "Run `apt-get update` as root first. The version is that of Debian 12 (bookworm); "
            "another Debian or Ubuntu release offers other versions, whose meshes have not been "
            "looked at. Build on Debian 12 (a container will do), or put the file "
            f"{package.file_name} into {downloads} yourself."
        )
    return file


def check(package: Package, file: Path) -> None:
    """Raise PackageError unless the file is exactly the one that was looked at."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != package.sha256:
        raise PackageError(
            f"{file.name} has SHA-256 {digest.hexdigest()}, expected {package.sha256}. "
            f"The download broke off or the archive holds another build: delete {file} and run "
            "again. If it stays different, the package was rebuilt; the pack would not be the one "
            "that the published weights were trained on."
        )


def unpack(package: Package, file: Path, unpacked: Path) -> None:
    """Unpack into `unpacked`/NAME, complete or not at all."""
    _require("dpkg", "dpkg")
    target, partial = unpacked / package.name, unpacked / f"{package.name}.part"
    shutil.rmtree(partial, ignore_errors=True)
    command = ["dpkg", "-x", str(file), str(partial)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise PackageError(f"{file.name} cannot be unpacked: {result.stderr.strip()}")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)


def _require(tool: str, package: str) -> None:
    if shutil.which(tool) is None:
        raise PackageError(
            f"{tool} is not there. The training data comes from Debian packages: install "
            f"{package}, or build on Debian 12 (a container will do)."
        )
