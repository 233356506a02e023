"""What runs by itself is told in the documents."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

OPERACION = Path(settings.BASE_DIR) / "docs" / "operacion.md"


def test_lo_que_corre_solo_esta_contado() -> None:
    """The table of the document is the clock's."""
    tabla = OPERACION.read_text().split("\n## What runs by itself\n", 1)[1].split("\n## ", 1)[0]
    contadas = set(re.findall(r"^\| `([\w.]+)`", tabla, re.M))
    assert contadas == {t["task"] for t in settings.CELERY_BEAT_SCHEDULE.values()}
