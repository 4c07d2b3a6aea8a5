"""A folder with a newer Debian and its Blender, and the way to run programs inside it.

Programs run in namespaces of their own: mounts, processes and network of a run are gone when it
ends, however it ends. The host's Python environment is shown inside at the same paths, so that
the worker runs there with the host's torch.
"""

from __future__ import annotations

import json
import os
import shutil
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_ENTER = Path(__file__).with_name("enter.sh")
_SYSTEM_PREFIXES = ("/", "/usr")

# xdotool and ImageMagick drive and photograph the window; Mesa draws it in software.
_PACKAGES = (
    "blender",
    "python3-numpy",  # Debian's blender only suggests it
    "python3-requests",  # its extension commands import these two
    "python3-zstandard",
    "xvfb",
    "xdotool",
    "imagemagick",
    "libgl1-mesa-dri",
    "libglx-mesa0",
    "libegl1",
    "fonts-dejavu-core",
    "libreadline8t64",  # what a Python built on the host links to
    "libbz2-1.0",
    "liblzma5",
    "libffi8",
    "libsqlite3-0",
    "libssl3t64",
    "libgomp1",
)
SUITES: dict[str, tuple[str, ...]] = {
    "trixie": _PACKAGES,
    "sid": (*_PACKAGES, "python3-cattr"),  # Blender 5's extension commands import it
}


@dataclass(frozen=True)
class Chroot:
    """One Debian suite's folder. `folder` holds it, its log and its stamp."""

    suite: str
    folder: Path

    @property
    def root(self) -> Path:
        """Root folder of the suite."""
        return self.folder / self.suite

    @property
    def stamp(self) -> Path:
        """A small file, written last: what `root` was made of."""
        return self.folder / f"{self.suite}.json"

    @property
    def shader_cache(self) -> Path:
        """Mesa's compiled shaders, kept from run to run: Blender's window opens sooner."""
        return self.folder / f"{self.suite}.shaders"

    @property
    def packages(self) -> tuple[str, ...]:
        """Debian packages that are asked for."""
        return SUITES[self.suite]

    def missing_reason(self) -> str | None:
        """Why no Blender can be run here now; None when one can."""
        if os.geteuid() != 0:
            return "running a chroot needs root"
        if absent := [name for name in ("unshare", "setpriv", "chroot") if not shutil.which(name)]:
            return f"{', '.join(absent)} not found (Debian: util-linux, coreutils)"
        if self.stamped_packages() is None:
            return (
                f"no Blender of Debian {self.suite} in {self.folder}; make it with "
                f"python -m bozzetto.tools.real_blender.setup --suite {self.suite}"
            )
        return None

    def stamped_packages(self) -> tuple[str, ...] | None:
        """Packages that the finished folder was made of; None when it is not finished."""
        if not self.stamp.is_file() or not (self.root / "usr/bin/blender").exists():
            return None
        return tuple(json.loads(self.stamp.read_text())["packages"])

    def command(
        self,
        arguments: Sequence[str | Path],
        shown: Iterable[Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The host's command that runs `arguments` inside, offline and without orphans.

        `shown` are existing absolute paths of the host to be seen inside, where they may also be
        written; `environment` is all that the program gets beside PATH, HOME and the locale. The
        first process has number 1: when it ends, or the caller's process ends, the kernel ends
        all others.
        """
        values = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            **(environment or {}),
        }
        # Parents before children: a later mount would hide an earlier one below it.
        paths = sorted({str(path) for path in shown}, key=lambda path: path.count("/"))
        return [
            *("setpriv", "--pdeathsig", "KILL"),
            *("unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child"),
            *("--propagation", "private"),
            *("sh", str(_ENTER), str(self.root), *paths, "--"),
            *("/usr/bin/env", "-i", *(f"{key}={value}" for key, value in values.items())),
            *(str(argument) for argument in arguments),
        ]


def open_chroot(suite: str = "trixie") -> Chroot:
    """The checkout's chroot of `suite`, made or not; BOZZETTO_REAL_BLENDER names another folder."""
    if suite not in SUITES:
        raise ValueError(f"no such suite: {suite} ({', '.join(SUITES)})")
    folder = os.environ.get("BOZZETTO_REAL_BLENDER") or CHECKOUT / ".cache" / "real-blender"
    return Chroot(suite, Path(folder).resolve())


def python_paths(python: Path) -> list[Path]:
    """What must be shown inside for the host's interpreter `python` to run there.

    An environment needs its own folder and the installation it was made from. An installation in
    /usr is shown by its program and standard library alone: the rest of /usr is the suite's own.
    """
    if not python.exists():
        raise FileNotFoundError(f"no interpreter at {python}; run ./bozzetto setup")
    binary = python.resolve()
    paths = [python.parent.parent] if (python.parent.parent / "pyvenv.cfg").is_file() else []
    prefix = binary.parent.parent
    if str(prefix) not in _SYSTEM_PREFIXES:
        return [*paths, prefix]
    name = binary.name
    library = prefix / "lib" / name
    if not library.is_dir():
        raise FileNotFoundError(f"no standard library of {binary} at {library}")
    return [*paths, binary, library, *_shared_libraries(name)]


def _shared_libraries(name: str) -> list[Path]:
    """Debian's shared library of an interpreter, where it is installed."""
    triplet = sysconfig.get_config_var("MULTIARCH") or ""
    return sorted(Path("/usr/lib", triplet).glob(f"lib{name}.so.*"))
