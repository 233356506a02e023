"""What this app holds of an affiliate: who it is, its account, its keys, its history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from afiliados.afiliado.models import Afiliado, CondicionesAfiliado, ConfiguracionProgramada
from afiliados.claves.models import ClaveAPI
from afiliados.claves.selectors import titular_normal
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import PeticionIdempotente
from alpespartner.comun.personales import (
    Parte,
    Rastro,
    Seccion,
    Tacha,
    olvidar_en_el_panel,
    registrar,
    tachar_rastro,
)

_DE_QUIEN_ES = (
    "id_publico", "referencia_externa", "nombre", "email", "telefono", "documento_tipo",
    "documento_pais", "documento_numero", "tipo_afiliado", "nivel", "comision_base",
    "comision_premium", "comision_fija", "moneda_comision", "minimo_pago",
    "ventana_atribucion_dias", "idioma", "resumen",
    "estado", "creado_en", "actualizado_en",
)  # fmt: skip


def textos_de(afiliado: Afiliado) -> Iterator[str]:
    """What names an affiliate, now and before: all that its history and account have of it."""
    yield from filter(
        None, (afiliado.nombre, afiliado.email, afiliado.telefono, afiliado.documento_numero)
    )
    for cuenta in CuentaBancaria.objects.filter(afiliado=afiliado):
        yield from (cuenta.titular, descifrar(cuenta.destino_cifrado))
    for hecho in historial_de("afiliado", afiliado.id_publico):
        if "personales" in hecho.datos:
            for valores in json.loads(descifrar(hecho.datos["personales"])).values():
                # Which kind of document, and of which country, names nobody.
                yield from (
                    valor
                    for campo, valor in valores.items()
                    if valor and campo not in ("documento_tipo", "documento_pais")
                )
        for lado in ("antes", "despues"):
            if isinstance(guardada := hecho.datos.get(lado), str):
                yield from json.loads(descifrar(guardada))[:2]
    for clave in ClaveAPI.objects.filter(afiliado=afiliado):
        yield from (clave.nombre, clave.titular)


def _secciones(afiliado: Afiliado) -> Iterable[Seccion]:
    suyo = {campo: getattr(afiliado, campo) for campo in _DE_QUIEN_ES}
    referente = afiliado.referente
    yield "afiliado", [{**suyo, "referente": referente.id_publico if referente else None}]
    yield "cuenta", [
        {
            "tipo": c.tipo, "titular": c.titular, "numero": descifrar(c.destino_cifrado),
            "bic": c.bic, "utilizable_en": c.utilizable_en, "confirmada_en": c.confirmada_en,
        }
        for c in CuentaBancaria.objects.filter(afiliado=afiliado)
    ]  # fmt: skip
    claves = ClaveAPI.objects.filter(afiliado=afiliado).order_by("pk")
    yield (
        "claves",
        list(
            claves.values(
                "id_clave",
                "nombre",
                "titular",
                "alcances",
                "creada_en",
                "revocada_en",
                "direcciones",
                "usada_en",
                "usada_desde",
            )
        ),
    )
    yield "condiciones", list(
        CondicionesAfiliado.objects.filter(afiliado=afiliado).order_by("desde", "pk").values(
            "desde", "comision_base", "comision_premium", "comision_fija", "moneda_comision",
            "tipo_afiliado", "nivel",
        )
    )  # fmt: skip
    # What was done and when: why, and by whom, is of the staff.
    pasos = historial_de("afiliado", afiliado.id_publico)
    yield "historial", pasos.values("creado_en", "accion", "estado_anterior", "estado_nuevo")


def _borrar(afiliado: Afiliado, tacha: Tacha) -> None:
    for cuenta in CuentaBancaria.objects.filter(afiliado=afiliado):
        olvidar_en_el_panel(cuenta)
        cuenta.delete()
    claves = list(ClaveAPI.objects.filter(afiliado=afiliado))
    for clave in claves:
        # Whose hands they are is still told, by the affiliate's id.
        clave.nombre, clave.titular = "—", afiliado.id_publico
        clave.titular_normal = titular_normal(afiliado.id_publico)
        clave.direcciones, clave.usada_desde = "", ""
        clave.save(
            update_fields=["nombre", "titular", "titular_normal", "direcciones", "usada_desde"]
        )
    olvidar_en_el_panel(afiliado, *claves)
    for modelo in (CondicionesAfiliado, ConfiguracionProgramada):
        tacha.columnas(modelo._default_manager.filter(afiliado=afiliado), "motivo")
    tachar_rastro("afiliado", [afiliado.id_publico], tacha)
    tachar_rastro("clave", [clave.id_clave for clave in claves], tacha)
    _olvidar_respuestas(afiliado)


def _rastro(afiliado_id: str) -> Iterable[Rastro]:
    """For the file of events; the rest was done with the affiliate itself."""
    claves = ClaveAPI.objects.filter(afiliado__id_publico=afiliado_id)
    yield Rastro(entidad="clave", filas=claves, id="id_clave")


def _olvidar_respuestas(afiliado: Afiliado) -> None:
    """Answers to requests of these days, which are given again to whoever repeats them."""
    dadas = PeticionIdempotente.objects.filter(ambito__contains="Afiliado")
    for dada in dadas.exclude(respuesta={}).iterator():
        respuesta = dada.respuesta
        if isinstance(respuesta, dict) and respuesta.get("afiliado_id") == afiliado.id_publico:
            dada.respuesta = {"afiliado_id": afiliado.id_publico}
            dada.save(update_fields=["respuesta"])


registrar(Parte(entidad="afiliado", secciones=_secciones, borrar=_borrar, rastro=_rastro))
