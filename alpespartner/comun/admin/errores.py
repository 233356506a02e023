"""What a page of the admin finds instead of doing what it was asked."""

from __future__ import annotations

from typing import Any


class YaGuardado(Exception):
    """The page was sent before, and made the row ``pk`` of the model that has a page ``vista``."""

    def __init__(self, pk: Any, vista: str) -> None:
        super().__init__(pk)
        self.pk, self.vista = pk, vista
