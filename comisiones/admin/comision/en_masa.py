"""Approving and rejecting many: confirm once, work in parts, tell what happened to each.

The page carries the keys in one hidden field. A script sends them part after part and draws the
progress; without it, a button goes on with the rest. Both use the same address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.formato import importe
from alpespartner.comun.dinero import visible
from alpespartner.comun.errores import DatoInvalido, ErrorDominio, TransicionInvalida
from alpespartner.comun.textos import exigir_motivo
from comisiones.comision.estados import EN_REVISION, EstadoComision
from comisiones.comision.models import Comision
from comisiones.comision.selectors import totales
from comisiones.revision import services
from comisiones.revision.errores import YaAprobada

PARTE = 50
LIMITE = 5_000
PERMISOS = {
    "aprobar": "comisiones.aprobar_comision",
    "rechazar": "comisiones.rechazar_comision",
}
PLANTILLA = "admin/alpes/en_masa.html"


@dataclass
class Resumen:
    """What happened so far."""

    hechas: int = 0
    ya: int = 0
    fallidas: list[dict[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many were tried."""
        return self.hechas + self.ya + len(self.fallidas)


def confirmar(
    pagina: Any, request: HttpRequest, consulta: QuerySet[Comision], accion: str
) -> HttpResponse:
    """Page that says how many and how much, and asks for the reason."""
    claves = list(consulta.values_list("pk", flat=True)[: LIMITE + 1])
    sobran = len(claves) > LIMITE
    if accion == "aprobar":
        _exigir_presencia(claves[:LIMITE], actor_de(request))
    return _pagina(pagina, request, accion, claves[:LIMITE], sobran=sobran)


def ejecutar(pagina: Any, request: HttpRequest) -> HttpResponse:
    """Do the next part; answers JSON to the script and a page to a browser without it."""
    accion = request.POST.get("accion", "")
    if accion not in PERMISOS:
        raise BadRequest("accion")
    if not request.user.has_perm(PERMISOS[accion]):
        raise PermissionDenied
    claves = _claves(request.POST.get("ids", ""))
    motivo = request.POST.get("motivo", "")
    en_json = request.headers.get("Accept", "").startswith("application/json")
    if accion == "rechazar":
        try:
            exigir_motivo(motivo)
        except DatoInvalido as exc:
            if en_json:
                return JsonResponse({"error": exc.mensaje}, status=400)
            return _pagina(pagina, request, accion, claves, error=exc.mensaje)
    if accion == "aprobar":
        _exigir_presencia(claves[:PARTE], actor_de(request))
    hechas = _parte(accion, claves[:PARTE], actor_de(request), motivo)
    if en_json:
        return JsonResponse({"hechas": hechas.hechas, "ya": hechas.ya, "fallidas": hechas.fallidas})
    resumen = _acumular(request, hechas)
    return _pagina(pagina, request, accion, claves[PARTE:], resumen=resumen, motivo=motivo)


def _exigir_presencia(claves: list[int], actor: Actor) -> None:
    """Asked for before any of them is approved, and so in one place of the work."""
    suman = Comision.objects.filter(pk__in=claves, estado__in=EN_REVISION, monto__gt=0)
    presencia.exigir_suma(actor, {moneda: suma for moneda, _n, suma in totales(suman)})


def _claves(texto: str) -> list[int]:
    partes = [parte for parte in texto.split(",") if parte]
    if len(partes) > LIMITE:
        raise BadRequest("ids")
    return [_entero(parte, "ids") for parte in partes]


def _entero(texto: object, campo: str) -> int:
    """A number that a column holds; whoever writes the form by hand may send any other."""
    if not re.fullmatch("[0-9]{1,18}", str(texto)):
        raise BadRequest(campo)
    return int(str(texto))


def _parte(accion: str, claves: Sequence[int], actor: Actor, motivo: str) -> Resumen:
    """Each commission in a transaction of its own: one that fails undoes no other."""
    resumen = Resumen()
    comisiones = Comision.objects.in_bulk(claves)
    for clave in claves:
        comision = comisiones.get(clave)
        if comision is None:
            resumen.fallidas.append({"id": str(clave), "url": "", "motivo": _("No existe.")})
            continue
        try:
            if accion == "aprobar":
                services.aprobar_comision(comision=comision, actor=actor, motivo=motivo)
            else:
                services.rechazar_comision(comision=comision, actor=actor, motivo=motivo)
        except YaAprobada:
            resumen.ya += 1
        except TransicionInvalida as exc:
            if accion == "rechazar" and exc.datos.get("estado") == EstadoComision.RECHAZADA:
                resumen.ya += 1
            else:
                resumen.fallidas.append(_fallida(comision, exc))
        except ErrorDominio as exc:
            resumen.fallidas.append(_fallida(comision, exc))
        else:
            resumen.hechas += 1
    return resumen


def _fallida(comision: Comision, exc: ErrorDominio) -> dict[str, str]:
    return {
        "id": comision.id_publico,
        "url": reverse("admin:comisiones_comision_change", args=[comision.pk]),
        "motivo": exc.mensaje,
    }


def _acumular(request: HttpRequest, parte: Resumen) -> Resumen:
    """Adds a part to what the page of the previous ones carries. It only feeds the summary."""
    try:
        previo = json.loads(request.POST.get("previo") or "{}")
        fallidas = [
            {"id": str(f["id"]), "url": _url_propia(str(f["url"])), "motivo": str(f["motivo"])}
            for f in previo.get("fallidas", [])
        ]
        # Half of a surrogate pair has no UTF-8: no page can show it.
        json.dumps(fallidas, ensure_ascii=False).encode()
        return Resumen(
            hechas=_entero(previo.get("hechas", 0), "previo") + parte.hechas,
            ya=_entero(previo.get("ya", 0), "previo") + parte.ya,
            fallidas=fallidas + parte.fallidas,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest("previo") from None


def _url_propia(url: str) -> str:
    return url if url.startswith(reverse("admin:comisiones_comision_changelist")) else ""


def _pagina(
    pagina: Any,
    request: HttpRequest,
    accion: str,
    claves: list[int],
    *,
    resumen: Resumen | None = None,
    motivo: str = "",
    error: str = "",
    sobran: bool = False,
) -> HttpResponse:
    aprobar = accion == "aprobar"
    contexto = {
        **pagina.admin_site.each_context(request),
        "title": _("Aprobar comisiones") if aprobar else _("Rechazar comisiones"),
        "opts": pagina.opts,
        "media": pagina.media,
        "accion": accion,
        "aprobar": aprobar,
        "ids": ",".join(str(clave) for clave in claves),
        "restantes": len(claves),
        "sobran": sobran,
        "limite": LIMITE,
        "parte": PARTE,
        "motivo": motivo,
        "error": error,
        "resumen": resumen,
        "total": len(claves) + (resumen.total if resumen else 0),
        "previo": json.dumps(
            {"hechas": resumen.hechas, "ya": resumen.ya, "fallidas": resumen.fallidas}
        )
        if resumen
        else "",
        **(_cuanto(claves) if resumen is None else {}),
    }
    return TemplateResponse(request, PLANTILLA, contexto, status=400 if error else 200)


def _cuanto(claves: list[int]) -> dict[str, Any]:
    """How many of a selection can be reviewed, and their sum per currency."""
    filas = (
        Comision.objects.filter(pk__in=claves)
        .values("estado", "moneda")
        .annotate(n=Count("pk"), suma=Sum("monto"))
        .order_by("moneda")
    )
    sumas: dict[str, list[Any]] = {}
    fuera = retenidas = 0
    for fila in filas:
        if fila["estado"] in EN_REVISION:
            acumulado = sumas.setdefault(fila["moneda"], [0, 0])
            acumulado[0] += fila["n"]
            acumulado[1] += visible(fila["suma"], fila["moneda"])
            retenidas += fila["n"] if fila["estado"] == EstadoComision.RETENIDA else 0
        else:
            fuera += fila["n"]
    return {
        "sumas": [(n, importe(suma, moneda)) for moneda, (n, suma) in sumas.items()],
        "fuera": fuera,
        "retenidas": retenidas,
    }
