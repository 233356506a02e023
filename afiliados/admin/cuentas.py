"""Page of the accounts that affiliates are paid to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from afiliados.admin.formularios import CuentaForm
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import (
    confirmar_cuenta,
    guardar_cuenta,
    las_que_toco,
    por_que_no_confirma,
)
from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.bandejas import TOPE, Bandeja, Filas, filtro_de
from alpespartner.comun.admin.base import AdminPorServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import nombres_de_actores
from alpespartner.comun.formato import hace
from alpespartner.comun.listas.pagina import pagina
from alpespartner.comun.propuestas.tipos import Linea


def _previa(cuenta: CuentaBancaria) -> list[Linea]:
    """Whose it is and who saved it when."""
    autor = cuenta.cambiada_por
    return [
        (_("Afiliado"), cuenta.afiliado),
        (_("Titular"), cuenta.titular),
        (_("Cuenta"), cuenta),
        (_("La guardó"), nombres_de_actores([autor])[autor]),
        (_("Cuándo"), hace(cuenta.actualizado_en)),
    ]


def _de_otras_manos(request: HttpRequest) -> Filas:
    """The first accounts that nobody confirmed, but for those of whoever asks."""
    sin_confirmar = CuentaBancaria.objects.filter(confirmada_en=None).select_related("afiliado")
    una = pagina(sin_confirmar.order_by("id"), TOPE)
    suyas = las_que_toco(una.filas, actor_de(request))
    return [c for c in una.filas if c.pk not in suyas], una.siguiente is not None


CUENTAS_POR_CONFIRMAR = Bandeja(
    "por_confirmar", _("Por confirmar, de otra persona"), CuentaBancaria, _de_otras_manos
)


@admin.register(CuentaBancaria)
class CuentaBancariaAdmin(AdminPorServicio, ConAcciones):
    """Where affiliates are paid: whoever pays them looks, and does not touch."""

    si_vacia = _("Adónde se paga a cada afiliado. Una persona la guarda y otra la confirma.")

    form = CuentaForm
    entidad = "afiliado"
    estados = dict(EstadoAfiliado.choices)
    acciones = (
        Accion(
            nombre="confirmar",
            titulo=_("Confirmar la cuenta"),
            permiso="afiliados.confirmar_cuentabancaria",
            visible=lambda c: c.confirmada_en is None,
            aplicar=lambda c, actor, _motivo: confirmar_cuenta(cuenta=c, actor=actor),
            exito=_("%(objeto)s quedó confirmada: se paga a ella cuando pase su espera."),
            impedimento=por_que_no_confirma,
            previa=lambda c: _previa(c),
            ayuda=_("Comprueba con el afiliado que es suya. No puede hacerlo quien la guardó."),
            icono="verified",
            tono="principal",
        ),
    )
    atajos = ("confirmar",)
    list_display = ("afiliado", "titular", "col_cuenta", "bic", "utilizable_en", "confirmada_en")
    exporta = (
        "afiliado", "afiliado=afiliado.nombre", "tipo", "titular", "destino_final", "pais", "bic",
        "utilizable_en", "confirmada_en",
    )  # fmt: skip
    list_select_related = ("afiliado",)
    list_filter = (filtro_de(CUENTAS_POR_CONFIRMAR), ("afiliado", FiltroDeFila))
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows its last digits, and takes a whole new number."""
        if obj is None:
            return ("afiliado", "titular", "iban", "bic")
        if not self.has_change_permission(request, obj):
            return ("afiliado", "titular", "col_cuenta", "bic", "utilizable_en",
                    "confirmada_en")  # fmt: skip
        return ("afiliado", "col_cuenta", "utilizable_en", "confirmada_en", "titular", "iban",
                "bic")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("afiliado", "col_cuenta", "utilizable_en", "confirmada_en")

    def id_historial(self, objeto: Any) -> str:
        """What happens to an account is in the history of its affiliate."""
        return str(objeto.afiliado.id_publico)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> CuentaBancaria:
        return guardar_cuenta(**datos, actor=actor_de(request))

    def actualizar(
        self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]
    ) -> CuentaBancaria:
        # The number is required again: nobody redirects payments by changing only the holder.
        return guardar_cuenta(
            afiliado=objeto.afiliado,
            titular=cambios.get("titular", objeto.titular),
            iban=cambios["iban"],
            bic=cambios.get("bic", objeto.bic),
            actor=actor_de(request),
        )

    @display(description=_("Cuenta"))
    def col_cuenta(self, cuenta: CuentaBancaria) -> str:
        """Country, or Stripe, and last digits."""
        return str(cuenta)
