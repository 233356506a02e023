"""The API's document says what the server does: requests that nobody thought of, made from it.

Schemathesis makes them: of each operation every edge that its schemas have, and then inventions,
good and bad, for a key that may do everything, for an affiliate's and for none. Every check of it
runs. Nothing stays of a request, so that one that fails fails again alone.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from iso4217 import Currency
from schemathesis import CheckContext
from schemathesis.specs.openapi.checks import positive_data_acceptance

from afiliados.claves.models import ALCANCES_DE_AFILIADO
from alpespartner.comun import dinero
from outbox.webhooks.services import crear_postback
from tests import fabricas

# `make test-contrato` gives more of each operation, and another seed other requests.
CASOS = int(os.environ.get("ALPES_CONTRATO", 0))
SEMILLA = int(os.environ.get("ALPES_SEMILLA", 1))
DOCUMENTO = Path(__file__).parents[2] / "docs" / "openapi.json"

pytestmark = [
    pytest.mark.lento,
    pytest.mark.django_db,
    *([pytest.mark.timeout(0)] if CASOS else []),
]

# What a schema cannot say, so that a request it calls good is rightly a 400, by field and code.
NO_CABE_EN_UN_ESQUEMA = {
    ("*", "demasiado_preciso"): "how many decimals there are depends on the currency",
    ("*", "max_length"): "the length is that of a text in its one form, which may be longer",
    ("*", "blank"): "nor is a text of nothing but invisible characters one to read",
    ("valor_conversion", "no_positivo"): "nothing, of some types only: a rule between fields",
    ("comision_fija", "dato_invalido"): "a percentage or a fixed amount: a rule between fields",
    ("tipo_comision", "invalid"): "each type has its term: a rule between fields",
    ("porcentaje", "invalid"): "each type has its term: a rule between fields",
    ("monto_fijo", "invalid"): "each type has its term: a rule between fields",
    ("de", "dato_invalido"): "parts are of what there is, and add up: rules between fields",
    ("parte", "dato_invalido"): "how many parts there are depends on the document",
    ("email", "invalid"): "the format takes addresses that no mail server does",
    ("metadatos", "texto_invalido"): "nothing in free JSON may hold NUL, at any depth",
    ("productos", "texto_invalido"): "nothing in free JSON may hold NUL, at any depth",
    ("metadatos", "demasiado_grande"): "16 KiB as it is written",
    ("productos", "demasiado_grande"): "16 KiB as it is written",
    ("codigo", "dato_invalido"): "a code is checked in its one form, which is not what was typed",
    ("destino", "destino_no_admitido"): "where links may lead depends on the campaign",
    ("destino", "sin_destino"): "whether there is a page depends on the campaign",
    ("cursor", "dato_invalido"): "a cursor is sealed: only those of an answer are ours",
    ("desde", "dato_invalido"): "a cursor is sealed: only those of an answer are ours",
    ("tipo", "tipo_no_ofrecido"): "which types there are depends on whose the key is",
    ("ocurrida_en", "fecha_futura"): "now is not in a schema",
    ("ocurrido_en", "fecha_futura"): "now is not in a schema",
    ("motivo", "falta_motivo"): "what an affiliate earns takes one: a rule between fields",
    ("alcances", "dato_invalido"): "what a key may give depends on what it has",
    ("direcciones", "dato_invalido"): "which texts are networks is in no pattern",
    ("aprueba_por_venta", "dato_invalido"): "the names of its fields are the currencies",
    ("aprueba_por_dia", "dato_invalido"): "the names of its fields are the currencies",
    ("url", "url_invalida"): "which machines are public is in no pattern",
    ("afiliado_id", "dato_invalido"): "whether somebody is to be named depends on whose the key is",
    ("tipos", "tipo_no_ofrecido"): "which types there are depends on whose the key is",
    ("*", "documento_invalido"): "each kind of document has its digits: a rule between fields",
    ("hasta", "dato_invalido"): "now is not in a schema",
    ("hasta", "fechas_al_reves"): "it is not before the other: a rule between fields",
    ("hasta", "demasiados_dias"): "how many days there are between two dates",
    ("hasta", "intervalo_invalido"): "it is after the other: a rule between fields",
}


@cache
def _manejador() -> Any:
    return get_wsgi_application()


def aplicacion(entorno: Any, responder: Any) -> Any:
    """The site, built inside a test: it reads the settings once, and needs the tests' ones."""
    # The client reads bytes as they come: it says that it takes gzip, and does not open it.
    entorno.pop("HTTP_ACCEPT_ENCODING", None)
    return _manejador()(entorno, responder)


def _esquema(casos: int, *, bordes: bool, con_clave: bool = True) -> Any:
    """The document, and how many requests are made from it; ``bordes`` adds each edge."""
    ajustes = {
        "seed": SEMILLA,
        "generation": {
            "database": "none",
            "max-examples": CASOS or casos,
            # The tests' own key is sent instead of invented ones.
            "with-security-parameters": not con_clave,
        },
        "phases": {
            "coverage": {
                "enabled": bordes or bool(CASOS),
                "generate-duplicate-query-parameters": True,
                "unexpected-methods": ["get", "post", "put", "patch", "delete", "options", "trace"],
            }
        },
    }
    esquema = schemathesis.openapi.from_dict(
        json.loads(DOCUMENTO.read_text()), config=schemathesis.Config.from_dict(ajustes)
    )
    esquema.app = aplicacion
    return esquema


def _es_moneda(codigo: str) -> bool:
    try:
        dinero.exponente(codigo)
    except dinero.DineroInvalido:
        return False
    return True


schemathesis.openapi.format(
    "iso-4217", st.sampled_from([m.code for m in Currency if _es_moneda(m.code)])
)
schemathesis.openapi.format("cursor", st.text("abcXYZ019-_:", max_size=60))


def acepta_lo_bueno(ctx: CheckContext, response: Any, case: Any) -> bool | None:
    """What the document calls good is done, or refused for what no schema says.

    A 422, a 412 and a 428 are such refusals by themselves: the request is good, and names what does
    not exist, or what is another by now, or does not say which version it saw.
    """
    if response.status_code in (412, 422, 428):
        return None
    if response.status_code == 400:
        dichos = {(e["campo"], e["codigo"]) for e in response.json().get("errores", ())}
        if dichos and all(
            {(campo.rpartition(".")[2], codigo), ("*", codigo)} & NO_CABE_EN_UN_ESQUEMA.keys()
            for campo, codigo in dichos
        ):
            return None
    return positive_data_acceptance(ctx, response, case)


@pytest.fixture(autouse=True)
def _una_conexion() -> Iterator[None]:
    """As Django's own client does: a request's end must not close the test's transaction."""
    for senal in (request_started, request_finished):
        senal.disconnect(close_old_connections)
    yield
    for senal in (request_started, request_finished):
        senal.connect(close_old_connections)


@pytest.fixture(scope="module")
def mundo(una_vez: Any) -> dict[str, str]:
    """Objects that requests may name, and the keys."""
    ids: dict[str, str] = una_vez(_de_todo)
    return ids


def _de_todo() -> dict[str, str]:
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    fabricas.regla(porcentaje="5")
    liquidacion = fabricas.liquidacion(en=campana)
    afiliado = liquidacion.afiliado
    comision = fabricas.comision(de=afiliado, en=campana)
    venta = fabricas.conversion(de=afiliado, en=campana)
    return {
        "afiliado_id": afiliado.id_publico, "affiliateId": afiliado.id_publico,
        "campana_id": campana.id_publico, "campaignId": campana.id_publico,
        "comision_id": comision.id_publico, "commissionId": comision.id_publico,
        "conversion_id": venta.id_publico, "pago_id": liquidacion.pago.id_publico,
        "liquidacion_id": liquidacion.id_publico,
        "enlace_id": fabricas.enlace(de=afiliado, en=campana).id_publico,
        "inscripcion_id": fabricas.inscripcion(de=afiliado).id_publico,
        "postback_id": crear_postback(
            url="https://ejemplo.com/?a={payout}", estados=["*"], afiliado=afiliado.id_publico,
            actor=fabricas.PRUEBAS,
        ).id_publico,
        "cupon_id": fabricas.cupon("DIEZ", de=afiliado).id_publico,
        "todo": fabricas.clave(), "suya": fabricas.clave(sorted(ALCANCES_DE_AFILIADO), de=afiliado),
    }  # fmt: skip


def _acercar(
    caso: Any, mundo: dict[str, str], solo: tuple[str, ...] = ("path_parameters", "body")
) -> None:
    """Half of the good requests name what exists: otherwise everything ends in a 404."""
    mala = caso.meta is not None and caso.meta.generation.mode.is_negative
    if mala or zlib.crc32(repr((caso.path_parameters, caso.body)).encode("utf-8", "replace")) % 2:
        return
    for partes in (getattr(caso, parte) for parte in solo):
        if isinstance(partes, dict):
            for nombre in partes.keys() & mundo.keys():
                partes[nombre] = mundo[nombre]


def comprobar(caso: Any, mundo: dict[str, str], clave: str | None = None) -> None:
    """Send a request and hold its answer to the document; nothing stays of it."""
    _acercar(caso, mundo)
    with transaction.atomic():
        try:
            caso.call_and_validate(
                headers={"Authorization": f"Bearer {mundo[clave]}"} if clave else None,
                additional_checks=[acepta_lo_bueno],
                excluded_checks=[positive_data_acceptance],
            )
        finally:
            transaction.set_rollback(True)


COMO = settings(deadline=None, suppress_health_check=list(HealthCheck))


@_esquema(6, bordes=True).parametrize()
@COMO
def test_con_una_clave_que_puede_todo(case: Any, mundo: dict[str, str]) -> None:
    comprobar(case, mundo, "todo")


@_esquema(5, bordes=False).parametrize()
@COMO
def test_con_la_clave_de_un_afiliado(case: Any, mundo: dict[str, str]) -> None:
    comprobar(case, mundo, "suya")


@_esquema(3, bordes=False, con_clave=False).parametrize()
@COMO
def test_sin_clave(case: Any, mundo: dict[str, str]) -> None:
    """Or with an invented one."""
    comprobar(case, mundo)


def test_lo_que_da_una_respuesta_vale_en_la_siguiente(mundo: dict[str, str]) -> None:
    """Along the ids that answers give: what was just made is there."""
    esquema = _esquema(CASOS or 12, bordes=False)

    class Camino(esquema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self._punto = transaction.atomic()
            self._punto.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self._punto.__exit__(None, None, None)

        def before_call(self, case: Any) -> None:
            _acercar(case, mundo, solo=("body",))

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {mundo['todo']}"}}

        def validate_response(self, response: Any, case: Any, *_: Any, **mas: Any) -> None:
            case.validate_response(
                response,
                additional_checks=[acepta_lo_bueno],
                excluded_checks=[positive_data_acceptance],
                headers=mas["headers"],
                transport_kwargs=mas,
                recorder=self.recorder,
            )

    seed(SEMILLA)(Camino)
    Camino.run(settings=settings(COMO, max_examples=CASOS or 12, stateful_step_count=6))
