"""What pages of sales tell themselves."""

from __future__ import annotations

from typing import Any


class SinVer(Exception):
    """What the page would do is not what its user saw: here is what it would do."""

    def __init__(self, ensayo: Any, visto: str) -> None:
        super().__init__(visto)
        self.ensayo, self.visto = ensayo, visto
