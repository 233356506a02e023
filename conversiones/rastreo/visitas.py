"""What happens with one request for a link: decided from what is known of the link, and of nothing
else. The redirect does it; the tester of links only tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from conversiones.campanas.destinos import PARAMETRO_CLIC, admite, con_consulta
from conversiones.campanas.models import ModeloAtribucion
from conversiones.rastreo.models import MAX_SUBID, SUBIDS, Causa
from conversiones.rastreo.robots import causa_de

COOKIE = PARAMETRO_CLIC
_DIA = 86_400
_MAYOR_EDAD = 34_560_000
_ES_CLIC = re.compile(r"clic_[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)
# By which other platforms name a sub-id, as it is first found.
_ALIAS = {
    "sub1": ("sub1", "subid", "clickref", "sid", "subid1", "afftrack", "u1", "s1"),
    "sub2": ("sub2", "subid2", "s2"),
    "sub3": ("sub3", "subid3", "s3"),
    "sub4": ("sub4", "s4"),
    "sub5": ("sub5", "s5"),
}
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EnlaceVisto:
    """What a redirect needs to know of a link. Hosts and addresses were checked by a service."""

    pk: int
    afiliado: int
    campana: int
    destino: str
    vivo: bool
    afiliado_activo: bool
    campana_activa: bool
    pagina: str
    sitios: frozenset[str]
    ventana_dias: int
    modelo: str
    consentimiento: bool


@dataclass(frozen=True, slots=True)
class Visita:
    """A request for a link, as it came."""

    consulta: str
    cabeceras: Mapping[str, str]
    previo: str
    momento: datetime
    metodo: str = "GET"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where it leads (empty: nowhere), and what is kept of it.

    ``causa`` says why it is no click, ``avisos`` what is odd of it, ``por_destino`` which of the
    destinations it was: ``pedido``, ``enlace``, ``campana`` or ``programa``.
    """

    destino: str
    por_destino: str
    se_anota: bool = False
    causa: Causa | None = None
    consiente: bool = False
    avisos: tuple[str, ...] = ()
    subids: tuple[str, ...] = ("",) * len(SUBIDS)
    edad_cookie: int = 0

    @property
    def es_clic(self) -> bool:
        """Whether it gets a click's id in the address."""
        return self.se_anota and self.causa is None and self.consiente


def previo_valido(texto: str) -> str:
    """The click that a cookie names, if it has the form of one."""
    return texto if _ES_CLIC.fullmatch(texto) else ""


def pares_de(consulta: str) -> dict[str, str]:
    """Names of a query, in small letters, with the first value of each."""
    pares: dict[str, str] = {}
    for parte in consulta.split("&"):
        nombre, _igual, valor = parte.partition("=")
        if nombre:
            pares.setdefault(unquote_plus(nombre).lower(), _texto(valor))
    return pares


def _texto(crudo: str) -> str:
    return unquote_plus(crudo.encode("latin-1", "replace").decode("utf-8", "replace"))


def decidir(
    enlace: EnlaceVisto | None, visita: Visita, *, del_programa: str, http_local: bool
) -> Decision:
    """What happens with a request. ``del_programa`` is the page of a code that nobody has."""
    if enlace is None or not enlace.vivo:
        propia = enlace.pagina if enlace is not None else ""
        cual = "campana" if propia else "programa"
        return Decision(propia or del_programa, cual)
    pares = pares_de(visita.consulta)
    destino, cual = _destino(enlace, pares.get("destino", ""), del_programa, http_local)
    if visita.metodo == "HEAD" or not destino:
        return Decision(destino, cual)
    causa = causa_de(visita.cabeceras)
    dicho = pares.get("cons", "")
    consiente = dicho == "1" if dicho in ("0", "1") else enlace.consentimiento
    subids, avisos = _subids(pares)
    if not enlace.afiliado_activo:
        avisos.append("afiliado_no_activo")
    if not enlace.campana_activa:
        avisos.append("campana_no_activa")
    if pares.get("destino") and cual != "pedido":
        avisos.append("destino_no_admitido")
    return Decision(
        destino, cual, True, causa, consiente, tuple(avisos), subids,
        _edad(enlace, visita) if causa is None and consiente else 0,
    )  # fmt: skip


def _destino(
    enlace: EnlaceVisto, pedido: str, del_programa: str, http_local: bool
) -> tuple[str, str]:
    if pedido and admite(pedido, enlace.sitios, http_local=http_local):
        return pedido, "pedido"
    # The campaign may have taken the site out since.
    if enlace.destino and admite(enlace.destino, enlace.sitios, http_local=http_local):
        return enlace.destino, "enlace"
    if enlace.pagina:
        return enlace.pagina, "campana"
    return del_programa, "programa"


def _subids(pares: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """Values of the sub-ids, and warnings of those that were refused."""
    valores, avisos = [], []
    for nombre in SUBIDS:
        dicho = next((pares[alias] for alias in _ALIAS[nombre] if pares.get(alias)), "")
        valor = _INVISIBLE.sub("", dicho).strip()
        if "@" in valor:
            avisos.append(f"{nombre}_arroba")
            valor = ""
        elif len(valor.encode()) > MAX_SUBID:
            avisos.append(f"{nombre}_largo")
            valor = ""
        valores.append(valor)
    return tuple(valores), avisos


def _edad(enlace: EnlaceVisto, visita: Visita) -> int:
    """Seconds that the cookie lives; 0 when it is left as it is."""
    if enlace.modelo == ModeloAtribucion.PRIMER_CLIC and visita.previo:
        return 0
    return min(enlace.ventana_dias * _DIA, _MAYOR_EDAD)


def location_de(decision: Decision, visita: Visita, clic: str) -> str:
    """The address of the answer."""
    return con_consulta(decision.destino, visita.consulta, clic)
