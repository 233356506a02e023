"""The page of the mail: what was sent, what could not be, and sending it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.models import Historial
from comisiones.models import Notificacion, Novedad
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.notificaciones.services import purgar
from tests import fabricas

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
LISTA = "admin:comisiones_notificacion_changelist"


def correo(de: Afiliado, **datos: Any) -> Notificacion:
    n = Notificacion.objects.count()
    valores = {"asunto": f"Correo {n}", "cuerpo": "Hola <b>", "html": "<p>", "clase": "pago"}
    return Notificacion.objects.create(evento_id=f"e{n}", afiliado=de, **{**valores, **datos})


def reenviar(cliente: Client, de: Notificacion) -> Any:
    url = reverse("admin:comisiones_notificacion_accion", args=[de.pk, "reenviar"])
    return cliente.post(url, {"motivo": "no le llegó"}, follow=True)


def test_la_lista_dice_que_salio_y_que_no(admin: Client) -> None:
    ada, eva = fabricas.afiliado(nombre="Ada"), fabricas.afiliado(nombre="Eva")
    correo(ada, estado="enviada", enviada_en=timezone.now())
    correo(ada, estado="fallida", detalle="SMTPRecipientsRefused 550", clase="resumen")
    correo(eva, detalle="ConnectionRefusedError", intentos=1)

    def vistos(consulta: str) -> set[str]:
        texto = admin.get(reverse(LISTA) + consulta).content.decode()
        return {n for n in ("Correo 0", "Correo 1", "Correo 2") if n in texto}

    assert vistos("") == {"Correo 0", "Correo 1", "Correo 2"}
    assert vistos("?estado__exact=fallida") == {"Correo 1"}
    assert vistos("?clase__exact=pago") == {"Correo 0", "Correo 2"}
    assert vistos(f"?afiliado__id__exact={eva.pk}") == {"Correo 2"}
    assert vistos(f"?q={ada.id_publico}") == {"Correo 0", "Correo 1"}
    texto = admin.get(reverse(LISTA)).content.decode()
    assert "SMTPRecipientsRefused 550" in texto
    assert "Próximo intento" in texto


def test_el_detalle_es_lo_que_se_envio(admin: Client) -> None:
    suyo = correo(fabricas.afiliado(), estado="enviada", enviada_en=timezone.now())
    texto = admin.get(reverse("admin:comisiones_notificacion_change", args=[suyo.pk]))
    assert "Hola &lt;b&gt;" in texto.content.decode()


def test_desde_el_afiliado_se_llega_a_los_suyos(admin: Client, de_rol: Any) -> None:
    ada = fabricas.afiliado()
    correo(ada)
    ficha = reverse("admin:afiliados_afiliado_change", args=[ada.pk])
    enlace = f"{reverse(LISTA)}?afiliado__id__exact={ada.pk}"
    assert enlace in admin.get(ficha).content.decode()
    assert "Correo 0" in admin.get(enlace).content.decode()
    # Who may not see accounts does not read what was written of one.
    consulta = de_rol("Consulta")
    assert enlace not in consulta.get(ficha).content.decode()
    assert consulta.get(enlace).status_code == 403


def test_enviar_otra_vez_queda_en_el_historial(admin: Client) -> None:
    suyo = correo(fabricas.afiliado(email="ana@example.com"), estado="fallida", intentos=10)
    reenviar(admin, suyo)
    suyo.refresh_from_db()
    assert (suyo.estado, suyo.intentos, suyo.vez) == ("pendiente", 0, 1)
    paso = Historial.objects.get(entidad="correo", entidad_id=str(suyo.pk))
    assert (paso.accion, paso.estado_anterior, paso.motivo) == (
        "reenviar", "fallida", "no le llegó"
    )  # fmt: skip
    # Twice is once: it waits anyway.
    reenviar(admin, suyo)
    assert Historial.objects.filter(entidad="correo").count() == 1
    assert enviar_pendientes() == 1
    reenviar(admin, suyo)
    assert enviar_pendientes() == 1
    nombres = {c.extra_headers["Message-ID"] for c in mail.outbox}
    assert len(nombres) == 2
    ficha = admin.get(reverse("admin:comisiones_notificacion_change", args=[suyo.pk]))
    assert "no le llegó" in ficha.content.decode()


def test_un_resumen_de_quien_no_quiere_no_se_reenvia(admin: Client) -> None:
    suyo = correo(fabricas.afiliado(resumen="nunca"), estado="enviada", clase="resumen")
    ficha = admin.get(reverse("admin:comisiones_notificacion_change", args=[suyo.pk]))
    assert "pidió no recibir resúmenes" in ficha.content.decode()
    reenviar(admin, suyo)
    suyo.refresh_from_db()
    assert suyo.estado == "enviada"


def test_se_olvida_lo_viejo_con_lo_que_contaba_y_nada_mas() -> None:
    ada, ahora = fabricas.afiliado(), timezone.now()
    viejo = {"creada_en": ahora - timedelta(days=200)}
    enviada = correo(ada, estado="enviada", clase="resumen", **viejo)
    correo(ada, estado="fallida", **viejo)
    espera = correo(ada, estado="pendiente", **viejo)
    nueva = correo(ada, estado="enviada")
    for n, de in enumerate((enviada, nueva, None)):
        Novedad.objects.create(
            evento_id=f"n{n}", afiliado=ada, notificacion=de, clase="aprobada", monto=1,
            moneda="USD", ocurrida_en=ahora, toca_en=ahora,
        )  # fmt: skip
    limite = ahora - timedelta(days=180)
    assert (purgar(antes_de=limite, limite=1), purgar(antes_de=limite)) == (1, 1)
    assert purgar(antes_de=limite) == 0
    assert set(Notificacion.objects.all()) == {espera, nueva}
    assert set(Novedad.objects.values_list("evento_id", flat=True)) == {"n1", "n2"}


def test_en_el_panel_se_elige_cuando_y_en_que_idioma(admin: Client) -> None:
    ada = fabricas.afiliado(nombre="Ada", email="ada@example.com")
    ficha = reverse("admin:afiliados_afiliado_change", args=[ada.pk])
    pagina = admin.get(ficha, {"editar": "1"})
    formulario = pagina.context["adminform"].form
    datos = {c: v for c, v in formulario.initial.items() if v is not None}
    admin.post(f"{ficha}?editar=1", {**datos, "idioma": "en", "resumen": "semanal"})
    ada.refresh_from_db()
    assert (ada.idioma, ada.resumen) == ("en", "semanal")
    campos = [
        p.datos["campos"]
        for p in Historial.objects.filter(entidad_id=ada.id_publico, accion="actualizar")
    ]
    assert campos == [["idioma", "resumen"]]
