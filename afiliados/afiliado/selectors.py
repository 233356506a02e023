"""Reads of affiliates."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from afiliados.afiliado.busqueda import AFILIADOS
from afiliados.afiliado.estados import FUERA
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.historial import historial_de
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import normalizar

# What an affiliate earns depends on these.
CONDICIONES = (
    "comision_base",
    "comision_premium",
    "comision_fija",
    "moneda_comision",
    "tipo_afiliado",
    "nivel",
)

# Steps of the history that may set some of an affiliate's data.
_QUE_FIJAN = ("registrar", "actualizar", "programar_condiciones")

_POR_ID = ConsultaFija(Afiliado.objects.filter(id_publico=""))
_POR_REFERENCIA = ConsultaFija(Afiliado.objects.filter(referencia_externa=""))
# Its version, by key, while it stays as it is (see ``afiliados_fijos``).
VERSION_FIJA = ConsultaFija(Afiliado.objects.filter(pk=0).only("version"), compartidas=True)


def afiliados_visibles(clave: Credencial) -> QuerySet[Afiliado]:
    """Affiliates that a key may see: its own, or all for a key of the programme."""
    afiliados = Afiliado.objects.all()
    return afiliados.filter(pk=clave.afiliado_id) if clave.afiliado_id else afiliados


def sigue_dentro(id_publico: str) -> bool:
    """Whether an affiliate is not out of the programme."""
    return Afiliado.objects.filter(id_publico=id_publico).exclude(estado__in=FUERA).exists()


def pedir_afiliado(remesa: Remesa, referencia: str) -> Callable[[], Afiliado | None]:
    """Ask for an affiliate by public id or by the partner's external reference; it is known once
    all is sent."""
    referencia = normalizar(referencia)
    if not referencia.startswith("af_"):
        suyos = remesa.leer(_POR_REFERENCIA, referencia)
        return lambda: next(iter(suyos), None)
    nuestros = remesa.leer(_POR_ID, referencia)
    return lambda: next(iter(nuestros), None) or _POR_REFERENCIA.primera(referencia)


def buscar_afiliado(referencia: str) -> Afiliado | None:
    """Affiliate by public id or by the partner's external reference."""
    remesa = Remesa()
    afiliado = pedir_afiliado(remesa, referencia)
    remesa.enviar()
    return afiliado()


def afiliados_fijos(ids: Collection[int]) -> dict[int, Afiliado]:
    """Affiliates by key, whose state nobody changes before the caller's transaction ends.

    The lock is shared, as the one that every foreign key to the row takes: sales of an affiliate
    do not wait for each other, and none has to turn its shared lock into an exclusive one, which
    is how two of them would deadlock.
    """
    if not ids:
        return {}
    # SQLite needs none: a transaction that writes is alone.
    candado = " LOCK IN SHARE MODE" if connection.vendor == "mysql" else ""
    marcas = ",".join(["%s"] * len(ids))
    filas = Afiliado.objects.raw(
        f"SELECT * FROM {Afiliado._meta.db_table} WHERE id IN ({marcas})"  # noqa: S608
        f" ORDER BY id{candado}",
        sorted(ids),
    )
    return {afiliado.pk: afiliado for afiliado in filas}


def correo_unico_de(email: str) -> str:
    """An e-mail as it is compared with those of others: capitals tell no two apart."""
    return normalizar(normalizar(email).lower())


def otro_con_su_correo(afiliado: Afiliado) -> Afiliado | None:
    """Who had the e-mail of one that is marked for it, capitals aside."""
    if afiliado.correo_unico is not None:
        return None
    return Afiliado.objects.filter(correo_unico=correo_unico_de(afiliado.email)).first()


def correos_cambiados(
    afiliado_id: str, *, paso: int | None = None, desde: datetime | None = None
) -> list[str]:
    """Addresses that an affiliate (public id) had or got in one step of its history, or since."""
    cambios = historial_de("afiliado", afiliado_id).filter(accion="actualizar")
    if paso is not None:
        cambios = cambios.filter(pk=paso)
    if desde is not None:
        cambios = cambios.filter(creado_en__gte=desde)
    correos: dict[str, None] = {}
    for cambio in cambios:
        if "email" in cambio.datos.get("campos", ()) and "personales" in cambio.datos:
            for valores in json.loads(descifrar(cambio.datos["personales"])).values():
                correos[valores["email"]] = None
    return list(correos)


def ids_de_afiliados(texto: str) -> list[int]:
    """Keys of the affiliates with this public id or external reference, or whose names, e-mail,
    reference or short id have it (``AFILIADOS``). Every part is a probe or a range of an index."""
    texto = normalizar(texto)
    exactos = claves_de(Afiliado.objects.filter(Q(id_publico=texto) | Q(referencia_externa=texto)))
    hallados = [] if es_nuestro(texto) else claves(AFILIADOS, texto)
    return list(dict.fromkeys([*exactos, *hallados]))


def autores_de(
    afiliado: Afiliado,
    campos: Collection[str],
    *,
    antes_de: int | None = None,
    en: datetime | None = None,
) -> set[str]:
    """Who last set each of some data of an affiliate, as its history tells; ``antes_de`` is the
    key of a row of the history that ends the search. What began to hold after ``en`` is not it."""
    pasos = historial_de("afiliado", afiliado.id_publico).filter(accion__in=_QUE_FIJAN)
    if antes_de is not None:
        pasos = pasos.filter(pk__lt=antes_de)
    faltan, autores = set(campos), set()
    for autor, datos in pasos.order_by("-pk").values_list("actor", "datos"):
        desde = datos.get("desde")
        if en is not None and desde is not None and datetime.fromisoformat(desde) > en:
            continue
        # Older registrations do not say what they set.
        dichos = faltan & set(datos.get("campos", faltan))
        if dichos:
            autores.add(autor)
            faltan -= dichos
        if not faltan:
            break
    return autores


def tocados_por(afiliados: Collection[int], autores: Collection[str]) -> set[int]:
    """Of some affiliates, by key, those that :func:`autores_de` may name some authors for."""
    por_id = dict(Afiliado.objects.filter(pk__in=afiliados).values_list("id_publico", "pk"))
    tocados = Historial.objects.filter(
        entidad="afiliado", entidad_id__in=list(por_id), actor__in=autores, accion__in=_QUE_FIJAN
    )
    return {por_id[id_publico] for id_publico in tocados.values_list("entidad_id", flat=True)}
