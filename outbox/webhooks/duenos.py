"""Whose an event is, and whether a holder may still get any: apps above say it, as functions.

An affiliate gets the types that an app offered here and no others: some carry words that the staff
writes for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from django.db.models import Model

from outbox.consumo import Sobre
from outbox.models import ClaseWebhook, Webhook
from outbox.registro import TIPOS

# The affiliate (public id) of each of some objects, by theirs.
DeQuien = Callable[[Collection[str]], Mapping[str, str]]
TODOS = "*"
# Only measures the path of the others.
_INTERNOS = frozenset({"CanarioEmitido"})
_DE_AFILIADO: dict[str, DeQuien] = {}
_PUEDEN: list[Callable[[str, str], bool]] = []
_SIGUEN: list[Callable[[str], bool]] = []


def ofrecer(tipos: Collection[str], de_quien: DeQuien) -> None:
    """Let affiliates get events of some types, each of its own objects."""
    for tipo in tipos:
        if tipo not in TIPOS:
            raise ValueError(f"evento sin declarar: {tipo}")
        _DE_AFILIADO[tipo] = de_quien


def por_su_afiliado(modelo: type[Model]) -> DeQuien:
    """Of the rows of a model that have a public id and an affiliate."""

    def de_quien(ids: Collection[str]) -> dict[str, str]:
        suyos = modelo._default_manager.filter(id_publico__in=ids)
        return dict(suyos.values_list("id_publico", "afiliado__id_publico"))

    return de_quien


def exigir_que_pueda(pregunta: Callable[[str, str], bool]) -> None:
    """Ask, before anything is sent, whether a holder (its name, and the public id of its affiliate
    or "") has a key that works."""
    _PUEDEN.append(pregunta)


def exigir_que_siga(pregunta: Callable[[str], bool]) -> None:
    """Ask, before a postback is sent, whether its affiliate (by its public id) is in the
    programme: it needs no key, for the staff makes them too."""
    _SIGUEN.append(pregunta)


def puede_recibir(webhook: Webhook) -> bool:
    """Whether its holder could still ask for what is sent to it."""
    if webhook.clase == ClaseWebhook.POSTBACK:
        return all(pregunta(webhook.afiliado) for pregunta in _SIGUEN)
    return all(pregunta(webhook.titular, webhook.afiliado) for pregunta in _PUEDEN)


def tipos_ofrecidos(afiliado: str) -> list[str]:
    """Types that a holder may subscribe to, in order."""
    return sorted(_DE_AFILIADO if afiliado else TIPOS.keys() - _INTERNOS)


def quiere(tipos: Sequence[str], tipo: str) -> bool:
    """Whether a subscription to some types is for one; nobody's is for those of the path."""
    return tipo not in _INTERNOS and (TODOS in tipos or tipo in tipos)


def _nombrado(sobre: Sobre) -> str:
    """The affiliate that an event names, "" when it names none or is none of ours."""
    try:
        return str(sobre.datos.get("afiliado_id") or "")
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return ""


def afiliados_de(sobres: Sequence[Sobre]) -> dict[str, str]:
    """The affiliate of each event (by its id) that an affiliate may get."""
    por_funcion: dict[DeQuien, list[Sobre]] = {}
    for sobre in sobres:
        if sobre.tipo in _DE_AFILIADO:
            por_funcion.setdefault(_DE_AFILIADO[sobre.tipo], []).append(sobre)
    de_cada_uno: dict[str, str] = {}
    for de_quien, suyos in por_funcion.items():
        conocidos = de_quien({s.sujeto for s in suyos})
        # What names an affiliate is that one's, though its object may be of another by now.
        de_cada_uno |= {
            s.id: _nombrado(s) or conocidos[s.sujeto] for s in suyos if s.sujeto in conocidos
        }
    return de_cada_uno
