"""Mail: to the address the affiliate has now, and never lost."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend as LocMem
from django.utils import timezone

from alpespartner.celery import app
from comisiones.models import Notificacion, Novedad, Pago
from comisiones.notificaciones import envio
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_lo_que_no_espera_se_cuenta_por_correo() -> None:
    """Money and accounts at once; an approval waits for the digest."""
    afiliado = fabricas.afiliado(email="ana@example.com")
    fabricas.aprobada(de=afiliado)
    fabricas.entregar_todo()
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=fabricas.PRUEBAS)
    fabricas.entregar_todo()
    assert enviar_pendientes(segundos=60) == 2
    assert enviar_pendientes(segundos=60) == 0
    assert [c.subject for c in mail.outbox] == ["Tu cuenta está activa", "Pago enviado"]
    assert {tuple(c.to) for c in mail.outbox} == {("ana@example.com",)}
    assert "10.00 USD" in mail.outbox[1].body
    assert "10.00 USD" in mail.outbox[1].alternatives[0][0]
    assert "List-Unsubscribe" not in mail.outbox[1].extra_headers


def test_una_aprobacion_en_masa_no_envia_ninguno() -> None:
    afiliado = fabricas.afiliado()
    fabricas.entregar_todo()
    for _n in range(5):
        fabricas.aprobada(de=afiliado)
    fabricas.entregar_todo()
    assert Notificacion.objects.count() == 1
    assert Novedad.objects.count() == 5


def test_un_pago_que_no_se_hizo_se_dice_al_momento() -> None:
    """Without what the gateway said, which may name an account."""
    pago = fabricas.pago(de=fabricas.afiliado(email="ana@example.com"))
    fabricas.reclamado(pago)
    resolver_pago(
        pago_pk=pago.pk, respuesta=Respuesta("fallido", detalle="cuenta ES91 cerrada"),
        actor=fabricas.PRUEBAS,
    )  # fmt: skip
    fabricas.entregar_todo()
    correo = Notificacion.objects.get(clase="pago_fallido")
    assert pago.id_publico in correo.cuerpo
    assert "ES91" not in correo.cuerpo + correo.html


def test_en_su_idioma_y_escapado() -> None:
    afiliado = fabricas.afiliado(idioma="en")
    fabricas.cuenta(afiliado)
    fabricas.entregar_todo()
    assert set(Notificacion.objects.values_list("asunto", flat=True)) == {
        "Your account is active", "Your bank account changed",
    }  # fmt: skip
    correo = Notificacion.objects.get(clase="cuenta")
    assert "(UTC)" in correo.cuerpo
    assert 'lang="en"' in correo.html


def _cuando_falle(parche: pytest.MonkeyPatch, exc: BaseException, de: str = "") -> None:
    """Sending raises, to everybody or to one address."""
    original = EmailMultiAlternatives.send

    def enviar(suyo: Any, *args: Any, **kwargs: Any) -> Any:
        if de in ("", *suyo.to):
            raise exc
        return original(suyo, *args, **kwargs)

    parche.setattr(EmailMultiAlternatives, "send", enviar)


def test_un_fallo_del_servidor_se_reintenta_cada_vez_mas_tarde(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fabricas.afiliado(email="ana@example.com")
    fabricas.entregar_todo()
    esperas = []
    ahora = timezone.now()
    with monkeypatch.context() as parche:
        _cuando_falle(parche, SMTPServerDisconnected("smtp para ana@example.com"))
        for _vez in range(envio.INTENTOS):
            with time_machine.travel(ahora, tick=False):
                assert enviar_pendientes(segundos=60) == 0
                assert enviar_pendientes(segundos=60) == 0
            suya = Notificacion.objects.get()
            assert suya.detalle == "SMTPServerDisconnected"
            if suya.estado == "pendiente":
                esperas.append(int((suya.toca_en - ahora).total_seconds() // 60))
                ahora = suya.toca_en
    assert esperas == [2, 4, 8, 16, 32, 64, 120, 120, 120]
    assert (suya.estado, suya.intentos) == ("fallida", envio.INTENTOS)
    with time_machine.travel(ahora + timedelta(days=9)):
        assert enviar_pendientes(segundos=60) == 0


def test_una_direccion_mala_no_para_a_las_demas(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server refuses for good is set aside at once, with its code and not its words."""
    for correo in ("mala@example.com", "ana@example.com", "eva@example.com"):
        fabricas.afiliado(email=correo)
    fabricas.entregar_todo()
    negada = SMTPRecipientsRefused({"mala@example.com": (550, b"no such user mala@example.com")})
    _cuando_falle(monkeypatch, negada, "mala@example.com")
    assert enviar_pendientes(segundos=60) == 2
    fallida = Notificacion.objects.get(estado="fallida")
    assert fallida.detalle == "SMTPRecipientsRefused 550"
    assert fallida.afiliado.email == "mala@example.com"
    assert [c.to for c in mail.outbox] == [["ana@example.com"], ["eva@example.com"]]


def test_un_4xx_no_es_para_siempre(monkeypatch: pytest.MonkeyPatch) -> None:
    fabricas.afiliado(email="llena@example.com")
    fabricas.entregar_todo()
    _cuando_falle(monkeypatch, SMTPRecipientsRefused({"llena@example.com": (452, b"full")}))
    enviar_pendientes(segundos=60)
    assert Notificacion.objects.get().estado == "pendiente"


def test_sin_servidor_no_se_gastan_los_intentos_de_todos(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each round finds that nobody answers; the others wait as they were."""
    for _n in range(3):
        fabricas.afiliado()
    fabricas.entregar_todo()

    def abrir(_conexion: Any) -> None:
        raise ConnectionRefusedError("smtp.example.com")

    with monkeypatch.context() as parche:
        parche.setattr(LocMem, "open", abrir)
        assert enviar_pendientes(segundos=60) == 0
    assert sorted(Notificacion.objects.values_list("intentos", "detalle")) == [
        (0, ""), (0, ""), (1, "ConnectionRefusedError"),
    ]  # fmt: skip
    with time_machine.travel(timezone.now() + envio.ESPERA + timedelta(seconds=1)):
        assert enviar_pendientes(segundos=60) == 3


def test_lo_que_murio_entre_enviar_y_anotar_se_repite_con_su_mismo_nombre(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It errs on the side of twice, and mail programs know it for the same by its Message-ID."""

    class Muerte(BaseException):
        pass

    def morir(*_args: Any, **_kwargs: Any) -> None:
        raise Muerte

    fabricas.afiliado()
    fabricas.entregar_todo()
    with monkeypatch.context() as parche:
        parche.setattr(envio, "_anotar", morir)
        with pytest.raises(Muerte):
            enviar_pendientes(segundos=60)
    assert len(mail.outbox) == 1
    assert Notificacion.objects.get().estado == "enviando"
    assert enviar_pendientes(segundos=60) == 0
    with time_machine.travel(timezone.now() + envio.INTERRUMPIDO + timedelta(seconds=1)):
        assert enviar_pendientes(segundos=60) == 1
    primero, segundo = (c.extra_headers["Message-ID"] for c in mail.outbox)
    assert primero == segundo


def test_quien_tardo_demasiado_no_pisa_al_que_siguio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker took it after its time: what became of it is that one's to say."""
    fabricas.afiliado()
    fabricas.entregar_todo()
    original = envio._entregar

    def tardar(notificacion: Notificacion, conexion: Any) -> None:
        original(notificacion, conexion)
        Notificacion.objects.update(toca_en=timezone.now() + timedelta(hours=1))

    monkeypatch.setattr(envio, "_entregar", tardar)
    enviar_pendientes(segundos=60)
    assert Notificacion.objects.get().estado == "enviando"


def test_lo_urgente_sale_antes_que_los_resumenes() -> None:
    afiliado = fabricas.afiliado()
    Notificacion.objects.create(
        evento_id="r", afiliado=afiliado, clase="resumen", asunto="Resumen", cuerpo="r",
        toca_en=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    fabricas.entregar_todo()
    assert enviar_pendientes(segundos=60) == 2
    assert [c.subject for c in mail.outbox] == ["Tu cuenta está activa", "Resumen"]


def test_un_rato_y_sigue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task stops after a while and queues the rest; with nothing left, nothing is queued."""
    despertado: list[int] = []
    monkeypatch.setattr(envio, "despertar", lambda: despertado.append(1))
    for _n in range(3):
        fabricas.afiliado()
    fabricas.entregar_todo()
    despertado.clear()
    assert enviar_pendientes(segundos=-1) == 1
    assert len(despertado) == 1
    assert enviar_pendientes(segundos=60) == 2
    assert len(despertado) == 1


@pytest.mark.parametrize(
    ("tarea", "prioridad"),
    [
        ("notificaciones.enviar", 9), ("notificaciones.resumir", 9), ("simulaciones.avanzar", 9),
        ("pagos.ejecutar", 0), ("pagos.barrer", 0), ("pagos.ejecutar_lote", 0),
    ],
)  # fmt: skip
def test_los_pagos_van_antes(tarea: str, prioridad: int) -> None:
    """In Redis, 0 is first and is what a task has that does not say."""
    app.loader.import_default_modules()
    assert tarea in app.tasks
    assert app.amqp.router.route({}, tarea).get("priority", 0) == prioridad
