"""What the page of a campaign shows: its rules in force, its money, its sales, who sells most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.fichas import Bloque, Cifra, Ficha, lista_de, registrar_ficha
from alpespartner.comun.admin.formato import enlace, importe
from alpespartner.comun.formato import VACIO, fecha_y_hora
from alpespartner.comun.listas.pagina import pagina
from comisiones.admin.fichas import ultimas
from comisiones.admin.fichas.codigos import codigos
from comisiones.admin.fichas.cuadros import poner_cuadros
from comisiones.admin.reglas.palabras import detalle, paga
from comisiones.comision.models import Comision
from comisiones.contadores.mayores import los_que_mas_ganan
from comisiones.contadores.meses import EnMoneda, estan_enteros
from comisiones.contadores.tablas import CAMPANA
from comisiones.reglas.models import OrigenRegla, Regla, VersionRegla
from conversiones.campanas.models import Campana

_REGLAS = 20
_VERSIONES = 200
_MAYORES = 10


def _ficha(request: HttpRequest, campana: Campana) -> Ficha:
    filtro = f"campana__id__exact={campana.pk}"

    def cifras(suyo: EnMoneda, ano: int) -> list[Cifra]:
        siempre = suyo.siempre
        return [
            Cifra(
                _("Aprobado desde el principio"),
                importe(siempre.ganado - siempre.revertido, suyo.moneda),
                nota=_("Menos lo revertido."),
            ),
            Cifra(
                _("Pagado desde el principio"),
                importe(siempre.pagado, suyo.moneda),
                lista_de(Comision, f"estado=pagada&{filtro}")
                if request.user.has_perm("comisiones.view_comision")
                else "",
                _("Lo que sumaban sus comisiones al pagarse."),
            ),
            Cifra(
                _("Pagado en %(ano)s") % {"ano": ano},
                importe(suyo.del_ano(ano).pagado, suyo.moneda),
            ),
        ]

    ficha = Ficha()
    poner_cuadros(ficha, request, CAMPANA, campana.pk, cifras)
    ficha.bloques = [
        *_reglas(request, campana, filtro),
        *_mayores(request, campana, filtro),
        *codigos(request, CAMPANA, campana.pk, campana),
        *ultimas.ventas(request, filtro, "afiliado", campana=campana),
        *ultimas.inscripciones(request, filtro, "afiliado", campana=campana),
        *ultimas.enlaces(request, filtro, "afiliado", campana=campana),
        *ultimas.cupones(request, filtro, "afiliado", campana=campana),
        *ultimas.comisiones(request, filtro, "afiliado", campana=campana),
    ]
    return ficha


def _reglas(request: HttpRequest, campana: Campana, filtro: str) -> list[Bloque]:
    """Its rules in force and those of the whole programme: what each pays, to whom, since when."""
    if not request.user.has_perm("comisiones.view_regla"):
        return []
    suyas = pagina(Regla.objects.filter(campana=campana).order_by("-id"), _REGLAS)
    de_todas = pagina(Regla.objects.filter(campana__isnull=True).order_by("-id"), _REGLAS)
    con_versiones = [r for r in (*suyas.filas, *de_todas.filas) if r.origen == OrigenRegla.VERSION]
    vigentes = _vigentes([regla.pk for regla in con_versiones])
    filas = [_fila(regla, vigentes[regla.pk]) for regla in con_versiones if regla.pk in vigentes]
    hay_mas = suyas.siguiente is not None or de_todas.siguiente is not None
    notas = [_("Lo que se acordó con un afiliado vale antes que lo de su campaña.")]
    if hay_mas:
        notas.append(_("Hay más reglas: se ven las últimas."))
    return [
        Bloque(
            _("Reglas en vigor"),
            ((_("Regla"), False), (_("Paga"), False), (_("A quién y cómo"), False),
             (_("Desde"), False)),
            filas,
            lista_de(Regla, filtro),
            _("Ninguna regla paga sus ventas: las comisiones quedan retenidas."),
            " ".join(notas),
        )
    ]  # fmt: skip


def _vigentes(reglas: Sequence[int]) -> dict[int, VersionRegla]:
    """Of each rule, the version that applies now: of those in force, the last one."""
    ahora = timezone.now()
    versiones = (
        VersionRegla.objects.filter(
            Q(vigente_hasta__isnull=True) | Q(vigente_hasta__gt=ahora),
            regla__in=reglas,
            vigente_desde__lte=ahora,
        )
        .select_related("afiliado")
        .order_by("regla", "-numero")[:_VERSIONES]
    )
    vigentes: dict[int, VersionRegla] = {}
    for version in versiones:
        vigentes.setdefault(version.regla_id, version)
    return vigentes


def _fila(regla: Regla, version: VersionRegla) -> tuple[Any, ...]:
    para = _("Todo el programa") if regla.campana_id is None else ""
    lineas = [linea for linea in (para, *detalle(version)) if linea]
    return (
        enlace(regla),
        paga(version),
        format_html_join("", '<span class="ap-celda">{}</span>', ((linea,) for linea in lineas))
        or _("Quien venda"),
        _fechas(version),
    )


def _fechas(version: VersionRegla) -> Any:
    desde = fecha_y_hora(version.vigente_desde)
    if version.vigente_hasta is None:
        return desde
    return format_html(
        '{}<span class="ap-celda ap-tenue">{}</span>',
        desde,
        _("hasta %(fecha)s") % {"fecha": fecha_y_hora(version.vigente_hasta)},
    )


def _mayores(request: HttpRequest, campana: Campana, filtro: str) -> list[Bloque]:
    """Whom it has earned the most."""
    usuario = request.user
    if not (usuario.has_perm("comisiones.view_apunte") and estan_enteros()):
        return []
    ganan = los_que_mas_ganan(campana.pk, campana.moneda, _MAYORES)
    quienes = Afiliado.objects.in_bulk([g.afiliado for g in ganan])
    ve = usuario.has_perm("afiliados.view_afiliado")
    filas = []
    for ganado in ganan:
        quien = quienes.get(ganado.afiliado)
        cuanto = importe(ganado.ganado, ganado.moneda)
        if usuario.has_perm("comisiones.view_comision"):
            suyas = f"estado=todas&afiliado__id__exact={ganado.afiliado}&{filtro}"
            url = lista_de(Comision, suyas)
            cuanto = format_html('<a class="ap-enlace" href="{}">{}</a>', url, cuanto)
        filas.append((VACIO if quien is None else enlace(quien) if ve else str(quien), cuanto))
    return [
        Bloque(
            _("Quiénes ganan más"),
            ((_("Afiliado"), False), (_("Aprobado"), True)),
            filas,
            vacio=_("Todavía no se ha aprobado nada."),
            nota=_("Lo aprobado desde el principio, sin quitar lo revertido."),
            aparte=True,
        )
    ]


registrar_ficha(Campana, _ficha)
