"""Tables of some days: where commissions are by now, each campaign, and who grows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.fichas import Bloque, lista_de
from alpespartner.comun.admin.formato import enlace
from alpespartner.comun.dinero import CERO
from alpespartner.comun.formato import VACIO, entero, numero, porcentaje
from comisiones.admin.metricas.pedido import Pedido
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.metricas.selectors import Grupo
from conversiones.campanas.models import Campana

_LOS_PRIMEROS = 10
_CIEN = Decimal(100)


def embudo(pedido: Pedido, ahora: Grupo) -> Bloque:
    """Where the commissions of these sales are by now."""
    moneda = ahora.moneda
    filtro = f"&moneda={moneda}{pedido.filtro}"
    estados = [e for e in EstadoComision if e != EstadoComision.CERRADA]
    todo = sum((ahora.importe(estado) for estado in estados), CERO)
    filas = [
        (
            _a(estado.label, lista_de(Comision, f"estado={estado.value}{filtro}")),
            numero(ahora.importe(estado), moneda),
            porcentaje(round(ahora.importe(estado) * _CIEN / todo, 1) if todo else None),
        )
        for estado in estados
    ]
    if ahora.sumas["ajustado"]:
        quitado = numero(-ahora.importe("ajustado"), moneda)
        filas.append((_("Quitado después de pagar"), quitado, VACIO))
    return Bloque(
        _("Dónde están las comisiones de esas ventas"),
        ((_("Estado"), False), (_("Importe"), True), (_("Parte"), True)),
        filas,
        nota=_("Cada estado lleva a su lista, que es de todas las fechas."),
    )


def _a(texto: Any, url: str) -> Any:
    return format_html('<a class="ap-enlace" href="{}">{}</a>', url, texto)


def _diferencia(valor: Decimal, moneda: str) -> Any:
    clase = "ap-sube" if valor > 0 else "ap-baja" if valor < 0 else ""
    signo = "+" if valor > 0 else ""
    return format_html('<span class="{}">{}{}</span>', clase, signo, numero(valor, moneda))


def de_campanas(pedido: Pedido, moneda: str, ahora: list[Grupo], antes: list[Grupo]) -> Bloque:
    suyas = [g for g in ahora if pedido.campana is None or g.clave == pedido.campana.pk]
    netas = {g.clave: g.neta for g in antes}
    mayores = sorted(suyas, key=lambda g: (-g.sumas["valor"], g.clave))[: 2 * _LOS_PRIMEROS]
    nombres = dict(
        Campana.objects.filter(pk__in=[g.clave for g in mayores]).values_list("pk", "nombre")
    )
    return Bloque(
        _("Por campaña"),
        ((_("Campaña"), False), (_("Ventas"), True), (_("Vendido"), True),
         (_("Comisión neta"), True), (_("Diferencia con antes"), True)),
        [
            (
                _a(nombres.get(g.clave, VACIO), pedido.url(campana=g.clave)),
                entero(g.conversiones), numero(g.importe("valor"), moneda),
                numero(g.neta, moneda), _diferencia(g.neta - netas.get(g.clave, CERO), moneda),
            )
            for g in mayores
        ],
        vacio=_("Ninguna vendió nada en estos días."),
        nota=_("Las %(n)s que más vendieron.") % {"n": len(mayores)}
        if len(suyas) > len(mayores)
        else "",
    )  # fmt: skip


def de_afiliados(
    request: HttpRequest, moneda: str, ahora: list[Grupo], antes: list[Grupo]
) -> Iterator[Bloque]:
    """Who earns the most, and whose rises and falls the most."""
    de_ahora = {g.clave: g.neta for g in ahora}
    de_antes = {g.clave: g.neta for g in antes}
    cambios = {
        quien: de_ahora.get(quien, CERO) - de_antes.get(quien, CERO)
        for quien in de_ahora.keys() | de_antes.keys()
    }
    mejores = sorted(
        (q for q, neta in de_ahora.items() if neta > 0), key=lambda q: (-de_ahora[q], q)
    )[:_LOS_PRIMEROS]
    suben = sorted((q for q, d in cambios.items() if d > 0), key=lambda q: (-cambios[q], q))
    bajan = sorted((q for q, d in cambios.items() if d < 0), key=lambda q: (cambios[q], q))
    listas = (
        (_("Los que más ganan"), mejores, _("Nadie gana nada en estos días.")),
        (_("Los que más suben"), suben[:_LOS_PRIMEROS], _("Nadie sube.")),
        (_("Los que más bajan"), bajan[:_LOS_PRIMEROS], _("Nadie baja.")),
    )
    quienes = Afiliado.objects.in_bulk({q for _titulo, suyos, _vacio in listas for q in suyos})
    ve = request.user.has_perm("afiliados.view_afiliado")
    for titulo, suyos, vacio in listas:
        yield Bloque(
            titulo,
            ((_("Afiliado"), False), (_("Comisión neta"), True), (_("Antes"), True),
             (_("Diferencia"), True)),
            [
                (
                    VACIO if q not in quienes
                    else enlace(quienes[q]) if ve else str(quienes[q]),
                    numero(de_ahora.get(q, CERO), moneda),
                    numero(de_antes.get(q, CERO), moneda),
                    _diferencia(cambios[q], moneda),
                )
                for q in suyos
            ],
            vacio=vacio,
        )  # fmt: skip
