"""What would happen with a request for a link, in words: the redirect's own decision, told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.conf import settings
from django.utils.translation import gettext as _

from conversiones.rastreo.memoria import pagina_del_programa, ver
from conversiones.rastreo.models import Enlace
from conversiones.rastreo.visitas import (
    Decision,
    EnlaceVisto,
    Visita,
    decidir,
    location_de,
    previo_valido,
)

# Stands for the id of a click in what is only tried.
DE_PRUEBA = "clic_…"
Tono = Literal["bien", "aviso", "mal", "neutro"]


@dataclass(frozen=True)
class Resultado:
    """Where it would lead, and each thing that would happen, with why."""

    destino: str
    pasos: list[tuple[Tono, str]]


def probar(
    enlace: Enlace, *, consulta: str, agente: str, previo: str = "", metodo: str = "GET"
) -> Resultado:
    """Try a link, which has its affiliate and campaign. Nothing is kept."""
    # As a browser sends it.
    cruda = consulta.strip().rpartition("?")[2].partition("#")[0].replace(" ", "+")
    visita = Visita(
        cruda.encode().decode("latin-1"), {"HTTP_USER_AGENT": agente}, previo_valido(previo),
        datetime.now(UTC), metodo,
    )  # fmt: skip
    visto = ver(enlace)
    decision = decidir(
        visto, visita, del_programa=pagina_del_programa(), http_local=not settings.HTTPS
    )
    clic = DE_PRUEBA if decision.es_clic else ""
    destino = location_de(decision, visita, clic) if decision.destino else ""
    return Resultado(destino, list(_pasos(visto, visita, decision)))


def _pasos(enlace: EnlaceVisto, visita: Visita, decision: Decision) -> Iterator[tuple[Tono, str]]:
    if not enlace.vivo:
        yield "mal", _("El enlace está retirado: no cuenta clics y nada de lo que traiga es suyo.")
    if not decision.destino:
        yield "mal", _("No lleva a ningún sitio (404): ni la campaña ni el programa tienen página.")
        return
    yield (
        "neutro",
        {
            "pedido": _(
                "Lleva al destino que pide la dirección, que es de un sitio de la campaña."
            ),
            "enlace": _("Lleva al destino del enlace."),
            "campana": _("Lleva a la página de la campaña."),
            "programa": _("Lleva a la página de la campaña predeterminada."),
        }[decision.por_destino],
    )
    if not enlace.vivo:
        return
    if visita.metodo == "HEAD":
        yield "neutro", _("Una petición HEAD redirige y no se anota.")
        return
    yield from _de_avisos(decision.avisos)
    if decision.causa is not None:
        yield (
            "mal",
            _("Se anota como descartado y no cuenta: %(causa)s.") % {"causa": decision.causa.label},
        )
        return
    yield "bien", _("Se anota como clic del afiliado.")
    if not decision.consiente:
        yield (
            "aviso",
            _(
                "Sin consentimiento: ni cookie, ni clic en la dirección, ni huellas. Una venta "
                "solo puede ser suya por cupón o porque lo diga la tienda."
            ),
        )
        return
    if decision.edad_cookie:
        dias = decision.edad_cookie // 86_400
        yield "bien", _("Deja la cookie alpes_clic durante %(dias)s días.") % {"dias": dias}
    else:
        yield (
            "neutro",
            _(
                "No cambia la cookie: cuenta el primer clic y ya hay uno, o la ventana es de 0 "
                "días."
            ),
        )


def _de_avisos(avisos: tuple[str, ...]) -> Iterator[tuple[Tono, str]]:
    for aviso in avisos:
        nombre, _guion, que = aviso.rpartition("_")
        if aviso == "destino_no_admitido":
            yield "aviso", _("El destino que se pide no es de un sitio de la campaña: se ignora.")
        elif aviso == "afiliado_no_activo":
            yield "aviso", _("El afiliado no está activo: el clic queda marcado.")
        elif aviso == "campana_no_activa":
            yield "aviso", _("La campaña no está activa: el clic queda marcado.")
        elif que == "arroba":
            yield (
                "aviso",
                _("%(cual)s lleva una arroba: no se guarda, puede ser un correo.")
                % {"cual": nombre},
            )
        else:
            yield "aviso", _("%(cual)s pasa de 255 bytes: no se guarda.") % {"cual": nombre}
