"""What of withholding takes a second person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import turnos
from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import VACIO, entero, numero
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from comisiones.libro.models import Cuenta
from comisiones.libro.selectors import saldos_de_cuentas
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.services import (
    exigir_retencion,
    hoy,
    publicar_retencion,
    retenido_de,
)

_TODOS = "todos"
_TOPE = 100_000


def proponer_retencion(
    *,
    nombre: str,
    porcentaje: Decimal,
    desde: date,
    motivo: str,
    actor: Actor,
    afiliado: Afiliado | None = None,
    documento_tipo: str = "",
) -> RetencionFiscal | Propuesta:
    """Publish a withholding; one that is not of a single affiliate waits for another person.

    Raises what :func:`publicar_retencion` does.
    """
    exigir_retencion(
        porcentaje=porcentaje, desde=desde, afiliado=afiliado, documento_tipo=documento_tipo
    )
    if afiliado is not None:
        return publicar_retencion(
            nombre=nombre, porcentaje=porcentaje, desde=desde, motivo=motivo, actor=actor,
            afiliado=afiliado,
        )  # fmt: skip
    return proponer(
        tipo=RETENCION,
        entidad_id=documento_tipo.strip() or _TODOS,
        datos={
            "nombre": nombre,
            "porcentaje": f"{porcentaje:f}",
            "desde": desde.isoformat(),
            "documento_tipo": documento_tipo.strip(),
        },
        actor=actor,
        motivo=motivo,
    )


def _ultima(documento_tipo: str) -> RetencionFiscal | None:
    """The one that holds, or will, for the same scope."""
    mismas = RetencionFiscal.objects.filter(afiliado=None, documento_tipo=documento_tipo)
    return mismas.order_by("desde", "pk").last()


def _foto(propuesta: Propuesta) -> Any:
    # Nothing is there to lock: the table only grows.
    turnos.tomar(["retenciones"])
    ultima = _ultima(propuesta.datos["documento_tipo"])
    return {"ultima": ultima and ultima.id_publico}


def _publicar(propuesta: Propuesta, _sabido: Any) -> RetencionFiscal:
    datos = propuesta.datos
    return publicar_retencion(
        nombre=datos["nombre"],
        porcentaje=Decimal(datos["porcentaje"]),
        # The payments of the days that it waited were made.
        desde=max(date.fromisoformat(datos["desde"]), hoy()),
        documento_tipo=datos["documento_tipo"],
        motivo=propuesta.motivo,
        actor=quien_la_hizo(propuesta),
    )


def _lineas(propuesta: Propuesta) -> list[Linea]:
    datos = propuesta.datos
    de_quien, ultima = datos["documento_tipo"], _ultima(datos["documento_tipo"])
    nueva = RetencionFiscal(
        nombre=datos["nombre"], porcentaje=Decimal(datos["porcentaje"]), documento_tipo=de_quien
    )
    alcanza = Afiliado.objects.all()
    if de_quien:
        alcanza = alcanza.filter(documento_tipo=de_quien)
    cuantos = alcanza.order_by().values("pk")[: _TOPE + 1].count()
    lineas: list[Linea] = [
        (_now("Impuesto"), nueva),
        (_now("Antes"), ultima or VACIO),
        (_now("De quién"), de_quien or _now("todos")),
        (
            _now("Desde"),
            _now("%(dia)s, o el día en que se confirme si es posterior")
            % {"dia": date_format(date.fromisoformat(datos["desde"]), "SHORT_DATE_FORMAT")},
        ),
        (_now("Afiliados"), f"{entero(_TOPE)}+" if cuantos > _TOPE else entero(cuantos)),
    ]
    if not de_quien:
        debido = {m: -s for (c, m), s in saldos_de_cuentas().items() if c == Cuenta.POR_PAGAR}
        for moneda, importe in sorted(debido.items()):
            if importe > 0:
                se_retiene = retenido_de(importe, moneda, nueva)
                lineas.append(
                    (
                        _now("De lo que se debe hoy"),
                        _now("%(retenido)s de %(debido)s %(moneda)s")
                        % {
                            "retenido": numero(se_retiene, moneda),
                            "debido": numero(importe, moneda),
                            "moneda": moneda,
                        },
                    )
                )
    return lineas + [linea for mirar in _MIRAN for linea in mirar(nueva)]


_MIRAN: list[Callable[[RetencionFiscal], list[Linea]]] = []


def registrar_efecto(mirar: Callable[[RetencionFiscal], list[Linea]]) -> None:
    """Say who knows what another withholding would have kept: payments are above."""
    _MIRAN[:] = [mirar]


RETENCION = registrar(
    Tipo(
        nombre="retencion",
        titulo=_("Retención fiscal de muchos"),
        entidad="retencion",
        foto=_foto,
        aplicar=_publicar,
        lineas=_lineas,
    )
)
