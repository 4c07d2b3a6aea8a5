"""Weights that others have published and that do not ship: where they are, how they are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One published checkpoint, pinned: nothing else is taken for it.

    file: its name there. page: where a person finds it. size: bytes of the file, about.
    installed_size: bytes of our copy, which describes itself under the key `form`. limit: more
    bytes than this it cannot have.
    """

    engine: str
    name: str
    file: str
    url: str
    sha256: str
    form: str
    licence: str
    page: str
    size: int
    installed_size: int
    limit: int


TRIPOSR = Published(
    engine="triposr",
    name="TripoSR",
    file="model.ckpt",
    url="https://huggingface.co/stabilityai/TripoSR/resolve/"
    "c1cf7716aed5aa6c1c5e174657791ef0e1327bde/model.ckpt",
    sha256="429e2c6b22a0923967459de24d67f05962b235f79cde6b032aa7ed2ffcd970ee",
    form="bozzetto-triposr",
    licence="MIT",
    page="https://huggingface.co/stabilityai/TripoSR",
    size=1_677_102_512,  # its numbers alone; what holds them adds a little
    installed_size=850_627_120,
    limit=1800 << 20,
)
PUBLISHED: dict[str, Published] = {TRIPOSR.engine: TRIPOSR}
"""By engine."""


def find_published(engine: str) -> Published | None:
    """The published weights of an engine; None: it comes with its own."""
    return PUBLISHED.get(engine)


def describe_bytes(count: float) -> str:
    """620 MB, 1.68 GB."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
