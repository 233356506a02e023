"""Mail to files, for a site without a server of mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend

from alpespartner.comun import privado


class CorreoEnFicheros(EmailBackend):
    """Django's, in files that only the site reads: they hold names, amounts and links."""

    def __init__(self, *, file_path: str | None = None, **kwargs: Any) -> None:
        privado.carpeta(Path(file_path or settings.EMAIL_FILE_PATH))
        super().__init__(file_path=file_path, **kwargs)

    def open(self) -> bool:
        """Begin a file."""
        if self.stream is None:
            nombre = self._get_filename()
            self.stream = open(nombre, "ab", opener=privado.abridor)  # noqa: SIM115 - close() does
            return True
        return False
