"""Rules that hold for every affiliate."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from afiliados.afiliado.models import MAX_VENTANA_DIAS, Afiliado, FrecuenciaResumen, Idioma
from afiliados.afiliado.selectors import afiliados_fijos
from afiliados.errores import CicloDeReferentes
from alpespartner.comun import dinero
from alpespartner.comun.errores import DatoInvalido, DemasiadoPreciso, MonedaDesconocida


def comprobar(afiliado: Afiliado) -> None:
    """Rules that hold for every affiliate; raises :class:`DatoInvalido` naming the field."""
    for campo in ("comision_base", "comision_premium"):
        tasa = getattr(afiliado, campo)
        if tasa is not None and not 0 <= tasa <= 100:
            raise DatoInvalido(_("El porcentaje va de 0 a 100."), campo=campo)
    for campo, opciones in (("idioma", Idioma), ("resumen", FrecuenciaResumen)):
        if getattr(afiliado, campo) not in opciones.values:
            raise DatoInvalido(_("No es una de las opciones."), campo=campo)
    ventana = afiliado.ventana_atribucion_dias
    if ventana is not None and not 0 <= ventana <= MAX_VENTANA_DIAS:
        raise DatoInvalido(
            _("La ventana va de 0 a %(dias)s días.") % {"dias": MAX_VENTANA_DIAS},
            campo="ventana_atribucion_dias",
        )
    montos = [m for m in (afiliado.comision_fija, afiliado.minimo_pago) if m is not None]
    if montos and not afiliado.moneda_comision:
        afiliado.moneda_comision = settings.MONEDA
    if afiliado.moneda_comision:
        try:
            dinero.exponente(afiliado.moneda_comision)
        except dinero.DineroInvalido as exc:
            raise MonedaDesconocida(exc, campo="moneda_comision") from None
    for campo in ("comision_fija", "minimo_pago"):
        monto = getattr(afiliado, campo)
        if monto is None:
            continue
        if monto < 0:
            raise DatoInvalido(_("No puede ser negativo."), campo=campo)
        if not dinero.es_exacto(monto, afiliado.moneda_comision):
            raise DemasiadoPreciso(
                _("Tiene más decimales de los que admite %(moneda)s.")
                % {"moneda": afiliado.moneda_comision},
                campo=campo,
            )
    if afiliado.comision_fija is not None and afiliado.tasa_propia is not None:
        raise DatoInvalido(
            _("Elige un porcentaje o una comisión fija, no ambos."), campo="comision_fija"
        )
    if not afiliado.documento_numero:
        afiliado.documento_numero = None
    if not afiliado.referencia_externa:
        afiliado.referencia_externa = None


def comprobar_referente(afiliado: Afiliado) -> None:
    """Nobody is above itself. The chain is read as it is now and kept so until the transaction
    ends: two changes at once could close a cycle that neither sees."""
    vistos = {afiliado.pk}
    siguiente = afiliado.referente_id
    while siguiente is not None:
        if siguiente in vistos:
            raise CicloDeReferentes()
        vistos.add(siguiente)
        siguiente = afiliados_fijos({siguiente})[siguiente].referente_id
