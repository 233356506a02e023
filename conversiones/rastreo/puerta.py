"""``/r/<codigo>``: the way in of everybody who follows a link.

It stands before Django: no session, no middleware, no template, and nothing asked of the database
but a code that this process never saw. What it answers it has noted down first (``cuaderno.py``).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error, connection

from alpespartner.comun.acceso.direccion import direccion_en
from alpespartner.comun.identificadores import nuevo_id
from conversiones.campanas.destinos import PARAMETRO_CLIC
from conversiones.rastreo.cuaderno import Cuaderno
from conversiones.rastreo.huellas import huellas_de
from conversiones.rastreo.memoria import Memoria
from conversiones.rastreo.recogida import recoger
from conversiones.rastreo.visitas import (
    COOKIE,
    Decision,
    EnlaceVisto,
    Visita,
    decidir,
    location_de,
    pares_de,
    previo_valido,
)

log = logging.getLogger(__name__)
PREFIJO = "/r/"
_SIEMPRE = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"), ("Content-Length", "0")]
# How often what changed is looked for and what was noted is taken in, in seconds, and how long
# after the last request.
_PASO = 0.5
_QUIETO = 15.0
_CADA_MINUTO = 60.0
# For how long whoever takes clicks in keeps the interpreter while a request wants it, in seconds.
_TURNO = 0.0005

Aplicacion = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Cabeceras = list[tuple[str, str]]


class ConRedirecciones:
    """WSGI application that answers ``/r/…`` and leaves the rest to the one behind it."""

    def __init__(self, siguiente: Aplicacion) -> None:
        self._siguiente = siguiente
        self._candado = threading.Lock()
        self._de_quien = 0
        self._ultima = 0.0
        self._avisado = -_CADA_MINUTO
        self.memoria = Memoria()
        self.cuaderno = Cuaderno(settings.CLICS_DIR)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """The answer."""
        ruta = environ.get("PATH_INFO", "")
        if not ruta.startswith(PREFIJO):
            return self._siguiente(environ, start_response)
        metodo = environ.get("REQUEST_METHOD", "GET")
        try:
            estado, cabeceras, cuerpo = self._responder(metodo, ruta[len(PREFIJO) :], environ)
        except Error:
            log.exception("clics: la base de datos no contesta")
            estado, cabeceras, cuerpo = "503 Service Unavailable", [("Retry-After", "5")], b""
        if cuerpo:
            cabeceras.append(("Content-Length", str(len(cuerpo))))
            cabeceras += _SIEMPRE[:-1]
        else:
            cabeceras += _SIEMPRE
        start_response(estado, cabeceras)
        return [cuerpo] if cuerpo else []

    def _responder(
        self, metodo: str, codigo: str, environ: dict[str, Any]
    ) -> tuple[str, Cabeceras, bytes]:
        if metodo not in ("GET", "HEAD", "POST"):
            return "405 Method Not Allowed", [("Allow", "GET, HEAD, POST")], b""
        self._despertar()
        enlace = self.memoria.enlace(codigo.encode("latin-1", "replace").decode("utf-8", "replace"))
        consulta = environ.get("QUERY_STRING", "")
        visita = Visita(
            consulta, environ, self._previo(metodo, consulta, environ), datetime.now(UTC), metodo
        )
        decision = decidir(
            enlace,
            visita,
            del_programa=self.memoria.del_programa(),
            http_local=not settings.HTTPS,
        )
        if not decision.destino:
            return "404 Not Found", [], b""
        clic = ""
        if decision.se_anota and enlace is not None:
            clic = self._anotar(enlace, visita, decision)
        if not decision.es_clic:
            clic = ""
        if metodo == "POST":
            return self._al_guion(enlace, decision, clic, environ)
        cabeceras = [("Location", location_de(decision, visita, clic))]
        if clic and decision.edad_cookie:
            cabeceras.append(("Set-Cookie", _galleta(clic, decision.edad_cookie)))
        return "302 Found", cabeceras, b""

    def _previo(self, metodo: str, consulta: str, environ: dict[str, Any]) -> str:
        """The click that the browser had before: by our cookie or, of a shop's page, by its own."""
        if metodo == "POST":
            return previo_valido(pares_de(consulta).get(PARAMETRO_CLIC, ""))
        crudas = environ.get("HTTP_COOKIE", "")
        if COOKIE not in crudas:
            return ""
        try:
            galleta = SimpleCookie(crudas).get(COOKIE)
        except CookieError:
            return ""
        return previo_valido(galleta.value) if galleta is not None else ""

    def _anotar(self, enlace: EnlaceVisto, visita: Visita, decision: Decision) -> str:
        """Note the click down; gives its id, or nothing when it could not be kept."""
        clic = nuevo_id("clic")
        consiente = decision.consiente and decision.causa is None
        huellas = None
        if consiente:
            cabeceras = visita.cabeceras
            huellas = huellas_de(
                self.memoria.llaves(visita.momento),
                enlace=enlace.pk,
                direccion=direccion_en(cabeceras),
                agente=cabeceras.get("HTTP_USER_AGENT", ""),
                momento=visita.momento,
            )
        linea = {
            "i": clic,
            "e": enlace.pk,
            "a": enlace.afiliado,
            "c": enlace.campana,
            "t": int(visita.momento.timestamp() * 1_000_000),
            "p": visita.previo if consiente else "",
            "k": int(decision.consiente),
            "v": decision.causa or "",
            "w": " ".join(decision.avisos),
            "s": decision.subids,
            "d": huellas.ip_dia if huellas else "",
            "r": huellas.ip_riesgo if huellas else "",
            "g": huellas.agente if huellas else "",
            "u": huellas.visitas if huellas else [],
        }
        try:
            self.cuaderno.anotar(linea)
        except OSError as exc:
            # Nobody gets the id of a click that is not kept. One line a minute says it all.
            if time.monotonic() - self._avisado > _CADA_MINUTO:
                self._avisado = time.monotonic()
                log.error("clics: no se puede anotar: %s", exc)
            return ""
        return clic

    def _al_guion(
        self,
        enlace: EnlaceVisto | None,
        decision: Decision,
        clic: str,
        environ: dict[str, Any],
    ) -> tuple[str, Cabeceras, bytes]:
        """What the script of a shop's page gets: it keeps the click in a cookie of its own site."""
        cabeceras = [("Content-Type", "application/json"), ("Vary", "Origin")]
        origen = environ.get("HTTP_ORIGIN", "")
        if enlace is not None and urlsplit(origen).netloc.lower() in enlace.sitios:
            cabeceras.append(("Access-Control-Allow-Origin", origen))
        return "200 OK", cabeceras, json.dumps(
            {"clic": clic or None, "edad": decision.edad_cookie if clic else 0}
        ).encode()  # fmt: skip

    # --- What goes on behind ----------------------------------------------------------------------

    def _despertar(self) -> None:
        """Have somebody of this process look after what it knows and what it noted down."""
        self._ultima = time.monotonic()
        if self._de_quien == os.getpid():
            return
        with self._candado:
            if self._de_quien == os.getpid():
                return
            # A child of the server has none of its parent's threads.
            self._de_quien = os.getpid()
            sys.setswitchinterval(_TURNO)
            threading.Thread(target=self._cuidar, name="clics", daemon=True).start()

    def _cuidar(self) -> None:
        try:
            while True:
                time.sleep(_PASO)
                quieto = time.monotonic() - self._ultima > _QUIETO
                if not self.cuidar_una_vez() or not quieto or self.cuaderno.con_algo:
                    continue
                with self._candado:
                    if time.monotonic() - self._ultima > _QUIETO:
                        self._de_quien = 0
                        # What it knows gets old unseen from now on.
                        self.memoria = Memoria()
                        return
        finally:
            connection.close()

    def cuidar_una_vez(self) -> bool:
        """One step; whether all went well."""
        try:
            self.cuaderno.entregar()
            self.memoria.ponerse_al_dia()
            recoger()
        except Exception:  # a full disk, a database that is away: it is tried again
            log.exception("clics: se intenta otra vez")
            connection.close()
            return False
        return True


def _galleta(clic: str, edad: int) -> str:
    segura = "; Secure" if settings.HTTPS else ""
    return f"{COOKIE}={clic}; Max-Age={edad}; Path=/; SameSite=Lax{segura}"
