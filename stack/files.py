"""Small files that must never be seen half written, and the secrets among them."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

SECRET_NAMES = ("mysql_root", "mysql_alpes", "mysql_dbz", "redis", "django")


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file in one step: a reader sees the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, data: Any) -> None:
    write(path, json.dumps(data, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """An absent file reads as empty."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return data if isinstance(data, dict) else {}


def load_secrets(path: Path) -> dict[str, str]:
    """Create the passwords the first time; the data folders keep them, so they never change."""
    known: dict[str, str] = read_json(path)
    missing = [name for name in SECRET_NAMES if name not in known]
    if missing:
        # Hex only: they travel through SQL, a properties file, a URL and redis.conf unescaped.
        known |= {name: secrets.token_hex(20) for name in missing}
        write_json(path, known)
    return known
