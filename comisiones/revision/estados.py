"""Bulk decisions as data: what they do, their states, and what may become of each commission."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class AccionEnMasa(models.TextChoices):
    """What a bulk decision does with each of its commissions."""

    APROBAR = "aprobar", _("Aprobar")
    RECHAZAR = "rechazar", _("Rechazar")
    RETENER = "retener", _("Retener")
    # Of a file only.
    CORREGIR = "corregir", _("Corregir la venta")


class EstadoDecision(models.TextChoices):
    """Life of a bulk decision; one that nobody confirms is forgotten."""

    POR_CONFIRMAR = "por_confirmar", _("Por confirmar")
    EN_CURSO = "en_curso", _("En curso")
    TERMINADA = "terminada", _("Terminada")
    DETENIDA = "detenida", _("Detenida")


_D = EstadoDecision
DECISION = Maquina(
    entidad="decision",
    pasos={
        _D.POR_CONFIRMAR: frozenset({_D.EN_CURSO}),
        _D.EN_CURSO: frozenset({_D.TERMINADA, _D.DETENIDA}),
    },
)


class Resultado(models.TextChoices):
    """What became of a commission of a bulk decision. What a rule refused has the code of the
    error."""

    POR_HACER = "por_hacer", _("Por hacer")
    HECHA = "hecha", _("Hecha")
    YA = "ya", _("Ya lo estaba")
    CAMBIO = "cambio", _("Cambió después de elegirla")
    TRANSICION = "transicion_invalida", _("Su estado no lo permite")
    CUATRO_OJOS = "cuatro_ojos", _("La decide otra persona")
    AFILIADO_NO_ACTIVO = "afiliado_no_activo", _("El afiliado no está activo")
    SIN_REGLA = "sin_regla", _("Ninguna regla dice cuánto paga")
    FUERA_DE_RANGO = "fuera_de_rango", _("Pasa del máximo que se puede pagar")
    LINEAS_SIN_PRECIO = "lineas_sin_precio", _("Sus líneas no dicen precios")
    LINEAS_EN_ESCALAS = "lineas_en_escalas", _("Sus líneas siguen dos escalas")
    PRESUPUESTO_AGOTADO = "presupuesto_agotado", _("No cabe en el presupuesto de su campaña")
    SIN_PERMISO = "sin_permiso", _("Quien lo confirmó ya no puede")
    DETENIDA = "detenida", _("Se detuvo antes de llegar a ella")
    FALLO = "fallo", _("No se pudo")


class CausaFila(models.TextChoices):
    """Why a line of a file of decisions decides nothing. What a rule refuses has the words of
    :class:`Resultado`."""

    MAL_FORMADA = "mal_formada", _("Tiene más celdas que la cabecera")
    SIN_DECISION = "sin_decision", _("No dice qué decidir")
    DECISION_DESCONOCIDA = (
        "decision_desconocida",
        _("La decisión no es «aprobar», «rechazar» ni «corregir»"),
    )
    VALOR_INVALIDO = "valor_invalido", _("«valor_nuevo» no es un valor de la venta, como 10,50")
    SUBE = "sube", _("Un valor solo se corrige a menos: para pagar más, haz un ajuste")
    SIN_NOMBRE = "sin_nombre", _("No dice de qué comisión")
    MOTIVO_DESCONOCIDO = "motivo_desconocido", _("El código del motivo no existe")
    SIN_MOTIVO = "sin_motivo", _("Un rechazo o una corrección necesita «motivo_codigo»")
    NOTA_LARGA = "nota_larga", _("La nota es demasiado larga")
    NO_EXISTE = "no_existe", _("No hay ninguna comisión con ese nombre")
    VARIAS = "varias", _("La referencia tiene varias comisiones: usa «comision_id»")
    REPETIDA = "repetida", _("Ya está en otra fila")
    CONTRADICE = "contradice", _("Otra fila decide lo contrario")


_R = Resultado
# The rest was set aside.
SIN_APARTAR = frozenset({_R.POR_HACER, _R.HECHA, _R.YA})
# What to do about what was set aside.
REMEDIOS = {
    _R.CAMBIO: _("Mírala como está ahora y, si procede, elígela otra vez."),
    _R.TRANSICION: _("Nada: otra decisión llegó antes, o ya no estaba en revisión."),
    _R.CUATRO_OJOS: _("Pide a otra persona que la decida."),
    _R.AFILIADO_NO_ACTIVO: _("Activa al afiliado y elígela otra vez."),
    _R.SIN_REGLA: _("Publica una regla para su campaña: se calculará sola."),
    _R.FUERA_DE_RANGO: _("Corrige su regla: se calculará sola."),
    _R.LINEAS_SIN_PRECIO: _("Corrige las líneas de la venta o las reglas por producto."),
    _R.LINEAS_EN_ESCALAS: _("Ajusta las reglas: se calculará sola."),
    _R.PRESUPUESTO_AGOTADO: _("Amplía el presupuesto de la campaña: se liberará en cuanto quepa."),
    _R.SIN_PERMISO: _("Elígelas otra vez con alguien que pueda."),
    _R.DETENIDA: _("Elígelas otra vez si procede: están como estaban."),
    _R.FALLO: _("Abre su página y decídela sola; si vuelve a fallar, «verificar» dice qué tiene."),
}
