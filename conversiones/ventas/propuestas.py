"""What of sales takes a second person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import (
    TOPE_PREVIA,
    con_moneda,
    cuantas_y_cuanto,
    fecha_y_hora,
)
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar
from conversiones.clientes.models import Cliente
from conversiones.ventas.asignacion import asignar_conversion, exigir_asignable, pide_otra_persona
from conversiones.ventas.models import Conversion
from conversiones.ventas.mudanza import (
    exigir_cliente_reasignable,
    reasignar_cliente,
    ventas_que_irian,
)
from conversiones.ventas.reasignacion import (
    bloquear_con_su_gente,
    ensayar_reasignacion,
    reasignar_conversion,
)


def asignar_o_proponer(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Conversion | Propuesta:
    """Say whose a sale is, or ask another person to confirm it where it is worth more than its
    limit. Raises as :func:`asignar_conversion`, and :class:`YaPropuesto`."""
    exigir_asignable(conversion, afiliado)
    if not pide_otra_persona(conversion):
        return asignar_conversion(
            conversion=conversion, afiliado=afiliado, motivo=motivo, actor=actor
        )
    return proponer(
        tipo=ASIGNAR,
        entidad_id=conversion.id_publico,
        actor=actor,
        motivo=motivo,
        datos={"afiliado_id": afiliado.id_publico},
    )


def proponer_reasignacion(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Propuesta:
    """Ask another person to confirm that a sale is of another affiliate. Raises what doing it now
    would (:func:`reasignar_conversion`), and :class:`YaPropuesto`."""
    ensayar_reasignacion(conversion=conversion, afiliado=afiliado, motivo=motivo, actor=actor)
    return proponer(
        tipo=REASIGNAR,
        entidad_id=conversion.id_publico,
        actor=actor,
        motivo=motivo,
        datos={"afiliado_id": afiliado.id_publico},
    )


def proponer_reasignacion_de_cliente(
    *,
    cliente: Cliente,
    afiliado: Afiliado,
    motivo: str,
    actor: Actor,
    ventas_desde: datetime | None = None,
) -> Propuesta:
    """Ask another person to confirm that a customer is of another affiliate, and its sales since
    ``ventas_desde`` with it. Raises as :func:`reasignar_cliente`, and :class:`YaPropuesto`."""
    exigir_cliente_reasignable(cliente, afiliado)
    return proponer(
        tipo=REASIGNAR_CLIENTE,
        entidad_id=cliente.id_publico,
        actor=actor,
        motivo=motivo,
        datos={
            "afiliado_id": afiliado.id_publico,
            **({} if ventas_desde is None else {"ventas_desde": ventas_desde.isoformat()}),
        },
    )


def _foto(propuesta: Propuesta) -> Any:
    """How the sale is, locked: nobody says meanwhile whose it is."""
    venta = (
        Conversion.objects.select_for_update()
        .filter(id_publico=propuesta.entidad_id)
        .values("afiliado_id", "estado", "valor", "moneda")
        .first()
    )
    return venta


def _da_la_venta(servicio: Callable[..., object]) -> Callable[[Propuesta, Any], object]:
    """Applies what was proposed of a sale by the service that says whose it is."""

    def aplicar(propuesta: Propuesta, _sabido: Any) -> object:
        return servicio(
            conversion=Conversion.objects.get(id_publico=propuesta.entidad_id),
            afiliado=Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"]),
            motivo=propuesta.motivo,
            actor=quien_la_hizo(propuesta),
        )

    return aplicar


def _lineas(propuesta: Propuesta) -> list[Linea]:
    venta = Conversion.objects.select_related("campana").get(id_publico=propuesta.entidad_id)
    return [
        (_now("Será de"), Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"])),
        (_now("Campaña"), venta.campana),
        (_now("Valor"), con_moneda(venta.valor, venta.moneda)),
        (_now("Ocurrida"), fecha_y_hora(venta.ocurrida_en)),
    ]


ASIGNAR = registrar(
    Tipo(
        nombre="asignar_conversion",
        titulo=_("Asignar a un afiliado"),
        entidad="conversion",
        foto=_foto,
        aplicar=_da_la_venta(asignar_conversion),
        lineas=_lineas,
        modelo=lambda: Conversion,
    )
)


def _foto_de_reasignada(propuesta: Propuesta) -> Any:
    """How the sale is, locked in the order in which it is moved."""
    venta = Conversion.objects.filter(id_publico=propuesta.entidad_id).first()
    otro = Afiliado.objects.filter(id_publico=str(propuesta.datos.get("afiliado_id"))).first()
    if venta is not None and otro is not None:
        bloquear_con_su_gente(venta.pk, otro.pk)
    return _foto(propuesta)


def _lineas_de_reasignada(propuesta: Propuesta) -> list[Linea]:
    venta = Conversion.objects.select_related("afiliado").get(id_publico=propuesta.entidad_id)
    comisiones = venta.comisiones.filter(viva=True).values_list("moneda", "monto")
    return [
        (_now("Ahora es de"), venta.afiliado),
        *_lineas(propuesta),
        (_now("Comisiones"), cuantas_y_cuanto(comisiones)),
    ]


REASIGNAR = registrar(
    Tipo(
        nombre="reasignar_conversion",
        titulo=_("Reasignar a otro afiliado"),
        entidad="conversion",
        foto=_foto_de_reasignada,
        aplicar=_da_la_venta(reasignar_conversion),
        lineas=_lineas_de_reasignada,
        modelo=lambda: Conversion,
    )
)


def _foto_de_cliente(propuesta: Propuesta) -> Any:
    """Whose the customer is, locked: nobody binds it meanwhile."""
    suyo = Cliente.objects.select_for_update().filter(id_publico=propuesta.entidad_id)
    return suyo.values("afiliado_id").first()


def _aplicar_a_cliente(propuesta: Propuesta, _sabido: Any) -> None:
    reasignar_cliente(
        cliente=Cliente.objects.get(id_publico=propuesta.entidad_id),
        afiliado=Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"]),
        motivo=propuesta.motivo,
        actor=quien_la_hizo(propuesta),
        ventas_desde=_ventas_desde(propuesta),
    )


def _ventas_desde(propuesta: Propuesta) -> datetime | None:
    dicho = propuesta.datos.get("ventas_desde")
    return None if dicho is None else datetime.fromisoformat(dicho)


def lineas_de_las_que_irian(cliente: Cliente, de: int | None, desde: datetime) -> list[Linea]:
    """What would follow a customer, for a person: the sales, and what they earn."""
    ventas = ventas_que_irian(cliente, de, desde).order_by()
    comisiones = ventas.filter(comisiones__viva=True)
    return [
        (_now("Ventas"), cuantas_y_cuanto(
            ventas.values_list("moneda", "valor")[: TOPE_PREVIA + 1]
        )),
        (_now("Comisiones"), cuantas_y_cuanto(
            comisiones.values_list("comisiones__moneda", "comisiones__monto")[: TOPE_PREVIA + 1]
        )),
    ]  # fmt: skip


def _lineas_de_cliente(propuesta: Propuesta) -> list[Linea]:
    suyo = Cliente.objects.select_related("afiliado", "campana").get(
        id_publico=propuesta.entidad_id
    )
    return [
        (_now("Ahora es de"), suyo.afiliado),
        (_now("Será de"), Afiliado.objects.get(id_publico=propuesta.datos["afiliado_id"])),
        (_now("Campaña"), suyo.campana),
        *_lineas_de_sus_ventas(propuesta, suyo),
    ]


def _lineas_de_sus_ventas(propuesta: Propuesta, cliente: Cliente) -> list[Linea]:
    desde = _ventas_desde(propuesta)
    if desde is None:
        dicho = _now("Sus próximas ventas. Las que ya hizo siguen siendo de quien son.")
        return [(_now("Desde"), dicho)]
    de = propuesta.visto.get("afiliado_id")
    return [
        (_now("Sus ventas desde"), fecha_y_hora(desde)),
        *lineas_de_las_que_irian(cliente, de, desde),
    ]


REASIGNAR_CLIENTE = registrar(
    Tipo(
        nombre="reasignar_cliente",
        titulo=_("Reasignar el cliente a otro afiliado"),
        entidad="cliente",
        foto=_foto_de_cliente,
        aplicar=_aplicar_a_cliente,
        lineas=_lineas_de_cliente,
        modelo=lambda: Cliente,
    )
)
