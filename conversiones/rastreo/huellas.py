"""Digests of a visit, and the keys that they are made with.

A key lives as long as its period and a little more, and is then deleted: what it made says nothing
of anybody from then on, whoever has the tables.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cryptography.fernet import InvalidToken
from django.utils import timezone

from alpespartner.comun.cifrado import cifrar, descifrar
from conversiones.rastreo.models import LARGO_HUELLA, ClaveDeHuella

# From the beginning of its day, and of its quarter.
VIDA_DIA = timedelta(days=2)
VIDA_TRIMESTRE = timedelta(days=180)
# A visit that comes again within this is the same one.
VISITA = timedelta(seconds=3600)


@dataclass(frozen=True)
class Llaves:
    """The keys of the digests of a day: its own, that of the day before and the quarter's."""

    dia: date
    de_hoy: bytes
    de_ayer: bytes
    de_trimestre: bytes


@dataclass(frozen=True)
class Huellas:
    """Digests of a visit. In the first hour of a day ``visita_de_ayer`` is what it would have been
    with the key of the day before: it tells a repeated visit after midnight, and is not kept."""

    ip_dia: str
    ip_riesgo: str
    agente: str
    visita: str
    visita_de_ayer: str

    @property
    def visitas(self) -> list[str]:
        """By which an earlier visit of the same is found, its own first."""
        return [self.visita, self.visita_de_ayer] if self.visita_de_ayer else [self.visita]


def llaves_de(dia: date) -> Llaves:
    """The keys of a day, made when they are not there. A day that is gone for long has none of its
    own any more: it gets one that nobody keeps."""
    ayer = dia - timedelta(days=1)
    trimestre = date(dia.year, (dia.month - 1) // 3 * 3 + 1, 1)
    return Llaves(
        dia=dia,
        de_hoy=_clave(f"d{dia.isoformat()}", dia, VIDA_DIA),
        de_ayer=_clave(f"d{ayer.isoformat()}", ayer, VIDA_DIA),
        de_trimestre=_clave(f"t{trimestre.isoformat()}", trimestre, VIDA_TRIMESTRE),
    )


def _clave(periodo: str, desde: date, vida: timedelta) -> bytes:
    caduca = datetime.combine(desde, time(), UTC) + vida
    if caduca <= timezone.now():
        return secrets.token_bytes(32)
    nueva = {"secreto": cifrar(secrets.token_hex(32)), "caduca_en": caduca}
    fila, _hecha = ClaveDeHuella.objects.get_or_create(periodo=periodo, defaults=nueva)
    try:
        return bytes.fromhex(descifrar(fila.secreto))
    except (InvalidToken, ValueError):
        # Written by nobody's service: what is digested meanwhile is of no use, and no secret.
        return secrets.token_bytes(32)


def huellas_de(
    llaves: Llaves, *, enlace: int, direccion: str, agente: str, momento: datetime
) -> Huellas:
    """Digests of a visit to a link, from an address with a user agent."""
    visita = f"{enlace}\0{direccion}\0{agente}"
    return Huellas(
        ip_dia=_huella(llaves.de_hoy, "ip", direccion),
        ip_riesgo=_huella(llaves.de_trimestre, "ip", direccion),
        agente=_huella(llaves.de_hoy, "agente", agente),
        visita=_huella(llaves.de_hoy, "visita", visita),
        visita_de_ayer=_huella(llaves.de_ayer, "visita", visita) if _empieza(momento) else "",
    )


def _empieza(momento: datetime) -> bool:
    """Whether what came before midnight may be the same visit."""
    utc = momento.astimezone(UTC)
    return timedelta(hours=utc.hour, minutes=utc.minute, seconds=utc.second) <= VISITA


def _huella(llave: bytes, que: str, texto: str) -> str:
    datos = f"{que}\0{texto}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(datos, key=llave, digest_size=LARGO_HUELLA // 2).hexdigest()


def destruir_caducadas() -> int:
    """Delete the keys whose time is over; gives how many."""
    return ClaveDeHuella.objects.filter(caduca_en__lte=timezone.now()).delete()[0]
