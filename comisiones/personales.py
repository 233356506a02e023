"""What is held of an affiliate beside what it earned: mails, and what people wrote of it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.formato import con_moneda
from alpespartner.comun.personales import Parte, Rastro, Seccion, Tacha, registrar
from alpespartner.comun.propuestas.tipos import Linea
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.liquidaciones.models import Liquidacion
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago
from comisiones.retenciones.models import RetencionFiscal
from comisiones.revision.models import LineaEnMasa

_EN_CURSO = (EstadoPago.LISTO, EstadoPago.ENVIANDO, EstadoPago.INCIERTO)


def _secciones(afiliado: Afiliado) -> Iterable[Seccion]:
    comisiones = Comision.objects.filter(afiliado=afiliado).order_by("pk")
    yield "comisiones", (
        comisiones.values("id_publico", "conversion__id_publico", "monto", "moneda", "estado",
                          "madura_en")
    )  # fmt: skip
    ajustes = Ajuste.objects.filter(afiliado=afiliado).order_by("pk")
    yield "ajustes", ajustes.values("id_publico", "tipo", "monto", "moneda", "concepto")
    pagos = Pago.objects.filter(afiliado=afiliado).order_by("pk")
    yield "pagos", pagos.values("id_publico", "importe", "retenido", "moneda", "estado")
    documentos = Liquidacion.objects.filter(afiliado=afiliado).order_by("pk")
    yield (
        "documentos",
        documentos.values("id_publico", "serie", "numero", "importe", "moneda", "receptor"),
    )
    correos = Notificacion.objects.filter(afiliado=afiliado).order_by("pk")
    yield "correos", correos.values("asunto", "cuerpo", "estado", "creada_en", "enviada_en")


def _borrar(afiliado: Afiliado, tacha: Tacha) -> None:
    Novedad.objects.filter(afiliado=afiliado).delete()
    Notificacion.objects.filter(afiliado=afiliado).delete()


def _rastro(afiliado_id: str) -> Iterable[Rastro]:
    suyo = {"afiliado__id_publico": afiliado_id}
    yield Rastro(
        entidad="ajuste", filas=Ajuste.objects.filter(**suyo), columnas=("motivo", "concepto")
    )
    yield Rastro(entidad="pago", filas=Pago.objects.filter(**suyo), columnas=("detalle",))
    # What a document says stays as it was issued; not what people wrote of it.
    yield Rastro(entidad="liquidacion", filas=Liquidacion.objects.filter(**suyo))
    yield Rastro(
        entidad="retencion", filas=RetencionFiscal.objects.filter(**suyo),
        columnas=("nombre", "motivo"),
    )  # fmt: skip
    yield from _de_comisiones(Comision.objects.filter(**suyo), "comision__afiliado__id_publico",
                              afiliado_id)  # fmt: skip


def _rastro_de_cliente(cliente_id: str) -> Iterable[Rastro]:
    suyas = "conversion__cliente__id_publico"
    yield from _de_comisiones(
        Comision.objects.filter(**{suyas: cliente_id}), f"comision__{suyas}", cliente_id
    )


def _de_comisiones(comisiones: QuerySet[Comision], de: str, suyo: str) -> Iterable[Rastro]:
    yield Rastro(entidad="comision", filas=comisiones, columnas=("motivo",))
    yield Rastro(filas=LineaEnMasa.objects.filter(**{de: suyo}), columnas=("motivo", "detalle"))


def _impide(afiliado: Afiliado) -> str:
    pago = Pago.objects.filter(afiliado=afiliado, estado__in=_EN_CURSO).order_by("pk").first()
    if pago is None:
        return ""
    return _("Tiene un pago en curso (%(pago)s): bórralo cuando acabe.") % {"pago": pago.id_publico}


def _lineas(afiliado: Afiliado) -> list[Linea]:
    """What it is owed goes nowhere without an account."""
    debido = [con_moneda(monto, m) for m, monto in saldos(afiliado).items() if monto > 0]
    if not debido:
        return []
    return [(_("Queda sin cobrar"), " · ".join(debido))]


registrar(
    Parte(
        entidad="afiliado",
        secciones=_secciones,
        borrar=_borrar,
        rastro=_rastro,
        impide=_impide,
        lineas=_lineas,
    )
)
registrar(Parte(entidad="cliente", rastro=_rastro_de_cliente))
