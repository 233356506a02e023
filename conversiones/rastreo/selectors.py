"""Reads of links, coupons and clicks."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import segno
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet, Subquery

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar, normalizar_cupon
from conversiones.campanas.models import Campana
from conversiones.rastreo.busqueda import CUPONES, ENLACES
from conversiones.rastreo.codigos import codigo_buscado
from conversiones.rastreo.models import Clic, Cupon, Enlace

# Of one visitor no more clicks than these are looked at: the newest ones.
MAX_CLICS = 200
_EPOCA = datetime(2000, 1, 1, tzinfo=UTC)
# What a sale that names its click asks, in one trip: the click, whose it is, and which others its
# browser made. Without consent a click names no browser: it has no others.
_CLICS = Clic.objects.only(
    "id_publico", "afiliado", "campana", "enlace", "momento", "visitante", "descartado"
)
_EL_CLIC = ConsultaFija(_CLICS.filter(id_publico=""))
_DE_QUIEN = ConsultaFija(Afiliado.objects.filter(clics__id_publico=""))
_LOS_SUYOS = ConsultaFija(
    _CLICS.filter(
        Q(visitante=Subquery(Clic.objects.filter(id_publico="").values("visitante")[:1])),
        Q(campana=0), Q(momento__gte=_EPOCA), Q(momento__lte=_EPOCA), Q(visitante__gt=""),
        Q(descartado=""),
    ).order_by("-momento", "-pk")[:MAX_CLICS]
)  # fmt: skip


def enlaces_visibles(clave: Credencial) -> QuerySet[Enlace]:
    """Links that a key may see, with what their representation needs."""
    todos = Enlace.objects.select_related("afiliado", "campana")
    return todos.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todos


def cupones_visibles(clave: Credencial) -> QuerySet[Cupon]:
    """Coupons that a key may see, with what their representation needs."""
    todos = Cupon.objects.select_related("afiliado", "campana")
    return todos.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todos


def url_de(enlace: Enlace) -> str:
    """The address of a link, as it is published."""
    return f"{settings.URL}/r/{enlace.codigo}"


def qr_de(enlace: Enlace) -> bytes:
    """The address of a link as a picture, in SVG."""
    papel = io.BytesIO()
    segno.make(url_de(enlace), error="m", micro=False).save(
        papel, kind="svg", scale=4, border=2, dark="#000", light="#fff", title=enlace.codigo
    )
    return papel.getvalue()


def ids_de_enlaces(texto: str) -> list[int]:
    """Keys of the links with this public id or code, or with a part of the code or the end of the
    id (``ENLACES``); a whole address of a link is its code."""
    texto = normalizar(texto)
    codigo = codigo_buscado(texto.rpartition("/r/")[2].partition("?")[0])
    exactos = claves_de(Enlace.objects.filter(Q(id_publico=texto) | Q(codigo=codigo)))
    hallados = [] if es_nuestro(texto) else claves(ENLACES, texto)
    return list(dict.fromkeys([*exactos, *hallados]))


def ids_de_cupones(texto: str) -> list[int]:
    """Keys of the coupons with this public id or code, or with a part of the code or the end of the
    id (``CUPONES``)."""
    texto = normalizar(texto)
    iguales = Q(id_publico=texto) | Q(codigo=normalizar_cupon(texto))
    exactos = claves_de(Cupon.objects.filter(iguales))
    hallados = [] if es_nuestro(texto) else claves(CUPONES, texto)
    return list(dict.fromkeys([*exactos, *hallados]))


def enlace_por_codigo(texto: str) -> Enlace | None:
    """The link of a code, whatever its case and the punctuation around it; also a retired one."""
    return Enlace.objects.filter(codigo=codigo_buscado(texto)).first()


def codigo_de(enlace: int) -> str:
    """The code of a link by its key."""
    return Enlace.objects.values_list("codigo", flat=True).get(pk=enlace)


def cupon_vivo(codigo: str, en: datetime, campana: Campana | None = None) -> Cupon | None:
    """The coupon that a code was at an instant, however it was typed; with a campaign, only one
    that holds there."""
    cupones = Cupon.objects.filter(
        Q(retirado_en__isnull=True) | Q(retirado_en__gt=en),
        codigo=normalizar_cupon(codigo),
        creado_en__lte=en,
    )
    if campana is not None:
        cupones = cupones.filter(Q(campana__isnull=True) | Q(campana=campana))
    return cupones.select_related("afiliado").order_by("-pk").first()


def visitante_de(clic: Clic) -> str:
    """The browser that made a click, by the first one that it made."""
    return clic.visitante or clic.id_publico


def clics_de(
    visitantes: Collection[str], *, campana: Campana, desde: datetime, hasta: datetime
) -> list[Clic]:
    """Clicks that count of some browsers, in a campaign and from ``desde`` to ``hasta``, both
    included: the newest first, up to ``MAX_CLICS``. A range of an index for each browser."""
    if not visitantes:
        return []
    clics = list(
        Clic.objects.filter(
            visitante__in=visitantes, campana=campana, momento__range=(desde, hasta), descartado=""
        ).order_by("-momento", "-pk")[:MAX_CLICS]
    )
    _poner_afiliados(clics, ())
    return clics


def clic_y_los_suyos(
    id_publico: str, *, campana: Campana, desde: datetime, hasta: datetime
) -> tuple[Clic | None, list[Clic]]:
    """A click by its public id, also one that does not count, and those of its browser as
    :func:`clics_de`, in one trip to the database."""
    remesa = Remesa()
    tramo = [connection.ops.adapt_datetimefield_value(cuando) for cuando in (desde, hasta)]
    dados = remesa.leer(_EL_CLIC, id_publico)
    duenos = remesa.leer(_DE_QUIEN, id_publico)
    suyos = remesa.leer(_LOS_SUYOS, id_publico, campana.pk, *map(str, tramo))
    remesa.enviar()
    if not dados:
        return None, []
    _poner_afiliados([*dados, *suyos], duenos)
    return dados[0], suyos


def _poner_afiliados(clics: Collection[Clic], sabidos: Iterable[Afiliado]) -> None:
    """Give each click its affiliate. Not joined: many are of one, and the database might begin
    with affiliates."""
    afiliados = {afiliado.pk: afiliado for afiliado in sabidos}
    if faltan := {clic.afiliado_id for clic in clics} - afiliados.keys():
        afiliados |= Afiliado.objects.in_bulk(faltan)
    for clic in clics:
        clic.afiliado = afiliados[clic.afiliado_id]
