"""Reading a little-endian binary file from outside, front to back, never past its end."""

from __future__ import annotations

import struct

import numpy as np

from .mesh import MeshError


class Reader:
    """A position in the bytes of a file; every method raises MeshError where the file ends early.

    name: what messages call the file.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.position = data, name, 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self.position + size
        if size < 0 or end > len(self.data):
            raise MeshError(f"{self.name}: cut off at byte {len(self.data)}")
        start, self.position = self.position, end
        return self.data[start:end]

    def byte(self) -> int:
        """The next byte, unsigned."""
        return self.take(1)[0]

    def short(self) -> int:
        """The next 16 bits, unsigned."""
        return int(struct.unpack("<H", self.take(2))[0])

    def integer(self) -> int:
        """The next 32 bits, unsigned."""
        return int(struct.unpack("<I", self.take(4))[0])

    def floats(self, count: int) -> np.ndarray:
        """The next `count` 32-bit floats as float32 [count], not always finite."""
        return np.frombuffer(self.take(4 * count), "<f4")
