"""The lines of the ledger that say what affiliates are owed, counted by what each did and by month.

They are never changed, so neither are their counters but for what is posted later. All of an
affiliate's add up to its balance, those of a month to what its statement of that month moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from comisiones.ajustes.models import Ajuste, Reverso, TipoAjuste
from comisiones.comision.models import Comision
from comisiones.contadores.tablas import (
    AFILIADO,
    CAMPANA,
    COMISIONES,
    SIEMPRE,
    VENTAS,
    Casilla,
    Dicho,
    Tabla,
    dicho,
    en_diezmilesimas,
    mes,
)
from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento

_POR_CONSULTA = 5_000


class Concepto(models.TextChoices):
    """What a line did to what we owe an affiliate; it is the state of its counter."""

    GANADO = "ganado", _("Aprobado")
    REVERTIDO = "revertido", _("Revertido")
    AJUSTADO = "ajustado", _("Ajustes")
    PAGADO = "pagado", _("Pagado")


_T = TipoAsiento
_DE_ASIENTO: dict[str, Concepto] = {
    _T.APROBACION: Concepto.GANADO,
    _T.REAPROBACION: Concepto.GANADO,
    _T.DEVOLUCION: Concepto.REVERTIDO,
    _T.ANULACION: Concepto.REVERTIDO,
    _T.REANULACION: Concepto.REVERTIDO,
    _T.REVERSO: Concepto.REVERTIDO,
    _T.PAGO: Concepto.PAGADO,
    _T.IMPAGO: Concepto.PAGADO,
}
_DE_AJUSTE: dict[str, Concepto] = {
    TipoAjuste.REVERSO: Concepto.REVERTIDO,
    TipoAjuste.CLAWBACK: Concepto.REVERTIDO,
    TipoAjuste.PAGO_DEVUELTO: Concepto.PAGADO,
}


def corte_en(campana: int) -> str:
    """The cut of the affiliates of a campaign."""
    return f"en:{campana}"


@dataclass(frozen=True)
class TablaDelLibro(Tabla):
    """Lines of ``por_pagar``; an amount is positive in the affiliate's favour.

    A payment is of no campaign: it may pay commissions of several.
    """

    def filas(self) -> QuerySet[Any]:
        return Apunte.objects.filter(cuenta=Cuenta.POR_PAGAR)

    def claves_de(self, sujetos: Collection[str]) -> list[int]:
        """Lines of the entries whose cause is a subject, or a refund of one."""
        reversos = Reverso.objects.filter(comision__id_publico__in=sujetos)
        origenes = {*sujetos, *reversos.values_list("id_publico", flat=True)}
        asientos = list(Asiento.objects.filter(origen__in=origenes).values_list("pk", flat=True))
        return list(self.filas().filter(asiento__in=asientos).values_list("pk", flat=True))

    def leer(self, **cuales: Any) -> dict[int, tuple[str, Dicho]]:
        filas = list(
            self.filas().filter(**cuales).order_by("pk").values_list(
                "pk", "asiento__origen", "asiento__tipo", "asiento__creado_en", "moneda",
                "afiliado_id", "importe",
            )
        )  # fmt: skip
        causas = _causas({str(fila[1]) for fila in filas})
        leidas = {}
        for pk, origen, tipo, fecha, moneda, afiliado, importe in filas:
            sujeto, ajuste, campana = causas.get(origen, (origen, "", None))
            concepto = _DE_AJUSTE.get(ajuste) or _DE_ASIENTO.get(tipo) or Concepto.AJUSTADO
            leidas[pk] = (
                sujeto,
                dicho(concepto, moneda, campana, afiliado, -en_diezmilesimas(importe), mes(fecha)),
            )
        return leidas

    def casillas(self, suyo: Dicho) -> Iterator[Casilla]:
        """Besides, what each affiliate earned in a campaign: not what was taken back of it."""
        yield from super().casillas(suyo)
        if suyo.campana and suyo.afiliado and suyo.estado == Concepto.GANADO:
            corte = corte_en(suyo.campana)
            yield Casilla(corte, suyo.afiliado, SIEMPRE, suyo.estado, suyo.moneda)


def _causas(origenes: Collection[str]) -> dict[str, tuple[str, str, int | None]]:
    """Of each cause of entries: whose events tell of it, the kind of adjustment that it is, and
    its campaign."""
    causas: dict[str, tuple[str, str, int | None]] = {}
    todos = sorted(origenes)
    for inicio in range(0, len(todos), _POR_CONSULTA):
        unos = todos[inicio : inicio + _POR_CONSULTA]
        comisiones = Comision.objects.filter(id_publico__in=unos)
        for suyo, campana in comisiones.values_list("id_publico", "campana_id"):
            causas[suyo] = (suyo, "", campana)
        reversos = Reverso.objects.filter(id_publico__in=unos)
        for suyo, sujeto, campana in reversos.values_list(
            "id_publico", "comision__id_publico", "comision__campana_id"
        ):
            causas[suyo] = (sujeto, "", campana)
        ajustes = Ajuste.objects.filter(id_publico__in=unos)
        for suyo, tipo, campana in ajustes.values_list(
            "id_publico", "tipo", "comision__campana_id"
        ):
            causas[suyo] = (suyo, tipo, campana)
    return causas


LIBRO = TablaDelLibro(
    "libro", Apunte, "importe", ("comision_id", "ajuste_id", "pago_id"),
    por_mes=("", CAMPANA, AFILIADO), listada=False,
)  # fmt: skip
TABLAS = (COMISIONES, VENTAS, LIBRO)
