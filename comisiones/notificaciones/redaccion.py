"""How mails are written: text and HTML, in the language of whom they are for, and whose hours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from afiliados.afiliado.models import Afiliado, Idioma
from comisiones.notificaciones.reloj import zona


@contextmanager
def para(afiliado: Afiliado) -> Iterator[None]:
    """Write in the language of an affiliate, with the hours of the programme's zone."""
    idioma = afiliado.idioma if afiliado.idioma in Idioma.values else Idioma.ES.value
    with translation.override(idioma), timezone.override(zona()):
        yield


def dia_y_hora(cuando: datetime) -> str:
    """An instant that nobody reads two ways, without its zone: ``26 nov 2026 08:15``."""
    return date_format(timezone.localtime(cuando, zona()), "j M Y H:i")


def en_html(asunto: str, cuerpo: str) -> str:
    """A mail of a few words with the look of the others; what it says is escaped."""
    contexto = {"asunto": asunto, "cuerpo": cuerpo, "idioma": translation.get_language()}
    return render_to_string("correo/corto.html", contexto)
