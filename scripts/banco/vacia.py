"""An application that does nothing: what its server gives at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Nothing, at once."""
    start_response("204 No Content", [])
    return []
