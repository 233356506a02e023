"""What is held of an affiliate beside what it earned: mails, and what people wrote of it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.formato import con_moneda
from alpespartner.comun.personales import Parte, Seccion, Tacha, registrar, tachar_rastro
from alpespartner.comun.propuestas.tipos import Linea
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.liquidaciones.models import Liquidacion
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago

_EN_CURSO = (EstadoPago.LISTO, EstadoPago.ENVIANDO, EstadoPago.INCIERTO)


def _secciones(afiliado: Afiliado) -> Iterable[Seccion]:
    comisiones = Comision.objects.filter(afiliado=afiliado).order_by("pk")
    yield "comisiones", list(
        comisiones.values("id_publico", "conversion__id_publico", "monto", "moneda", "estado",
                          "madura_en")
    )  # fmt: skip
    ajustes = Ajuste.objects.filter(afiliado=afiliado).order_by("pk")
    yield "ajustes", list(ajustes.values("id_publico", "tipo", "monto", "moneda", "concepto"))
    pagos = Pago.objects.filter(afiliado=afiliado).order_by("pk")
    yield "pagos", list(pagos.values("id_publico", "importe", "retenido", "moneda", "estado"))
    documentos = Liquidacion.objects.filter(afiliado=afiliado).order_by("pk")
    yield (
        "documentos",
        list(documentos.values("id_publico", "serie", "numero", "importe", "moneda", "receptor")),
    )
    correos = Notificacion.objects.filter(afiliado=afiliado).order_by("pk")
    yield "correos", list(correos.values("asunto", "cuerpo", "estado", "creada_en", "enviada_en"))


def _borrar(afiliado: Afiliado, tacha: Tacha) -> None:
    Novedad.objects.filter(afiliado=afiliado).delete()
    Notificacion.objects.filter(afiliado=afiliado).delete()
    ajustes = Ajuste.objects.filter(afiliado=afiliado)
    tacha.columnas(ajustes, "motivo", "concepto")
    tachar_rastro("ajuste", list(ajustes.values_list("id_publico", flat=True)), tacha)
    pagos = Pago.objects.filter(afiliado=afiliado)
    tacha.columnas(pagos, "detalle")
    tachar_rastro("pago", list(pagos.values_list("id_publico", flat=True)), tacha)


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
    Parte(entidad="afiliado", secciones=_secciones, borrar=_borrar, impide=_impide, lineas=_lineas)
)
