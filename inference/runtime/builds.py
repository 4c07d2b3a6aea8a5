"""Which packages the runtime gets: the pinned list, and which build of torch."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingsError

REQUIREMENTS = Path(__file__).resolve().parents[2] / "vendor" / "requirements.txt"
PYTHONS = ((3, 11), (3, 12))
"""Versions for which every pinned package has wheels, best first: numpy 1.26.4 ends at 3.12."""
AUTOMATIC, CPU, CUDA = "automatic", "cpu", "cuda"
TORCH_BUILDS = (AUTOMATIC, CPU, CUDA)
_INDEX = "https://download.pytorch.org/whl/"
_WINDOWS_CUDA = "cu130"  # PyPI's Windows wheels of torch know no CUDA; this is its index
_MODULES = {
    "scikit-image": "skimage",
    "pillow": "PIL",
    "fast-simplification": "fast_simplification",
}
"""What is imported where that is not the distribution's name."""
# Free space wanted before the start: packages, their downloads and a margin.
_CPU_SPACE, _CUDA_SPACE = 2_500_000_000, 7_000_000_000
_CPU_DOWNLOAD, _CUDA_DOWNLOAD = 350_000_000, 3_000_000_000  # about; for the progress bar


@dataclass(frozen=True)
class Requirement:
    """One pinned package: its distribution's name, version and the module to import."""

    name: str
    version: str
    module: str

    def accepts(self, version: str) -> bool:
        """Whether an installed version is the pinned one; a local part (+cpu) is a build of it."""
        return version.partition("+")[0] == self.version


@dataclass(frozen=True)
class TorchBuild:
    """A build of torch. index: where pip looks besides PyPI, or ""; reason: why this one.

    space: free bytes wanted on the disk; download: bytes to come, about.
    """

    name: str
    index: str
    reason: str
    space: int
    download: int


def read_requirements(path: Path = REQUIREMENTS) -> tuple[Requirement, ...]:
    """The packages that a list pins. Raises SettingsError for a line that pins nothing."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!_]+)", text)
        if match is None:
            raise SettingsError(f"{path.name} has {text!r}, which pins no version.")
        name, version = match.groups()
        found.append(Requirement(name, version, _MODULES.get(name.lower(), name)))
    return tuple(found)


def find_fingerprint(path: Path = REQUIREMENTS) -> str:
    """Changes when the pinned packages change; comments do not count."""
    pins = sorted(f"{item.name}=={item.version}" for item in read_requirements(path))
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()[:16]


def has_nvidia_driver() -> bool:
    """Whether a driver of NVIDIA's is installed, as far as its files tell."""
    if sys.platform == "win32":
        system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        return (system / "nvcuda.dll").is_file()
    if sys.platform == "darwin":
        return False
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def choose_build(
    wanted: str, *, platform: str = sys.platform, driver: bool | None = None
) -> TorchBuild:
    """The build of torch for this machine.

    wanted: one of TORCH_BUILDS. platform, driver: this machine's unless given. Raises
    SettingsError for another name, and for CUDA on a Mac.
    """
    if wanted not in TORCH_BUILDS:
        raise SettingsError(
            f"There is no build of torch called {wanted!r}.", f"Choose {', '.join(TORCH_BUILDS)}."
        )
    if platform == "darwin":
        if wanted == CUDA:
            raise SettingsError("There is no CUDA on a Mac.", "Choose automatic.")
        return TorchBuild(CPU, "", "on a Mac there is one, with Metal", _CPU_SPACE, _CPU_DOWNLOAD)
    reason = "as chosen"
    if wanted == AUTOMATIC:
        driver = has_nvidia_driver() if driver is None else driver
        wanted = CUDA if driver else CPU
        reason = f"{'an' if driver else 'no'} NVIDIA driver was found"
    if wanted == CUDA:
        index = _INDEX + _WINDOWS_CUDA if platform == "win32" else ""
        return TorchBuild(CUDA, index, reason, _CUDA_SPACE, _CUDA_DOWNLOAD)
    # PyPI's wheels for Windows are the CPU build, those for Linux the CUDA build.
    index = "" if platform == "win32" else _INDEX + "cpu"
    return TorchBuild(CPU, index, reason, _CPU_SPACE, _CPU_DOWNLOAD)
