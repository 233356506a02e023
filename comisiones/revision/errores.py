"""What reviewing a commission may refuse."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido, NoPermitido
from comisiones.comision.models import Comision


class YaAprobada(Conflicto):
    """The commission was approved before: nothing changes and nothing is published."""

    codigo = "ya_aprobada"

    def __init__(self, comision: Comision) -> None:
        super().__init__(
            _now("%(id)s ya estaba aprobada.") % {"id": comision.id_publico},
            estado=comision.estado,
        )
        self.comision = comision


class SinRegla(Conflicto):
    """No rule said what the commission pays, so it has no amount to approve."""

    codigo = "sin_regla"
    texto = _("Ninguna regla dice cuánto paga: publica una versión para su campaña.")


class FueraDeRango(Conflicto):
    """What its rule says is more than a commission may pay, so it has no amount to approve."""

    codigo = "fuera_de_rango"
    texto = _("El resultado pasa del máximo que se puede pagar: corrige la regla y se recalculará.")


class LineasSinPrecio(Conflicto):
    """Its lines follow several rules and do not say what each cost: it has no amount to approve."""

    codigo = "lineas_sin_precio"
    texto = _(
        "Hay reglas por producto y las líneas de la venta no dicen precios que sumen su valor."
    )


class LineasEnEscalas(Conflicto):
    """Its lines follow two scales over a period, and a sale is in the state of one only."""

    codigo = "lineas_en_escalas"
    texto = _(
        "Las líneas de la venta siguen dos escalas por periodo: ajusta las reglas y se recalculará."
    )


class PresupuestoAgotado(Conflicto):
    """What is left of the campaign's budget is less than the commission."""

    codigo = "presupuesto_agotado"
    texto = _(
        "No cabe en lo que queda del presupuesto de su campaña: amplíalo y se liberará sola en "
        "cuanto quepa."
    )


class AfiliadoNoActivo(Conflicto):
    """Commissions are approved only while their affiliate is active."""

    codigo = "afiliado_no_activo"


class Cambio(Conflicto):
    """Somebody else decided, or a refund came, since whoever decides looked at the commission."""

    codigo = "cambio"
    texto = _("Cambió después de abrirla: no se hizo nada. Mírala como está ahora.")


class EnUnPago(Conflicto):
    """A payment holds the commission: its approval stays."""

    codigo = "en_un_pago"
    texto = _(
        "Está en un pago y no se puede devolver a revisión: descarta antes el lote o anula el pago."
    )


class PagoEnCurso(Conflicto):
    """A payment that is on its way holds a commission of the sale: nobody knows yet if it pays."""

    codigo = "pago_en_curso"
    texto = _(
        "Una de sus comisiones está en un pago en curso: espera a que termine, o anúlalo, y "
        "repítelo."
    )


class DemasiadasVistas(Conflicto):
    """The menu of the queue holds so many of one person."""

    codigo = "demasiadas_vistas"
    texto = _("Tienes demasiadas vistas guardadas: quita alguna antes.")


class LimiteDeClave(NoPermitido):
    """It is more than a key may approve, of one sale or of one day: a person does."""

    codigo = "limite_de_clave"


class DecisionAjena(NoPermitido):
    """Only who selected the commissions of a bulk decision knows what it would confirm."""

    codigo = "decision_ajena"
    texto = _("La confirma quien eligió las comisiones: elígelas tú para decidirlas.")


class DecisionDeFichero(Conflicto):
    """What a file decides is confirmed whole."""

    codigo = "decision_de_fichero"
    texto = _("Se confirma en la página de su fichero, con el resto de sus filas.")


class FicheroIlegible(DatoInvalido):
    """No file of decisions."""

    codigo = "fichero_ilegible"
    campo = "fichero"


class FicheroRepetido(Conflicto):
    """The same file was applied before."""

    codigo = "fichero_repetido"
    texto = _("Este fichero ya se aplicó: sus decisiones ya están tomadas.")
    campo = "fichero"


class NadaQueDecidir(Conflicto):
    """No commission was selected, or nobody confirmed it in time."""

    codigo = "nada_que_decidir"
    texto = _("No queda ninguna comisión que decidir: elígelas otra vez.")
