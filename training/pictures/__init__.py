"""Pictures on their way into training: made to look like photographs. Shared by all engines."""

from .augment import Augmentation, augment_pictures

__all__ = ["Augmentation", "augment_pictures"]
