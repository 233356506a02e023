"""Documents in their form, and what no two affiliates may have."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from afiliados.afiliado.documentos import documento_valido, dv_de, legible
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from afiliados.errores import AfiliadoDuplicado, DocumentoInvalido
from afiliados.invariantes import COMPROBACIONES
from tests import fabricas
from tests.fabricas import ANA, a_la_vez

MIGRACION = import_module("afiliados.migrations.0010_documentos_y_correo_unico")


@pytest.mark.parametrize(
    ("nit", "dv"),
    [("800197268", "4"), ("899999068", "1"), ("860002964", "4"), ("890903938", "8")],
)
def test_nit(nit: str, dv: str) -> None:
    """Kept without its digit, however it comes; another digit is refused."""
    assert dv_de(nit) == dv
    for dicho in (nit, f"{nit}-{dv}", f"{nit}{dv}", f"{nit[:3]}.{nit[3:6]}.{nit[6:]} - {dv}"):
        assert documento_valido("nit", "", dicho) == ("NIT", "CO", nit), dicho
    assert legible("NIT", "CO", nit) == f"NIT {nit}-{dv}"
    otro = (int(dv) + 1) % 10
    for dicho in (f"{nit}-{otro}", f"{nit}{otro}", f"{nit}-", f"{nit}-{dv}{dv}"):
        with pytest.raises(DocumentoInvalido) as error:
            documento_valido("NIT", "CO", dicho)
        assert error.value.campo == "documento_numero"


@pytest.mark.parametrize(
    ("dicho", "bueno"),
    [
        (("CC", "", "79.123.456"), ("CC", "CO", "79123456")),
        (("CC", "co", "123"), ("CC", "CO", "123")),
        # Ten digits of a person are not a company's nine with its own.
        (("NIT", "", "1020304050"), ("NIT", "CO", "1020304050")),
        (("pasaporte", "es", "aaa-123456"), ("PASAPORTE", "ES", "AAA123456")),
        (("IVA_UE", "", "ES B-58378431"), ("IVA_UE", "ES", "B58378431")),
        (("IVA_UE", "es", "B58378431"), ("IVA_UE", "ES", "B58378431")),
        (("IVA_UE", "GR", "094259216"), ("IVA_UE", "GR", "094259216")),
        (("IVA_UE", "", "EL094259216"), ("IVA_UE", "GR", "094259216")),
        (("CC", "", " "), ("", "", "")),
    ],
)
def test_formas(dicho: Any, bueno: Any) -> None:
    """Each kind in its own; in that form it stays."""
    assert documento_valido(*dicho) == bueno
    assert documento_valido(*bueno) == bueno


@pytest.mark.parametrize(
    ("dicho", "campo"),
    [
        (("CC", "", "12"), "documento_numero"),
        (("CC", "", "12345678901"), "documento_numero"),
        (("CC", "", "12a"), "documento_numero"),
        (("CC", "ES", "12345"), "documento_pais"),
        (("NIT", "", "123456"), "documento_numero"),
        (("NIT", "", "1" * 16), "documento_numero"),
        (("PASAPORTE", "", "AAA123"), "documento_pais"),
        (("PASAPORTE", "ZZ", "AAA123"), "documento_pais"),
        (("PASAPORTE", "ES", "AB1"), "documento_numero"),
        (("PASAPORTE", "ES", "A" * 21), "documento_numero"),
        (("PASAPORTE", "ES", "ÑANDU1"), "documento_numero"),
        (("IVA_UE", "", "B58378431"), "documento_pais"),
        (("IVA_UE", "US", "123456789"), "documento_pais"),
        (("IVA_UE", "ES", "B58378432"), "documento_numero"),
        (("NIF", "", "1Z"), "documento_tipo"),
        (("", "", "123456"), "documento_tipo"),
    ],
)
def test_lo_que_no_vale(dicho: Any, campo: str) -> None:
    """The field at fault is named."""
    with pytest.raises(DocumentoInvalido) as error:
        documento_valido(*dicho)
    assert error.value.campo == campo


@pytest.mark.django_db
def test_unicos() -> None:
    """By kind, country and number, in their form; the e-mail without accidents of case."""
    fabricas.afiliado(
        email="Ada@Example.com", documento_tipo="PASAPORTE", documento_pais="ES",
        documento_numero="AA12345", referencia_externa="r",
    )  # fmt: skip
    fabricas.afiliado(
        email="x@example.com", documento_tipo="PASAPORTE", documento_pais="FR",
        documento_numero="AA12345",
    )  # fmt: skip
    antes = fabricas.foto()
    for datos, campo in (
        ({"email": "aDA@example.COM"}, "email"),
        ({"documento_tipo": "PASAPORTE", "documento_pais": "es", "documento_numero": "aa 12345"},
         "documento_numero"),
        ({"referencia_externa": "r"}, "referencia_externa"),
    ):  # fmt: skip
        with pytest.raises(AfiliadoDuplicado) as error:
            fabricas.afiliado(**{"email": "documento@referencia.example", **datos})
        assert error.value.campo == campo
        assert fabricas.foto() == antes


@pytest.mark.django_db
def test_lo_de_antes_se_queda_hasta_que_se_toca() -> None:
    """A document that could not be checked does not stop other changes; touched, it is checked."""
    suyo = fabricas.afiliado()
    Afiliado.objects.filter(pk=suyo.pk).update(documento_tipo="NIF", documento_numero="1Z")
    sin_tocar = {"nombre": "Eva", "documento_tipo": "NIF"}
    actualizar_afiliado(afiliado=suyo, cambios=sin_tocar, actor=ANA)
    with pytest.raises(DocumentoInvalido):
        actualizar_afiliado(afiliado=suyo, cambios={"documento_numero": "2Z"}, actor=ANA)
    cambios = {"documento_tipo": "CC", "documento_numero": "1.234"}
    nuevo = actualizar_afiliado(afiliado=suyo, cambios=cambios, actor=ANA)
    assert (nuevo.documento_tipo, nuevo.documento_pais, nuevo.documento_numero) == (
        "CC", "CO", "1234",
    )  # fmt: skip
    sin = actualizar_afiliado(afiliado=suyo, cambios={"documento_numero": ""}, actor=ANA)
    assert (sin.documento_tipo, sin.documento_pais, sin.documento_numero) == ("", "", None)


@pytest.mark.django_db
def test_la_migracion_marca_y_no_cambia_a_nadie() -> None:
    """The first of an e-mail keeps it; the others are named until one of them changes it."""
    uno, dos, tres = (fabricas.afiliado(email=f"{n}@example.com") for n in "abc")
    Afiliado.objects.update(correo_unico=None)
    Afiliado.objects.filter(pk=uno.pk).update(email="Ada@example.com")
    Afiliado.objects.filter(pk=dos.pk).update(email="ada@example.com")
    # A NIT with its digit, and one that another has already without it.
    for suyo, numero in ((uno, "800.197.268-4"), (dos, "800197268"), (tres, "1")):
        Afiliado.objects.filter(pk=suyo.pk).update(documento_tipo="NIT", documento_numero=numero)
    for _vez in range(2):
        MIGRACION.marcar_correos(apps, None)
        MIGRACION.completar_documentos(apps, None)
    assert list(Afiliado.objects.order_by("pk").values_list("email", "correo_unico")) == [
        ("Ada@example.com", "ada@example.com"), ("ada@example.com", None),
        ("c@example.com", "c@example.com"),
    ]  # fmt: skip
    assert list(Afiliado.objects.order_by("pk").values_list("documento_numero", flat=True)) == [
        "800197268", "800197268", "1",
    ]  # fmt: skip
    dichos = {c.nombre: list(c.filas()) for c in COMPROBACIONES}
    assert dichos["Ningún correo es de dos afiliados"] == [
        f"{dos.id_publico}: su correo lo tiene también {uno.id_publico}"
    ]
    assert len(dichos["Los documentos de los afiliados se pueden comprobar"]) == 2
    assert dichos["El correo de cada afiliado se compara como es"] == []
    actualizar_afiliado(afiliado=dos, cambios={"email": "dos@example.com"}, actor=ANA)
    dos.refresh_from_db()
    assert dos.correo_unico == "dos@example.com"


@pytest.mark.django_db(transaction=True)
def test_el_mismo_correo_a_la_vez() -> None:
    """One registers; the others are told which field."""
    correos = ["ada@example.com", "ADA@example.com", "Ada@Example.com"]
    hechos = a_la_vez([lambda c=c: fabricas.afiliado(email=c) for c in correos])
    assert sum(isinstance(h, Afiliado) for h in hechos) == 1
    assert [h.campo for h in hechos if isinstance(h, AfiliadoDuplicado)] == ["email"] * 2
