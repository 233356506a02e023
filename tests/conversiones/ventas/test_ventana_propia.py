"""An affiliate's own window: for how long its clicks count, instead of the campaign's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.errores import DatoInvalido
from conversiones.rastreo.memoria import ver
from conversiones.rastreo.recogida import limite_de_purga
from tests import fabricas
from tests.fabricas import ANA, problema

pytestmark = pytest.mark.django_db


def _con_ventana(dias: int | None, **datos: Any) -> Afiliado:
    return actualizar_afiliado(
        afiliado=fabricas.afiliado(**datos), cambios={"ventana_atribucion_dias": dias}, actor=ANA
    )


def test_va_delante_de_la_de_la_campana() -> None:
    """Shorter or longer, of a click that is named and of those of its browser."""
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    corta, larga = _con_ventana(7), _con_ventana(60)
    ninguna = _con_ventana(0)
    ahora = timezone.now()

    def clic(de: Afiliado, dias: int, **datos: Any) -> str:
        enlace = fabricas.enlace(de=de, en=campana)
        return fabricas.clic(enlace, momento=ahora - timedelta(days=dias), **datos).id_publico

    def vendida(clic_id: str) -> tuple[Any, list[tuple[str, str]]]:
        cuerpo = {"valor_conversion": "10", "clic_id": clic_id, "ocurrida_en": ahora.isoformat()}
        dicha = api.enviar("/api/v1/conversiones", cuerpo).json()
        candidatos = dicha["atribucion"]["candidatos"]
        return dicha["afiliado_id"], [(c["afiliado_id"], c["razon"]) for c in candidatos]

    api = fabricas.api()
    assert vendida(clic(corta, 7))[0] == corta.id_publico
    assert vendida(clic(corta, 8)) == (None, [(corta.id_publico, "fuera_de_ventana")])
    assert vendida(clic(larga, 60))[0] == larga.id_publico
    assert vendida(clic(larga, 61))[0] is None
    assert vendida(clic(ninguna, 1))[0] is None
    # Its browser's clicks, each in the window of whose it is.
    primero = clic(larga, 45)
    dado = clic(corta, 8, visitante=primero)
    clic(corta, 20, visitante=primero)
    assert vendida(dado) == (
        larga.id_publico,
        [(corta.id_publico, "fuera_de_ventana"), (larga.id_publico, "elegido")],
    )


def test_la_cookie_y_lo_que_se_guarda(settings: Any) -> None:
    """The cookie lives as long as its click counts, and no click is deleted before."""
    settings.CLICS_DIAS = 90
    campana = fabricas.campana(pagina="https://tienda.example/")
    suyo = fabricas.enlace(de=_con_ventana(120), en=campana)
    heredado = fabricas.enlace(de=_con_ventana(None), en=campana)
    ninguno = fabricas.enlace(de=_con_ventana(0), en=campana)
    assert [ver(uno).ventana_dias for uno in (suyo, heredado, ninguno)] == [120, 30, 0]
    assert round((timezone.now() - limite_de_purga()) / timedelta(days=1), 3) == 121


def test_por_la_api() -> None:
    """Null inherits; there is no window that a cookie does not reach."""
    api = fabricas.api()
    suya = fabricas.afiliado(nombre="Ana", email="ana@example.com")
    ruta = f"/api/v1/afiliados/{suya.id_publico}"

    def cambiar(dias: Any) -> Any:
        actual = api.get(ruta)
        return api.patch(
            ruta, {"ventana_atribucion_dias": dias}, content_type="application/json",
            headers={"If-Match": actual["ETag"]},
        )  # fmt: skip

    assert api.get(ruta).json()["ventana_atribucion_dias"] is None
    for dias in (0, 400, None):
        hecho = cambiar(dias)
        assert hecho.status_code == 200, hecho.content
        assert hecho.json()["ventana_atribucion_dias"] == dias
        assert api.get(ruta).json()["ventana_atribucion_dias"] == dias
    for mal in (-1, 401, "x"):
        problema(cambiar(mal), 400, "datos_invalidos")
    with pytest.raises(DatoInvalido):
        _con_ventana(401)
