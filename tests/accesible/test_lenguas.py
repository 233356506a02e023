"""No page mixes languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from scripts.compilar_textos import main as compilar
from tests.accesible.lenguas import frases, palabras, textos, vocabularios
from tests.accesible.paginas import de_cada_estado, de_nadie, jefa, rutas
from tests.hostiles.mundo import poblar

pytestmark = [
    pytest.mark.lento,
    pytest.mark.una_base,
    pytest.mark.timeout(900),
    pytest.mark.django_db(transaction=True),
]

# What rows say is theirs: names, references, mails to affiliates, what somebody wrote. Each is as
# the populated programme has it.
# The letters of one may make a word.
_IDS = re.compile(r"\b[a-z]+_[0-9A-Z]{26}\b")
DE_FILAS = re.compile(
    r"comisi(ón|ones) aprobadas?:|^(Bono|Buena|Campaña|Diez|Doce|En cola|Otra|Por revocar)\b"
    r"|^(Referente|Socia|IVA|Sin clics)\b|^afiliados \d"
    r"|^De (condiciones|lote)\b|Change history: |^Rule: Diez|Consulta"
    r"|^Statement of|in Campaña|[A-Z]{3} · |\d [A-Z]{3} to "
    r"|@ejemplo|@example|extracto\.xml|pedido-|com_nada|lote_0|regla_0|dec_0"
    r"|^API key · |tienda\.example|ejemplo\.invalid|^Porque sí|^Quien la aprueba, o unas manos"
    r"|^Cambió tu cuenta|^Tu cuenta está|^Pago enviado|^Devolución de la venta|^No hay un afiliado"
    r"|transfer\.reversed|^(español|English)$|Single Sign"
    r"|[Pp]ersonal info|bronce=1|.moneda.:"
    # Topics and consumers, a column and a word of a file, what a link carries.
    r"|^(afiliados|comisiones|conversiones|contadores|afiliado|aprobar|boletin)( \||$)"
    # The code of a language.
    r"|^(ES|es)$"
    # What a tracker is told, which is its words.
    r"|^(approved|paid|pending|rejected)$"
)


def test_ninguna_pagina_mezcla(libro_sin_candado: None, settings: Any) -> None:
    """In the page that says to be English no word that only Spanish has, nor a whole text, and the
    other way round: the catalogues know which they are, ours and those of what is installed."""
    settings.SEPA_IBAN = "DE89370400440532013000"
    compilar()
    poblar()
    sesiones = {"en": jefa(), "es": jefa("jz")}
    espanol, ingles = vocabularios()
    ajenas = {"en": espanol, "es": ingles}
    de_ingles, de_espanol = frases()
    enteras = {"en": de_espanol, "es": de_ingles}
    halladas: dict[str, str] = {}
    miradas = 0
    for ruta in rutas() + de_cada_estado():
        for lengua, cliente in sesiones.items():
            quien = Client() if de_nadie(ruta) else cliente
            respuesta = quien.get(ruta, headers={"accept-language": lengua})
            leida = respuesta.headers.get("Content-Type", "").startswith("text/html")
            if respuesta.status_code not in (200, 404) or not leida:
                continue
            miradas += 1
            dicha, leidos = textos(respuesta.content.decode())
            for texto in leidos:
                if DE_FILAS.search(texto):
                    continue
                # A piece of a page says none: it is in the one that was asked for.
                esta = dicha or lengua
                if raras := palabras(_IDS.sub("", texto)) & ajenas[esta]:
                    halladas.setdefault(f"{esta}: {texto[:120]} {sorted(raras)[:5]}", ruta)
                elif enteras[esta].dice(texto):
                    halladas.setdefault(f"{esta}: {texto[:120]} (entero)", ruta)
    assert miradas > 200
    assert not halladas, "\n" + "\n".join(f"{t}  ← {r}" for t, r in sorted(halladas.items()))
