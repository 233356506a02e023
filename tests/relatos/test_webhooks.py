"""Webhooks: made, changed and turned off; what is written for whom, taken in turns and settled."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone

from afiliados.claves.selectors import titular_normal
from outbox.admin.webhooks import FiltroEstado, FiltroWebhook
from outbox.api.webhooks import EntregaWebhookSerializer, WebhookSerializer
from outbox.consumo import Sobre
from outbox.models import CausaWebhook, EntregaWebhook, OutboxEvent, Webhook
from outbox.webhooks import peticion, repeticion, services, turno
from outbox.webhooks.consumidor import WEBHOOKS, anunciar
from outbox.webhooks.invariantes import COMPROBACIONES
from outbox.webhooks.peticion import Respuesta
from outbox.webhooks.purga import purgar
from outbox.webhooks.selectors import webhooks_de
from outbox.webhooks.turno import Envio, Hecho, asentar, con_trabajo, tomar
from tests import fabricas
from tests.fabricas import ANA, LUIS
from tests.outbox.probeta import emitir
from tests.relatos.relato import Relato
from tests.relatos.test_verificar import cambia, dicen

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
MAL, BIEN = Respuesta("http_500", 500, "ups", 12), Respuesta("", 204, "", 7)


@pytest.fixture(autouse=True)
def _sin_azar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turno, "random", SimpleNamespace(random=lambda: 0.5))


def crear(tipos: Any = ("*",), *, afiliado: Any = None, titular: str = "Pruebas",
          url: str = "https://uno.example/h?x=1") -> Webhook:  # fmt: skip
    return services.crear(
        url=url, tipos=tipos, titular=titular_normal(titular),
        afiliado=afiliado.id_publico if afiliado else "", actor=ANA,
    )[0]  # fmt: skip


def consumir(*eventos: OutboxEvent) -> None:
    WEBHOOKS.manejar([Sobre(e.evento_id, e.type, e.aggregateid, e.payload) for e in eventos])


def dice_envios(relato: Relato, envios: list[Envio]) -> None:
    for e in envios:
        cuanto = (e.reserva - timezone.now()).total_seconds()
        cuerpo = None if e.cuerpo is None else len(e.cuerpo)
        relato.dice(
            "envío", [e.evento_id, e.url, e.anfitrion, e.falla, cuanto, cuerpo, len(e.secretos)]
        )


def test_webhooks(relato: Relato, monkeypatch: Any) -> None:
    """One of a holder, beside one of an affiliate and one of another holder."""
    de = fabricas.afiliado()
    relato.empezar()
    suyo = relato.paso("Se hace", lambda: crear(["ComisionAprobada", "AfiliadoSuspendido"]))
    assert suyo is not None
    relato.paso("De un afiliado", lambda: crear(["*", "ComisionAprobada"], afiliado=de))
    for tipos in ((), ("Nada", "Tampoco", "ComisionAprobada"), ("CanarioEmitido",)):
        relato.paso("No se hace", lambda t=tipos: crear(t))
    relato.paso("Ni a un afiliado de lo interno",
                lambda: crear(["AfiliadoSuspendido"], afiliado=de))  # fmt: skip
    relato.paso("Ni sin TLS", lambda: crear(url="http://uno.example/"))
    monkeypatch.setattr(services, "POR_TITULAR", 2)
    relato.paso("Otro", crear)
    relato.paso("Uno más no", crear)
    relato.paso("De otro titular sí", lambda: crear(titular="Otra"))
    relato.paso("Y del afiliado", lambda: crear(afiliado=de))

    def editar(**datos: Any) -> Webhook:
        return services.editar(webhook=suyo, actor=LUIS, **datos)

    relato.paso("Lo mismo", lambda: editar(url=suyo.url, tipos=suyo.tipos))
    relato.paso("Otra dirección", lambda: editar(url="https://dos.example/h?token=abc"))
    relato.paso("Otros tipos", lambda: editar(tipos=["*"]))
    relato.paso("Que no hay", lambda: editar(tipos=["Nada"]))
    relato.paso("Otro secreto", lambda: services.rotar(webhook=suyo, actor=LUIS)[0])
    relato.paso("Se apaga", lambda: services.desactivar(webhook=suyo, actor=LUIS, motivo=" se va "))
    relato.paso("Y no otra vez", lambda: services.desactivar(webhook=suyo, actor=LUIS))
    relato.paso("No se prueba", lambda: repeticion.probar(webhook=suyo, actor=LUIS))
    relato.paso("Se enciende", lambda: services.activar(webhook=suyo, actor=LUIS))
    relato.paso("Y no otra vez", lambda: services.activar(webhook=suyo, actor=LUIS))
    relato.paso("Se prueba", lambda: repeticion.probar(webhook=suyo, actor=LUIS))
    prueba = EntregaWebhook.objects.get()
    relato.dice("dice", prueba.cuerpo)
    for titular, afiliado in (("pruebas", ""), ("otra", ""), ("pruebas", de.id_publico), ("", "")):
        suyos = webhooks_de(titular_normal(titular), afiliado).order_by("pk")
        relato.dice(f"de «{titular}» «{afiliado}»", [w.id_publico for w in suyos])


def test_entregas_de_webhooks(relato: Relato) -> None:
    """Written for whom they are, taken in the order of each object, settled, called, given up."""
    fabricas.clave()
    una, de = fabricas.comision(), fabricas.afiliado(email="o@example.com")
    fabricas.clave(["conversiones:leer"], de=una.afiliado)
    todo, uno = crear(), crear(["AfiliadoSuspendido"], url="https://dos.example/")
    crear(afiliado=una.afiliado, url="https://tres.example/")
    crear(afiliado=de)
    apagado = services.desactivar(webhook=crear(), actor=ANA)
    suyos = list(OutboxEvent.objects.filter(aggregateid=una.id_publico))
    sueltos = [emitir(f"af_{n}", m) for n, m in ((1, "a"), (1, "b"), (2, "c"), (1, "d"))]
    relato.empezar()
    relato.paso("Se apuntan", lambda: consumir(*suyos, *sueltos))
    relato.paso("De nadie", lambda: consumir())
    Webhook.objects.filter(pk=todo.pk).update(toca_en=timezone.now() + timedelta(hours=1))
    Webhook.objects.filter(pk=uno.pk).update(toca_en=None)
    relato.empezar()
    relato.paso("Hay que enviar", lambda: anunciar([todo.pk, uno.pk]))
    relato.paso("Ya se sabía", lambda: anunciar([todo.pk, uno.pk]))

    tomados: list[Envio] = []

    def tomar_de(webhook: Webhook, cuantas: int) -> None:
        tomados[:] = tomar(webhook.pk, cuantas)
        dice_envios(relato, tomados)

    def contestar(*respuestas: Respuesta) -> None:
        unas = itertools.cycle(respuestas)
        hechos = [Hecho(e, next(unas), {"x": "1"}, "f" * 64) for e in tomados]
        relato.dice("entregadas", asentar(hechos))

    relato.paso("Se toma una", lambda: tomar_de(uno, 1))
    relato.paso("Falla", lambda: contestar(MAL))
    relato.paso("Las suyas esperan", lambda: tomar_de(uno, 9))
    relato.paso("Llega", lambda: contestar(BIEN))
    relato.paso("Otra vez", lambda: tomar_de(uno, 9))
    relato.paso("Llegan", lambda: contestar(BIEN))
    relato.paso("Las que quedan", lambda: tomar_de(uno, 9))
    relato.paso("Y llega alguna", lambda: contestar(BIEN, MAL))
    relato.paso("De uno apagado", lambda: tomar_de(apagado, 9))
    relato.paso("De todo", lambda: tomar_de(todo, 2))
    antes = list(tomados)
    relato.paso("Nadie más", lambda: tomar_de(todo, 9))
    relato.paso("Dos minutos después, sí", lambda: tomar_de(todo, 9), segundos=120)
    tarde = [Hecho(e, BIEN, {}, "") for e in antes]
    relato.paso("Quien llega tarde no dice nada", lambda: relato.dice("n", asentar(tarde)))
    relato.paso("Uno que ya no está", lambda: contestar(Respuesta("http_410", 410), MAL))


def test_como_le_va_a_un_receptor(relato: Relato) -> None:
    """Since when it fails, until it is turned off; those who can turn it on are told, once."""
    User.objects.create_user("nadie", "n@example.com", "x", is_staff=True)
    for n, datos in enumerate(({}, {"email": ""}, {"is_staff": False}, {"is_active": False})):
        User.objects.create(
            username=f"j{n}", is_superuser=True,
            **{"email": f"j{n}@example.com", "is_staff": True, **datos},
        )  # fmt: skip
    relato.con.add("comun.CorreoAlPersonal")
    fabricas.clave()
    suyo = crear()
    relato.empezar()

    def va(*respuestas: Respuesta) -> None:
        suyo.refresh_from_db()
        filas = [EntregaWebhook(error=r.error, codigo_http=r.codigo_http) for r in respuestas]
        turno._como_va(suyo, filas, timezone.now())

    dia = 24 * 3600
    relato.paso("Nada", va)
    relato.paso("Bien", lambda: va(BIEN))
    relato.paso("Mal", lambda: va(MAL, MAL))
    relato.paso("Mal otra vez", lambda: va(MAL))
    relato.paso("Alguna bien", lambda: va(MAL, BIEN))
    relato.paso("Mal desde ahora", lambda: va(MAL))
    relato.paso("Casi cinco días", lambda: va(MAL), segundos=5 * dia - 1)
    relato.paso("Cinco", lambda: va(MAL), segundos=1)
    relato.paso("Apagado, nada", lambda: va(BIEN, MAL))
    services.activar(webhook=suyo, actor=ANA)
    relato.empezar()
    relato.paso("Ya no existe", lambda: va(BIEN, Respuesta("http_410", 410)))


def test_a_quien_le_toca(relato: Relato, monkeypatch: Any) -> None:
    """Whose turn it is, of which servers; a holder without keys waits; old secrets sign no more."""
    ahora = timezone.now()
    for n, (anfitrion, minutos, falla, estado) in enumerate(
        (
            ("a", 0, False, "activo"), ("a", -1, True, "activo"), ("b", -2, False, "activo"),
            ("c", -2, True, "activo"), ("d", 1, False, "activo"), ("e", -3, False, "desactivado"),
            ("f", None, False, "activo"),
        )
    ):  # fmt: skip
        Webhook.objects.create(
            id_publico=f"wh_{n}", anfitrion=anfitrion, estado=estado, titular="x", secreto="s",
            url=f"https://{n}.example/",
            toca_en=None if minutos is None else ahora + timedelta(minutes=minutos),
            fallando_desde=ahora if falla else None,
        )  # fmt: skip
    pks = dict(Webhook.objects.values_list("id_publico", "pk"))
    nombres = {pk: nombre for nombre, pk in pks.items()}
    casos: tuple[tuple[int, dict[str, Any]], ...] = (
        (9, {"sin_fallos": []}), (2, {"sin_fallos": []}), (9, {"sin_fallos": None}),
        (9, {"sin_fallos": ["c"]}), (9, {"sin_fallos": ["b"]}),
        (9, {"sin_fallos": [], "llenos": ["a"]}),
        (9, {"sin_fallos": [], "vistos": {pks["wh_2"]}}),
    )  # fmt: skip
    for limite, datos in casos:
        hay = con_trabajo(limite, **{"llenos": [], "vistos": set(), **datos})
        relato.dice(
            f"{limite} {sorted(datos)}", [[nombres[c.pk], c.anfitrion, c.falla] for c in hay]
        )
    cual = Webhook.objects.get(pk=pks["wh_0"])
    for anterior, hasta in (("", None), ("v", None), ("v", ahora), ("v", ahora + turno.RESERVA),
                            ("", ahora + turno.RESERVA)):  # fmt: skip
        cual.secreto_anterior, cual.anterior_hasta = anterior, hasta
        relato.dice("secretos", turno._secretos(cual, ahora))
    relato.empezar()
    relato.paso("Sin clave que sirva", lambda: tomar(cual.pk, 1))
    relato.dice("reserva", [turno.RESERVA, turno.SIN_TITULAR, turno.DIAS_DE_FALLOS])


def test_el_calendario(relato: Relato) -> None:
    """What each try leaves, to the second: the next one, or the end."""
    ahora = timezone.now()
    envio = Envio(1, 1, ahora, "u", "a", False, False, "e", "{}", ())
    sin_evento = Envio(1, 1, ahora, "u", "a", False, False, "e", None, ())
    for intentos in range(12):
        fila = EntregaWebhook(intentos=intentos)
        for que, suyo, respuesta in (
            ("mal", envio, MAL), ("bien", envio, BIEN),
            ("espera", envio, Respuesta("http_429", 429, "", 1, 400)),
        ):  # fmt: skip
            cambios = turno._cambios(fila, Hecho(suyo, respuesta, {}, "h"), ahora)
            relato.dice(f"{que} tras {intentos}", [
                str(cambios["estado"]), cambios["intentos"],
                (cambios["toca_en"] - ahora).total_seconds(),
            ])  # fmt: skip
    relato.dice("sin evento", {
        k: str(v) for k, v in turno._cambios(
            EntregaWebhook(), Hecho(sin_evento, MAL, {"a": "b"}, "h"), ahora
        ).items()
    })  # fmt: skip
    for cabecera in ("", "0", " 30 ", "86400", "86401", "9999999999", "-5", "1.5", "x", "²"):
        relato.dice(f"Retry-After «{cabecera}»", peticion._segundos(cabecera))
    for segundos in (-10, 0, 90, 90_000):
        fecha = format_datetime((ahora + timedelta(seconds=segundos)).astimezone(UTC), usegmt=True)
        relato.dice(f"a los {segundos}", peticion._segundos(fecha))
    relato.dice("sin zona", peticion._segundos("Tue, 10 Mar 2026 09:00:10 -0000"))
    for cuando in (
        datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC),
    ):  # fmt: skip
        relato.dice(f"{cuando:%Y}", repeticion._id_de(cuando))


def test_webhooks_otra_vez(relato: Relato, monkeypatch: Any) -> None:
    """What is sent again: of an interval, of a type and of whom it is; not what waits."""
    suya, ajena = (
        fabricas.comision(),
        fabricas.comision(de=fabricas.afiliado(email="o@example.com")),
    )
    todo, de_uno = crear(), crear(["ComisionCalculada"])
    de_afiliado = crear(afiliado=suya.afiliado)
    calculada = OutboxEvent.objects.get(aggregateid=suya.id_publico)
    consumir(calculada)
    EntregaWebhook.objects.filter(webhook=de_uno).update(estado="entregada")
    relato.empezar()
    hora = timedelta(hours=1)
    ahora = timezone.now()
    monkeypatch.setattr(repeticion, "_id_de", lambda cuando: "0" if cuando < ahora else "z")

    def repetir(webhook: Webhook, desde: timedelta = -hora, hasta: timedelta = hora) -> None:
        relato.dice("repetidas", repeticion.repetir(
            webhook=webhook, desde=ahora + desde, hasta=ahora + hasta, actor=LUIS
        ))  # fmt: skip

    relato.paso("Al revés no", lambda: repetir(todo, hora, -hora))
    relato.paso("Ni de nada", lambda: repetir(todo, hora, hora))
    relato.paso("Antes no hubo", lambda: repetir(de_uno, hora, 2 * hora))
    relato.paso("De un tipo", lambda: repetir(de_uno))
    relato.paso("Ya esperan", lambda: repetir(de_uno))
    relato.paso("De un afiliado", lambda: repetir(de_afiliado))
    hay = OutboxEvent.objects.count()
    for maximo in (hay - 1, hay):
        monkeypatch.setattr(repeticion, "MAXIMO", maximo)
        relato.paso("De tantos", lambda: repetir(de_uno))
    entrega = EntregaWebhook.objects.get(webhook=de_uno, vez=0)
    for _vez in range(2):
        relato.paso("Una", lambda: relato.dice("n", repeticion.repetir_una(
            entrega=entrega, actor=LUIS
        )))  # fmt: skip
        EntregaWebhook.objects.filter(webhook=de_uno).update(estado="fallida")
        relato.empezar()
    assert ajena.pk
    services.desactivar(webhook=de_uno, actor=ANA)
    relato.empezar()
    relato.paso("Apagado no", lambda: repeticion.repetir_una(entrega=entrega, actor=LUIS))
    vieja = timezone.now() - 30 * 24 * hora
    EntregaWebhook.objects.filter(webhook=todo).update(creada_en=vieja)
    relato.empezar()
    relato.paso("A su instante no", lambda: relato.dice("n", purgar(antes_de=vieja)))
    relato.paso("Después sí", lambda: relato.dice(
        "n", purgar(antes_de=vieja + timedelta(microseconds=1))
    ))  # fmt: skip


def test_verifica_webhooks(relato: Relato) -> None:
    """What each check says, one thing spoilt at a time."""
    suyo, otro = crear(), crear(afiliado=fabricas.afiliado())
    consumir(emitir("af_1", "a"))
    services.desactivar(webhook=otro, actor=ANA)
    entrega = EntregaWebhook.objects.get()
    de, de_otro = {"pk": suyo.pk}, {"pk": otro.pk}
    tarde = timezone.now() + timedelta(days=1)
    for que, hacer in (
        ("Como está", lambda: None),
        ("Nadie lo enviará", cambia(Webhook, de, toca_en=None)),
        ("Toca antes", cambia(Webhook, de, toca_en=tarde)),
        ("Encendido con causa", cambia(Webhook, de, causa=CausaWebhook.FALLOS)),
        ("Apagado sin causa", cambia(Webhook, de_otro, causa="")),
        ("Apagado con turno", cambia(Webhook, de_otro, toca_en=tarde)),
        ("De dos", cambia(Webhook, de, afiliado="af_1")),
        ("Secreto ilegible", cambia(Webhook, de, secreto="x")),
        ("El anterior", cambia(Webhook, de, secreto_anterior="x")),
        *(
            (f"{estado} {http}", cambia(
                EntregaWebhook, {"pk": entrega.pk}, estado=estado, codigo_http=http, error=error
            ))
            for estado, http, error in (
                ("entregada", None, ""), ("entregada", 199, ""), ("entregada", 200, ""),
                ("entregada", 299, ""), ("entregada", 300, ""), ("fallida", 500, ""),
                ("fallida", 500, "x"), ("pendiente", 300, ""),
            )
        ),
    ):  # fmt: skip
        dicen(relato, que, hacer, COMPROBACIONES)


def test_columnas_de_webhooks(relato: Relato) -> None:
    """What the staff reads of each, what may be done, and what the API says of a delivery."""
    suyo = crear()
    ahora = timezone.now()
    evento = emitir("af_1", "a")
    paginas = {modelo: admin.site._registry[modelo] for modelo in (Webhook, EntregaWebhook)}

    def dice(que: str, fila: Any) -> None:
        pagina = paginas[type(fila)]
        columnas = [c for c in (*pagina.list_display, "col_causa", "col_enlace", "col_cabeceras",
                                "col_entregas") if str(c).startswith("col_")]  # fmt: skip
        for columna in dict.fromkeys(map(str, columnas)):
            if hasattr(pagina, columna):
                visto = re.sub(r"/\d+/|(?<==)\d+", "#", str(getattr(pagina, columna)(fila)))
                relato.dice(f"{que} {columna}", visto)
        acciones: Any = pagina
        relato.dice(f"{que} hace", [a.nombre for a in acciones.acciones if a.visible(fila)])

    for que, datos in (
        ("activo", {}), ("falla", {"fallando_desde": ahora}),
        ("de un afiliado", {"afiliado": "af_1"}),
        ("apagado", {"estado": "desactivado", "causa": "fallos", "fallando_desde": ahora}),
        ("de tipos", {"tipos": ["A", "B"]}),
    ):  # fmt: skip
        fila = Webhook.objects.get(pk=suyo.pk)
        for campo, valor in datos.items():
            setattr(fila, campo, valor)
        dice(que, fila)
    apagado = Webhook(pk=suyo.pk, id_publico="wh_x", estado="desactivado")
    for que, datos in (
        ("en cola", {}), ("espera", {"espera": True}), ("reintenta", {"error": "http_500"}),
        ("entregada", {"estado": "entregada", "codigo_http": 204}),
        ("fallida", {"estado": "fallida", "codigo_http": 500, "error": "http_500"}),
        ("prueba", {"estado": "entregada", "cuerpo": "{}", "evento_id": "otro"}),
        ("de uno apagado", {"estado": "fallida", "error": "tls", "webhook": apagado}),
    ):  # fmt: skip
        entrega = EntregaWebhook(**{
            "pk": 1, "webhook": suyo, "evento_id": evento.evento_id, "tipo": "T", "objeto": "o",
            "toca_en": ahora, "creada_en": ahora, **datos,
        })  # fmt: skip
        dice(que, entrega)
        relato.dice(f"{que} por la API", dict(EntregaWebhookSerializer(entrega).data))
    relato.dice("de webhooks por la API", dict(WebhookSerializer(suyo).data))
    consumir(evento)
    otro = crear(url="https://dos.example/")
    de_quien = {str(suyo.pk): "suyo", str(otro.pk): "otro"}
    for elegido in (*de_quien, "0", "x", "²", "9" * 18, "9" * 19, ""):
        pedido = RequestFactory().get("/", {"webhook": elegido} if elegido else {})
        pagina = paginas[EntregaWebhook]
        filtro = FiltroWebhook(pedido, {"webhook": [elegido]}, EntregaWebhook, pagina)
        relato.dice(
            f"filtro {elegido if len(elegido) > 9 else de_quien.get(elegido, elegido)}",
            [nombre for _pk, nombre in filtro.lookups(pedido, pagina)],
        )
        if (elegido.isdecimal() and len(elegido) < 9) or not elegido:
            relato.dice("da", filtro.queryset(pedido, EntregaWebhook.objects.all()).count())
    services.desactivar(webhook=otro, actor=ANA)
    for estado in ("activo", "desactivado", ""):
        de_estado = FiltroEstado(
            RequestFactory().get("/"), {"estado": [estado]}, Webhook, paginas[Webhook]
        )
        hay = de_estado.queryset(RequestFactory().get("/"), Webhook.objects.order_by("pk"))
        relato.dice(f"filtro «{estado}»", [w.id_publico for w in hay])
