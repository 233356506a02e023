"""What sales and their refunds may refuse."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from alpespartner.comun import dinero
from alpespartner.comun.errores import Conflicto, ReferenciaDesconocida
from conversiones.ventas.models import Conversion


class AfiliadoNoAdmitido(ReferenciaDesconocida):
    """The affiliate is in a state that takes no conversions."""

    codigo = "afiliado_no_admitido"
    campo = "afiliado_id"


class AfiliadoNoInscrito(ReferenciaDesconocida):
    """The campaign asks for enrolment, and the affiliate was not in when the sale occurred."""

    codigo = "afiliado_no_inscrito"
    texto = _(
        "El afiliado no estaba inscrito en la campaña cuando ocurrió la venta: inscríbelo para las "
        "siguientes."
    )
    campo = "afiliado_id"


class CampanaNoAdmitida(ReferenciaDesconocida):
    """The campaign is in a state that takes no conversions."""

    codigo = "campana_no_admitida"
    campo = "campana_id"


class FueraDeCampana(ReferenciaDesconocida):
    """The sale occurred before the campaign began or after it ended."""

    codigo = "fuera_de_campana"
    texto = _("La campaña no estaba vigente en esa fecha.")
    campo = "ocurrida_en"


class ConversionDuplicada(Conflicto):
    """The campaign has a conversion with this reference; its id goes only to its own affiliate."""

    codigo = "conversion_duplicada"

    def __init__(self, nueva: Conversion, existente: Conversion) -> None:
        propia = existente.afiliado_id == nueva.afiliado_id
        super().__init__(
            _now("La campaña ya tiene una conversión con la referencia «%(referencia)s».")
            % {"referencia": nueva.referencia_externa},
            campo="referencia_externa",
            conversion_id=existente.id_publico if propia else None,
        )
        self.existente = existente


class ConversionCerrada(Conflicto):
    """The sale was refused, or given back whole: it changes no more."""

    codigo = "conversion_cerrada"


class ConversionFija(Conflicto):
    """It was said when the sale was registered, and is not changed."""

    codigo = "conversion_fija"
    texto = _(
        "Se dijo al registrar la venta y ya no se cambia: déjalo como está, o registra una "
        "devolución y otra venta."
    )


class NoEstaValidada(Conflicto):
    """Only a validated sale is refused by taking all of it back."""

    codigo = "no_esta_validada"
    texto = _("La venta ya no está validada: mira cómo está ahora.")


class YaAtribuida(Conflicto):
    """The sale is of an affiliate already."""

    codigo = "ya_atribuida"
    texto = _("La venta ya es de un afiliado: mira de quién.")


class SinAtribuir(Conflicto):
    """The sale is nobody's: there is nobody to take it from."""

    codigo = "sin_atribuir"
    texto = _("La venta no es de nadie: asígnala.")


class SinVinculo(Conflicto):
    """The customer is nobody's: there is nobody to take it from."""

    codigo = "sin_vinculo"
    texto = _("El cliente no es de nadie: lo será al asignar una venta suya.")


class MudanzaEnCurso(Conflicto):
    """The sales of the customer are still following it to another affiliate."""

    codigo = "mudanza_en_curso"
    texto = _("Sus ventas todavía se están moviendo: espera a que terminen y repítelo.")


class YaEsSuyo(Conflicto):
    """It is of that affiliate already."""

    codigo = "ya_es_suyo"
    texto = _("Ya es de ese afiliado: elige otro.")
    campo = "afiliado_id"


class NoSeAsigna(Conflicto):
    """The sale was refused or given back whole: nobody earns anything from it."""

    codigo = "no_se_asigna"
    texto = _("La venta está rechazada o devuelta: nadie gana nada por ella.")


class DevolucionDuplicada(Conflicto):
    """A movement with this external id was registered before."""

    codigo = "movimiento_duplicado"

    def __init__(self, id_externo: str) -> None:
        super().__init__(
            _now("Ya se registró un movimiento con el identificador «%(id)s».")
            % {"id": id_externo},
            campo="id_externo",
        )


class ValorDistinto(Conflicto):
    """What is left of a sale is not what whoever corrects it saw: ``queda`` is what is."""

    codigo = "valor_distinto"

    def __init__(self, *, esperado: Decimal, queda: Decimal, moneda: str) -> None:
        super().__init__(
            _now("De la venta quedaban %(esperado)s %(moneda)s, y ahora %(queda)s %(moneda)s.")
            % {
                "esperado": dinero.texto(esperado, moneda),
                "queda": dinero.texto(queda, moneda),
                "moneda": moneda,
            }
        )
        self.queda = queda


class ValorQueSube(Conflicto):
    """A value is corrected downwards only: what a sale earns more is an adjustment."""

    codigo = "valor_que_sube"
    campo = "valor_nuevo"

    def __init__(self, *, queda: Decimal, moneda: str, campo: str | None = None) -> None:
        super().__init__(
            _now(
                "De la venta quedan %(queda)s %(moneda)s: solo se corrige a menos. Para pagar más, "
                "haz un ajuste."
            )
            % {"queda": dinero.texto(queda, moneda), "moneda": moneda},
            campo=campo,
        )


class DevolucionExcesiva(Conflicto):
    """More would be taken back than what is left of the sale; ``queda`` is that."""

    codigo = "devolucion_excesiva"
    campo = "monto"
