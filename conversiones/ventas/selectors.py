"""Reads of conversions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import overload

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import pedir_afiliado
from afiliados.errores import AfiliadoDesconocido
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import exigir_campana, pedir_campana
from conversiones.rastreo.selectors import ClicLeido, pedir_clic
from conversiones.ventas.busqueda import VENTAS
from conversiones.ventas.models import Conversion, DevolucionPendiente


def conversiones_con_partes() -> QuerySet[Conversion]:
    """Conversions with what their representations need."""
    return Conversion.objects.select_related("afiliado", "campana")


def conversiones_visibles(clave: Credencial) -> QuerySet[Conversion]:
    """Conversions that a key may see, with what their representation needs."""
    conversiones = conversiones_con_partes()
    return conversiones.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else conversiones


def exigir_afiliado(referencia: str, clave: Credencial, campo: str = "afiliado_id") -> Afiliado:
    """Affiliate named by a request, as far as the key sees it.

    Raises :class:`AfiliadoDesconocido`.
    """
    remesa = Remesa()
    afiliado = _pedir_afiliado(remesa, referencia, clave, campo)
    remesa.enviar()
    return afiliado()


@overload
def exigir_partes(
    *,
    afiliado: str,
    campana: str | None,
    clave: Credencial,
    campo_afiliado: str = ...,
    campo_campana: str = ...,
) -> tuple[Afiliado, Campana]: ...


@overload
def exigir_partes(
    *,
    afiliado: str | None,
    campana: str | None,
    clave: Credencial,
    campo_afiliado: str = ...,
    campo_campana: str = ...,
) -> tuple[Afiliado | None, Campana]: ...


def exigir_partes(
    *,
    afiliado: str | None,
    campana: str | None,
    clave: Credencial,
    campo_afiliado: str = "afiliado_id",
    campo_campana: str = "campana_id",
) -> tuple[Afiliado | None, Campana]:
    """Whose sale it is, when it is named, and of which campaign, as a request says, read at once.

    Raises as :func:`exigir_afiliado` and :func:`exigir_campana`.
    """
    remesa = Remesa()
    pedido = None
    if afiliado is not None:
        pedido = _pedir_afiliado(remesa, afiliado, clave, campo_afiliado)
    pedida = pedir_campana(remesa, campana, campo_campana)
    remesa.enviar()
    return None if pedido is None else pedido(), pedida()


def exigir_partes_y_clic(
    *,
    afiliado: str | None,
    campana: str | None,
    clic_id: str,
    hasta: datetime | None,
    clave: Credencial,
) -> tuple[Afiliado | None, Campana, ClicLeido | None]:
    """What :func:`exigir_partes` gives, and the click that the sale names as it was at ``hasta``
    (None: now), read in the same trip. Raises as that."""
    remesa = Remesa()
    pedido = None
    if afiliado is not None:
        pedido = _pedir_afiliado(remesa, afiliado, clave, "afiliado_id")
    pedida = pedir_campana(remesa, campana)
    dicho = normalizar(clic_id)
    clic = pedir_clic(remesa, dicho, hasta or timezone.now()) if dicho else None
    remesa.enviar()
    return None if pedido is None else pedido(), pedida(), None if clic is None else clic()


def _pedir_afiliado(
    remesa: Remesa, referencia: str, clave: Credencial, campo: str
) -> Callable[[], Afiliado]:
    pedido = pedir_afiliado(remesa, referencia)

    def dar() -> Afiliado:
        afiliado = pedido()
        if afiliado is None or clave.afiliado_id not in (None, afiliado.pk):
            raise _afiliado_desconocido(referencia, campo)
        return afiliado

    return dar


class Agenda:
    """Affiliates and campaigns that a batch names, of those it may see, read in two queries."""

    def __init__(
        self, visibles: QuerySet[Afiliado], afiliados: set[str], campanas: set[str]
    ) -> None:
        afiliados, campanas = ({normalizar(n) for n in ns} for ns in (afiliados, campanas))
        self._afiliados: dict[str, Afiliado] = {}
        nombrados = visibles.filter(
            Q(id_publico__in=afiliados) | Q(referencia_externa__in=afiliados)
        )
        for afiliado in nombrados:
            self._afiliados[afiliado.id_publico] = afiliado
            if afiliado.referencia_externa:
                self._afiliados.setdefault(afiliado.referencia_externa, afiliado)
        self._campanas: dict[str | None, Campana] = {}
        for campana in Campana.objects.filter(
            Q(id_publico__in=campanas) | Q(referencia_externa__in=campanas) | Q(predeterminada=True)
        ):
            self._campanas[campana.id_publico] = campana
            if campana.referencia_externa:
                self._campanas.setdefault(campana.referencia_externa, campana)
            if campana.predeterminada:
                self._campanas[None] = campana

    def afiliado(self, referencia: str) -> Afiliado:
        """As :func:`exigir_afiliado`."""
        afiliado = self._afiliados.get(normalizar(referencia))
        if afiliado is None:
            raise _afiliado_desconocido(referencia, "afiliado_id")
        return afiliado

    def campana(self, referencia: str | None) -> Campana:
        """As :func:`exigir_campana`."""
        campana = self._campanas.get(referencia)
        # Rare: the single query says it with its own words.
        return campana or exigir_campana(referencia)


def _afiliado_desconocido(referencia: str, campo: str) -> AfiliadoDesconocido:
    return AfiliadoDesconocido(
        _("No hay un afiliado «%(referencia)s»: regístralo primero.")
        % {"referencia": referencia[:64]},
        campo=campo,
    )


def buscar_conversion(
    referencia: str, campana: Campana | None, conversiones: QuerySet[Conversion]
) -> Conversion | None:
    """The sale among ``conversiones`` that our id names or, in a campaign, the partner's own
    reference: never two, and ours first."""
    referencia = normalizar(referencia)
    venta = conversiones.filter(id_publico=referencia).first()
    if venta is None and campana is not None:
        venta = conversiones.filter(campana=campana, referencia_externa=referencia).first()
    return venta


def venta_parecida(conversion: Conversion) -> Conversion | None:
    """The sale that another may be a copy of."""
    if not conversion.parecida_a:
        return None
    return Conversion.objects.filter(id_publico=conversion.parecida_a).first()


def ids_de_ventas(texto: str) -> list[int]:
    """Keys of the sales with this public id, or whose reference has it, that reference first. Every
    part is a probe or a range of an index."""
    texto = normalizar(texto)
    if es_nuestro(texto):
        return claves_de(Conversion.objects.filter(id_publico=texto))
    exactas = claves_de(Conversion.objects.filter(referencia_externa=texto))
    return list(dict.fromkeys([*exactas, *claves(VENTAS, texto)]))


def esperan_venta() -> QuerySet[DevolucionPendiente]:
    """Refunds whose sale has not come."""
    return DevolucionPendiente.objects.filter(resuelta_en=None)


def esperan_a_una_que_llego() -> QuerySet[DevolucionPendiente]:
    """Refunds that wait though their sale, whose key is ``venta``, is there."""
    suya = Conversion.objects.filter(
        campana=OuterRef("campana"), referencia_externa=OuterRef("referencia_externa")
    )
    return (
        esperan_venta().annotate(venta=Subquery(suya.values("pk"))).exclude(venta=None)
    ).order_by("pk")


def no_cupieron() -> QuerySet[DevolucionPendiente]:
    """Refunds whose sale came but could not take them: a person decides."""
    return DevolucionPendiente.objects.filter(problema__gt="")
