"""Whose each sale is, from the facts alone: slow, obvious, and without the engine or a database.

A sale without customer depends on nothing but what happened before it. Of a customer it also
matters what was told first: who is credited first keeps it, and a browser is its from when its shop
says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.conversiones.orden.hechos import (
    AFILIADOS,
    CUPONES,
    OTRA_CAMPANA,
    RATO,
    VENTANA,
    VENTANA_PROPIA,
    Clic,
    Dicho,
    Hechos,
    Llegadas,
)

NADIE = (None, "ninguno")
REHUSADA = (None, "rehusada")
Veredicto = tuple[int | None, str]


@dataclass
class Comprador:
    """What is known of a customer."""

    de: int | None = None
    navegadores: set[int] = field(default_factory=set)
    correo: int | None = None


class Sabidos(set[int]):
    """Clicks that the programme knows, by their place: those that were taken in, and any that
    somebody names, each with those by which its browser is known."""

    def __init__(self, hechos: Hechos) -> None:
        super().__init__()
        self.previo: dict[int, int | None] = {}
        cookies: dict[int, int] = {}
        con_id = [n for n, clic in enumerate(hechos.clics) if tiene_id(hechos, clic)]
        for n in sorted(con_id, key=lambda n: hechos.clics[n].en):
            clic = hechos.clics[n]
            self.previo[n] = cookies.get(clic.navegador)
            if not hechos.primero or clic.enlace == OTRA_CAMPANA:
                cookies[clic.navegador] = n
            cookies.setdefault(clic.navegador, n)

    def traer(self, n: int | None) -> None:
        while n is not None and n in self.previo and n not in self:
            self.add(n)
            n = self.previo[n]


def veredictos(
    hechos: Hechos, llegadas: Llegadas
) -> tuple[dict[int, Veredicto], dict[int, Comprador]]:
    """Whose each thing that is told is, by its place, and what becomes of each customer."""
    dicen: dict[int, Veredicto] = {}
    clientes: dict[int, Comprador] = {}
    sabidos = Sabidos(hechos)
    cosas = [(en, "recogida", n) for n, en in enumerate(llegadas.recogidas)]
    # Of one instant what is told comes last.
    cosas += [(en, "se dice", n) for n, en in enumerate(llegadas.dichos)]
    for _en, cosa, n in sorted(cosas):
        if cosa == "recogida":
            sabidos.traer(n)
            continue
        dicho = hechos.dichos[n]
        quien = dicho.cliente
        if quien is None and dicho.correo is not None:
            con_el = [c for c, comprador in clientes.items() if comprador.correo == dicho.correo]
            quien = con_el[0] if len(con_el) == 1 else None
        comprador = Comprador()
        if quien is not None:
            comprador = clientes.setdefault(quien, comprador)
            comprador.correo = comprador.correo if dicho.correo is None else dicho.correo
        sabidos.traer(dicho.clic)
        dicen[n] = veredicto(hechos, dicho, comprador, sabidos)
        clic = clic_dicho(hechos, dicho)
        if clic is not None:
            comprador.navegadores.add(clic.navegador)
        if comprador.de is None:
            comprador.de = dicen[n][0]
    return dicen, clientes


def veredicto(hechos: Hechos, dicho: Dicho, comprador: Comprador, sabidos: set[int]) -> Veredicto:
    """Whose one thing is."""
    clic = clic_dicho(hechos, dicho)
    if (
        dicho.explicito is not None
        and clic is None
        and (dicho.cliente, dicho.correo) == (None,) * 2
    ):
        # Who is named alone is taken or refused.
        if activo(hechos, dicho.explicito, dicho.en):
            return dicho.explicito, "explicito"
        return REHUSADA
    duenos = [dueno_de(hechos, cupon, dicho.en) for cupon in dicho.cupones]
    del_cupon = [d for d in duenos if d is not None and activo(hechos, d, dicho.en)]
    orden: list[Veredicto] = []
    if comprador.de is not None:
        if hechos.reasigna and del_cupon:
            orden.append((del_cupon[0], "cupon"))
        orden.append((comprador.de, "vinculo"))
    if dicho.explicito is not None:
        orden.append((dicho.explicito, "explicito"))
    orden += [(dueno, "cupon") for dueno in del_cupon]
    if clic is not None and cuenta(hechos, clic, dicho.en):
        orden.append((clic.enlace, "clic"))
    navegadores = comprador.navegadores | ({clic.navegador} if clic is not None else set())
    suyos = [hechos.clics[n] for n in sabidos if hechos.clics[n].navegador in navegadores]
    suyos = sorted((c for c in suyos if cuenta(hechos, c, dicho.en)), key=lambda c: c.en)
    if suyos:
        orden.append((suyos[0 if hechos.primero else -1].enlace, "clic"))
    for quien, por in orden:
        if quien is not None and activo(hechos, quien, dicho.en):
            return quien, por
    return NADIE


def activo(hechos: Hechos, afiliado: int, en: int) -> bool:
    """It began active, and each change turns it."""
    return sum(c.afiliado == afiliado and c.en <= en for c in hechos.estados) % 2 == 0


def dueno_de(hechos: Hechos, cupon: int, en: int) -> int | None:
    """Whose a coupon was. Each began as that of the affiliate with its number; one never was."""
    if cupon >= CUPONES:
        return None
    cambios = [c for c in hechos.cupones if c.cupon == cupon and c.en <= en]
    ultimo = max(cambios, key=lambda c: (c.en, hechos.cupones.index(c)), default=None)
    return cupon if ultimo is None else ultimo.de


def tiene_id(hechos: Hechos, clic: Clic) -> bool:
    """Whether the shop was told of a click: of a person who consents, by a link that lived."""
    retirado = any(r.enlace == clic.enlace and r.en <= clic.en for r in hechos.enlaces)
    return not retirado and not clic.robot and clic.cons != "0"


def clic_dicho(hechos: Hechos, dicho: Dicho) -> Clic | None:
    """The click that is named, if the shop knows it."""
    if dicho.clic is None or not tiene_id(hechos, hechos.clics[dicho.clic]):
        return None
    return hechos.clics[dicho.clic]


def cuenta(hechos: Hechos, clic: Clic, en: int) -> bool:
    """Whether a click may bring what occurred at an instant."""
    if clic.enlace == OTRA_CAMPANA:
        return False
    ventana = VENTANA_PROPIA if clic.enlace == AFILIADOS - 1 else VENTANA
    if not activo(hechos, clic.enlace, en):
        return False
    return 0 <= en - clic.en <= ventana * RATO
