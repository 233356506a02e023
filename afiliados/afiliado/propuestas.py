"""What of affiliates takes a second person: a large change of what one earns by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.cambio import cambiar, condiciones_distintas, legible, programar_condiciones
from afiliados.afiliado.condiciones import CON_FECHA, exigir_desde, ultima
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import VACIO, con_moneda, fecha_y_hora, porcentaje
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar

_DECIMALES = frozenset({"comision_base", "comision_premium", "comision_fija"})


def proponer_condiciones(
    *,
    afiliado: Afiliado,
    condiciones: Mapping[str, Any],
    desde: datetime | None,
    actor: Actor,
    motivo: str,
) -> Propuesta:
    """Ask that a locked affiliate get other terms, from a moment or from when it is confirmed."""
    exigir_desde(afiliado, desde, condiciones)
    return proponer(
        tipo=CONDICIONES_NUEVAS,
        entidad_id=afiliado.id_publico,
        datos={
            "cambios": {campo: legible(valor) for campo, valor in condiciones.items()},
            "desde": desde and desde.isoformat(),
        },
        actor=actor,
        motivo=motivo,
    )


def _valor(campo: str, dicho: Any) -> Any:
    """A value as the service takes it, of one as a proposal keeps it."""
    if dicho is None:
        return None
    if campo == "referente":
        return Afiliado.objects.get(id_publico=dicho)
    return Decimal(dicho) if campo in _DECIMALES else dicho


def _foto(propuesta: Propuesta) -> Any:
    afiliado = Afiliado.objects.select_for_update().get(id_publico=propuesta.entidad_id)
    base = ultima(afiliado)
    return {
        **{campo: legible(getattr(base or afiliado, campo)) for campo in CON_FECHA},
        "fila": base and base.pk,
    }


def _aplicar(propuesta: Propuesta, _sabido: Any) -> None:
    afiliado = Afiliado.objects.select_for_update().get(id_publico=propuesta.entidad_id)
    dados = {c: _valor(c, dicho) for c, dicho in propuesta.datos["cambios"].items()}
    dicho = propuesta.datos["desde"]
    desde = None if dicho is None else datetime.fromisoformat(dicho)
    hacer = programar_condiciones if desde is not None and desde > timezone.now() else cambiar
    hacer(
        afiliado,
        condiciones_distintas(afiliado, dados),
        desde=desde,  # type: ignore[arg-type]
        actor=quien_la_hizo(propuesta),
        motivo=propuesta.motivo,
        confirmada_por=propuesta.decidida_por,
    )


def _lineas(propuesta: Propuesta) -> list[Linea]:
    """Old → new of each term."""
    visto, cambios = propuesta.visto, propuesta.datos["cambios"]
    lineas: list[Linea] = []
    for campo in CON_FECHA:
        if campo in cambios:
            antes = visible(campo, visto[campo], visto["moneda_comision"])
            moneda = cambios.get("moneda_comision", visto["moneda_comision"])
            despues = visible(campo, cambios[campo], moneda)
            lineas.append((nombre_de(campo), f"{antes} → {despues}"))
    desde = propuesta.datos["desde"]
    cuando = fecha_y_hora(datetime.fromisoformat(desde)) if desde else _now("que se confirme")
    lineas.append((_now("Vale desde"), cuando))
    return lineas


def nombre_de(campo: str) -> str:
    """What people call a term."""
    nombre: Any = Afiliado._meta.get_field(campo).verbose_name  # type: ignore[union-attr]
    return str(nombre).capitalize()


def visible(campo: str, dicho: Any, moneda: str) -> str:
    """A term as people read it, of one as a proposal keeps it."""
    if dicho in (None, ""):
        return VACIO
    if campo in ("comision_base", "comision_premium"):
        return porcentaje(Decimal(dicho))
    if campo in ("comision_fija", "minimo_pago"):
        return con_moneda(Decimal(dicho), moneda)
    if campo == "referente":
        referente = Afiliado.objects.filter(id_publico=dicho).first()
        return f"{referente} ({dicho})"
    opciones: Any = dict(getattr(Afiliado._meta.get_field(campo), "choices", None) or ())
    return str(opciones.get(dicho, dicho))


CONDICIONES_NUEVAS = registrar(
    Tipo(
        nombre="condiciones",
        titulo=_("Cambio de condiciones"),
        entidad="afiliado",
        foto=_foto,
        aplicar=_aplicar,
        lineas=_lineas,
        modelo=lambda: Afiliado,
    )
)
