"""The last few rows of each thing, with the way to the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from alpespartner.comun.admin.fichas import Bloque, lista_de
from alpespartner.comun.admin.formato import dos_lineas, enlace, id_corto, importe, insignia
from alpespartner.comun.formato import fecha_y_hora
from alpespartner.comun.listas.pagina import pagina
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.liquidaciones.models import Liquidacion
from comisiones.pagos.models import Pago
from conversiones.inscripciones.models import Inscripcion
from conversiones.rastreo.models import Cupon, Enlace
from conversiones.ventas.models import Conversion

CUANTAS = 6
Columnas = Sequence[tuple[str, bool]]


def bloque(
    request: HttpRequest,
    permiso: str,
    titulo: str,
    consulta: QuerySet[Any],
    columnas: Columnas,
    fila: Callable[[Any], Sequence[Any]],
    filtro: str,
    vacio: str,
    *,
    aparte: bool = False,
) -> list[Bloque]:
    """A block of the newest rows of a query, for whoever may see them."""
    if not request.user.has_perm(permiso):
        return []
    modelo: type[Model] = consulta.model
    filas = pagina(consulta.order_by("-id"), CUANTAS).filas
    dichas = [fila(f) for f in filas]
    return [Bloque(titulo, columnas, dichas, lista_de(modelo, filtro), vacio, aparte=aparte)]


def _corto(objeto: Any) -> Any:
    return enlace(objeto, id_corto(objeto.id_publico))


def _estado(objeto: Any) -> Any:
    return insignia(objeto.estado, objeto.get_estado_display())


def ventas(request: HttpRequest, filtro: str, de_que: str, **cuales: Any) -> list[Bloque]:
    """Last sales; ``de_que`` is the relation that the page does not fix."""
    return bloque(
        request, "conversiones.view_conversion", _("Últimas ventas"),
        Conversion.objects.filter(**cuales).select_related(de_que),
        ((_("Venta"), False), (_("Ocurrida"), False), (_("Valor"), True), (_("Estado"), False)),
        lambda v: (
            dos_lineas(_corto(v), getattr(v, de_que)), fecha_y_hora(v.ocurrida_en),
            importe(v.valor, v.moneda), _estado(v),
        ),
        filtro, _("Todavía no hay ventas."),
    )  # fmt: skip


def comisiones(request: HttpRequest, filtro: str, de_que: str, **cuales: Any) -> list[Bloque]:
    """Last commissions."""
    return bloque(
        request, "comisiones.view_comision", _("Últimas comisiones"),
        Comision.objects.filter(**cuales).select_related(de_que),
        ((_("Comisión"), False), (_("Calculada"), False), (_("Monto"), True),
         (_("Estado"), False)),
        lambda c: (
            dos_lineas(_corto(c), getattr(c, de_que)), fecha_y_hora(c.creada_en),
            importe(c.monto, c.moneda), _estado(c),
        ),
        f"estado=todas&{filtro}", _("Todavía no hay comisiones."),
    )  # fmt: skip


def pagos(request: HttpRequest, filtro: str, **cuales: Any) -> list[Bloque]:
    """Last payments."""
    return bloque(
        request, "comisiones.view_pago", _("Últimos pagos"), Pago.objects.filter(**cuales),
        ((_("Pago"), False), (_("Creado"), False), (_("Importe"), True), (_("Estado"), False)),
        lambda p: (
            _corto(p), fecha_y_hora(p.creado_en), importe(p.importe, p.moneda), _estado(p),
        ),
        filtro, _("Todavía no se le ha pagado."),
    )  # fmt: skip


def ajustes(request: HttpRequest, filtro: str, **cuales: Any) -> list[Bloque]:
    """Last adjustments."""
    return bloque(
        request, "comisiones.view_ajuste", _("Últimos ajustes"), Ajuste.objects.filter(**cuales),
        ((_("Ajuste"), False), (_("Creado"), False), (_("Monto"), True), (_("Estado"), False)),
        lambda a: (
            dos_lineas(_corto(a), a.get_tipo_display()), fecha_y_hora(a.creado_en),
            importe(a.monto, a.moneda), _estado(a),
        ),
        filtro, _("No tiene ajustes."), aparte=True,
    )  # fmt: skip


def documentos(request: HttpRequest, filtro: str, **cuales: Any) -> list[Bloque]:
    """Last self-billing documents."""
    return bloque(
        request, "comisiones.view_liquidacion", _("Últimas liquidaciones"),
        Liquidacion.objects.filter(**cuales),
        ((_("Número"), False), (_("Emitida"), False), (_("Importe"), True)),
        lambda d: (
            dos_lineas(enlace(d, d.numero_completo), d.get_tipo_display()),
            fecha_y_hora(d.emitida_en), importe(d.importe, d.moneda),
        ),
        filtro, _("Todavía no tiene liquidaciones."), aparte=True,
    )  # fmt: skip


def enlaces(request: HttpRequest, filtro: str, de_que: str, **cuales: Any) -> list[Bloque]:
    """Last links, with whose or where each is."""
    return bloque(
        request, "conversiones.view_enlace", _("Enlaces"),
        Enlace.objects.filter(**cuales).select_related(de_que),
        ((_("Código"), False), (_("De"), False), (_("Creado"), False), (_("Estado"), False)),
        lambda e: (
            enlace(e), enlace(getattr(e, de_que)), fecha_y_hora(e.creado_en), _estado(e),
        ),
        filtro, _("No hay enlaces."),
    )  # fmt: skip


def inscripciones(request: HttpRequest, filtro: str, de_que: str, **cuales: Any) -> list[Bloque]:
    """Last enrolments, with whose or where each is."""
    return bloque(
        request, "conversiones.view_inscripcion", _("Inscripciones"),
        Inscripcion.objects.filter(**cuales).select_related(de_que),
        ((_("De"), False), (_("Desde"), False), (_("Estado"), False)),
        lambda i: (enlace(i, getattr(i, de_que)), fecha_y_hora(i.actualizado_en), _estado(i)),
        filtro, _("No hay inscripciones."), aparte=True,
    )  # fmt: skip


def cupones(request: HttpRequest, filtro: str, de_que: str, **cuales: Any) -> list[Bloque]:
    """Last coupons, with whose or where each is."""
    return bloque(
        request, "conversiones.view_cupon", _("Cupones"),
        Cupon.objects.filter(**cuales).select_related(de_que),
        ((_("Código"), False), (_("De"), False), (_("Creado"), False), (_("Estado"), False)),
        lambda c: (
            enlace(c),
            enlace(getattr(c, de_que)) if getattr(c, de_que) else _("Todas"),
            fecha_y_hora(c.creado_en),
            _estado(c),
        ),
        filtro, _("No hay cupones."),
    )  # fmt: skip
