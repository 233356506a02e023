"""How the admin writes money, states, ages and authors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Choices, Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from iso4217 import Currency

from alpespartner.comun.dinero import CONTEXTO, DineroInvalido, sin_signo
from alpespartner.comun.formato import VACIO, con_moneda, hace, numero
from alpespartner.comun.formato import entero as numero_entero
from alpespartner.comun.historial import historial_de
from alpespartner.comun.identificadores import FINAL
from alpespartner.comun.listas.claves import contar
from alpespartner.comun.listas.contadores import Celda, atrasadas_desde, celdas, cuantas
from alpespartner.comun.models import Historial
from alpespartner.comun.propuestas.tipos import TIPOS
from alpespartner.comun.textos import entero
from alpespartner.comun.vocabulario import (
    Tono,
    nombre_de_accion,
    nombre_de_campo,
    nombre_de_parte,
    tono_de,
)


def importe(monto: Decimal | None, moneda: str) -> SafeString | str:
    """Amount and currency that never break over two lines, nor the page of a row whose currency
    is none."""
    if monto is None:
        return VACIO
    try:
        texto = numero(monto, moneda)
    except DineroInvalido:
        texto = f"{sin_signo(monto.normalize(CONTEXTO)):f}"
    return format_html(
        '<span class="ap-importe">{} <span class="ap-tenue">{}</span></span>', texto, moneda
    )


def cuanto_y_quien(monto: Decimal, moneda: str, quien: object) -> str:
    """What a page about some money of somebody is called."""
    return _("%(cuanto)s para %(quien)s") % {"cuanto": con_moneda(monto, moneda), "quien": quien}


def marca(tono: Tono, etiqueta: object) -> SafeString:
    """Coloured badge."""
    return format_html('<span class="ap-insignia ap-{}">{}</span>', tono, etiqueta)


def insignia(estado: str, etiqueta: object) -> SafeString:
    """Badge of a state, in the tone that its app gave it."""
    return marca(tono_de(estado), etiqueta)


def etiqueta(opciones: type[Choices], valor: str) -> str:
    """What a state or a kind is called; itself when it is none."""
    return str(dict(opciones.choices).get(valor, valor))


def dos_lineas(primera: object, segunda: object) -> SafeString:
    """A cell with a second, fainter line."""
    return format_html(
        '<span class="ap-celda">{}</span><span class="ap-celda ap-tenue">{}</span>',
        primera,
        segunda,
    )


def corto(id_publico: str) -> str:
    """``com_01J…`` as its kind and its last characters."""
    prefijo, _sep, cuerpo = id_publico.partition("_")
    return f"{prefijo}_…{cuerpo[-FINAL:]}"


def id_corto(id_publico: str) -> SafeString:
    """A short id, with the whole one in the tip."""
    return format_html('<span class="ap-id" title="{}">{}</span>', id_publico, corto(id_publico))


def enlace(objeto: Model | None, texto: object = None) -> SafeString | str:
    """Link to the admin page of a row."""
    if objeto is None:
        return VACIO
    opciones = objeto._meta
    url = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[objeto.pk])
    return format_html(
        '<a class="ap-enlace" href="{}">{}</a>', url, objeto if texto is None else texto
    )


def opciones_de_moneda() -> list[tuple[str, str]]:
    """ISO 4217 currencies that can hold an amount, for a select."""
    monedas = [
        (m.code, f"{m.code} · {m.currency_name}") for m in Currency if m.exponent is not None
    ]
    return [("", VACIO), *sorted(monedas)]


class Cuenta(NamedTuple):
    """How many rows there are, or whether there are more; with the counters that say so."""

    n: int
    hay_mas: bool = False
    celdas: Sequence[Celda] = ()

    def __str__(self) -> str:
        return f"{numero_entero(self.n)}{'+' if self.hay_mas else ''}"


def contar_hasta(
    consulta: QuerySet[Any], tope: int = 999, *, sabidas: Sequence[Celda] | None = None
) -> Cuenta:
    """Rows of a query: all of them where counters know that they are many (``sabidas``, if the
    caller has read them), else counted by index up to ``tope``."""
    suyas = celdas(consulta) if sabidas is None else sabidas
    n = cuantas(suyas)
    if n > tope:
        return Cuenta(n, celdas=suyas)
    n, entera = contar(consulta, tope)
    return Cuenta(n, hay_mas=not entera)


def aviso_de_atraso() -> str:
    """What whoever reads the counters has to know; nothing while they are up to date."""
    desde = atrasadas_desde()
    if desde is None:
        return ""
    return _("Los números grandes son de %(cuando)s: los contadores van atrasados.") % {
        "cuando": hace(desde)
    }


def nombres_de_actores(actores: Iterable[str]) -> dict[str, str]:
    """Name to show for each stored author, with one query for all the people."""
    textos = set(actores)
    personas = {
        pk
        for texto in textos
        if texto.startswith("persona:") and (pk := entero(texto.partition(":")[2])) is not None
    }
    usuarios = {
        usuario.pk: usuario.get_full_name() or usuario.get_username()
        for usuario in (get_user_model().objects.filter(pk__in=personas) if personas else ())
    }
    return {texto: _nombre(texto, usuarios) for texto in textos}


def _nombre(texto: str, usuarios: Mapping[int, str]) -> str:
    tipo, _sep, clave = texto.partition(":")
    if tipo == "persona":
        pk = entero(clave)
        return texto if pk is None else usuarios.get(pk, _("Persona %(n)s") % {"n": pk})
    if tipo == "clave":
        return _("Clave ap_%(clave)s_…") % {"clave": clave}
    if tipo == "sistema":
        return _("Sistema (%(parte)s)") % {"parte": nombre_de_parte(clave)}
    return texto or VACIO


@dataclass(frozen=True, slots=True)
class PasoVisible:
    """A step of the history, ready for the page."""

    fecha: datetime
    accion: str
    estado: SafeString | str
    autor: str
    motivo: str
    campos: list[str]


def linea_de_tiempo(
    entidad: str,
    entidad_id: str,
    estados: Mapping[str, object],
    motivos: Mapping[str, object] | None = None,
    *,
    tope: int = 200,
) -> list[PasoVisible]:
    """The last ``tope`` steps of the history of an aggregate, newest first. ``motivos`` translates
    coded reasons, also that of ``motivo_codigo``, to which what was written is a note."""
    pasos = list(historial_de(entidad, entidad_id).reverse()[:tope])
    nombres = nombres_de_actores(paso.actor for paso in pasos)
    return [
        PasoVisible(
            fecha=paso.creado_en,
            accion=_accion(entidad, paso),
            estado=insignia(paso.estado_nuevo, estados.get(paso.estado_nuevo, paso.estado_nuevo))
            if paso.estado_nuevo
            else "",
            autor=nombres[paso.actor],
            motivo=_motivo(paso, motivos or {}),
            campos=[nombre_de_campo(entidad, str(c)) for c in _lista(paso.datos.get("campos"))],
        )
        for paso in pasos
    ]


def _lista(valor: Any) -> list[Any]:
    return valor if isinstance(valor, list) else []


def _motivo(paso: Historial, motivos: Mapping[str, object]) -> str:
    escrito = str(motivos.get(paso.motivo, paso.motivo))
    codigo = paso.datos.get("motivo_codigo")
    return ": ".join(filter(None, (str(motivos.get(codigo, codigo)) if codigo else "", escrito)))


def _accion(entidad: str, paso: Historial) -> str:
    """What a step did; one of a proposal of the object also says of what."""
    nombre = nombre_de_accion(entidad, paso.accion)
    tipo = TIPOS.get(paso.datos.get("que", ""))
    return nombre if tipo is None else f"{nombre}: {tipo.titulo}"
