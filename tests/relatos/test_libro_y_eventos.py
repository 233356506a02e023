"""The chain of the ledger, and the deliveries of events."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alpespartner.comun.idempotencia import guardar_respuesta, purgar, reservar
from comisiones.libro import cadena, reparacion, services
from comisiones.libro.documento import _bloque
from comisiones.libro.extracto import a_csv, extractos
from comisiones.libro.models import Asiento, Cuenta, EslabonTardio, SelloDiario
from comisiones.libro.selectors import saldos, saldos_de_cuentas
from comisiones.libro.services import Linea, asentar
from outbox import entrega, reconciliacion
from outbox.consumo import CONSUMIDORES, Consumidor, Sobre
from outbox.entrega import entregar, reencolar
from outbox.eventos import CanarioEmitido
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.publicacion import publicar
from outbox.selectors import entregas_de
from tests import fabricas
from tests.fabricas import ANA
from tests.relatos.relato import INICIO, Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def debe(de: Any, importe: str, moneda: str = "USD", origen: str = "") -> None:
    """What is owed to somebody, from an expense."""
    asentar(
        tipo="aprobacion",
        origen=origen or f"x{Asiento.objects.count()}",
        lineas=[
            Linea(Cuenta.GASTO_COMISIONES, D(importe), moneda),
            Linea(Cuenta.POR_PAGAR, -D(importe), moneda, de),
        ],
    )


def test_libro(relato: Relato, monkeypatch: Any) -> None:
    """Days are sealed with what they hold; an entry of a day that was sealed is accepted."""
    ada, bea = (fabricas.afiliado(nombre=n, email=f"{n}@example.com") for n in ("Ada", "Bea"))
    saldada = fabricas.afiliado(email="s@example.com")
    for importe in ("5", "-5"):
        debe(saldada, importe, "EUR")
    relato.empezar()
    dia = 24 * 3600

    def asentar_dos() -> None:
        debe(ada, "10.01")
        debe(bea, "5", "JPY")

    relato.paso("Se asienta", asentar_dos)
    relato.paso("Otro día", lambda: debe(ada, "0.99"), segundos=2 * dia)
    relato.dice("esperan", cadena.dias_en_espera())
    relato.paso("Se sellan los cerrados", lambda: relato.dice("n", len(cadena.sellar_dias())))
    relato.paso("Otra vez, nada", lambda: relato.dice("n", len(cadena.sellar_dias())))
    relato.dice("cuentas", sorted([*c, str(v)] for c, v in saldos_de_cuentas().items()))
    relato.dice("debido", {m: str(v) for m, v in saldos(ada).items()})
    fecha = datetime(2026, 3, 10, 12, tzinfo=UTC)
    with monkeypatch.context() as parche:
        parche.setattr(services, "fecha_abierta", lambda: fecha)
        debe(bea, "7")
        debe(ada, "3")
    relato.empezar()
    relato.dice("tardíos", [t[2] for t in cadena.tardios()])
    relato.paso(
        "Se acepta el tardío",
        lambda: relato.dice("ids", reparacion.aceptar_tardios(motivo=" reloj ", actor=ANA)),
    )
    relato.paso("Se sella hoy", lambda: relato.dice("n", len(cadena.sellar_dias())), segundos=dia)
    relato.dice("rotura", cadena.primera_rotura())
    ultimo = SelloDiario.objects.latest("dia")
    huellas = [huella for _pk, _id, huella in cadena.huellas_del_dia(ultimo.dia)]
    tardios = map(cadena.huella_de_tardio, EslabonTardio.objects.order_by("pk"))
    a_mano = hashlib.sha256("".join([*huellas, *tardios]).encode()).hexdigest()
    relato.dice("la cuenta", [str(ultimo.dia), ultimo.asientos, ultimo.huella == a_mano])
    for hoja in extractos(ada, "2026-03"):
        relato.dice(hoja.moneda, [hoja.apertura, hoja.cierre, hoja.sello])
        relato.dice("líneas", [[str(parte) for parte in una] for una in hoja.lineas])
        relato.dice("parte", _bloque(hoja, 1, 2))
    for fila in a_csv(extractos(ada, "2026-03")).splitlines():
        relato.dice("csv", fila)
    relato.dice("antes", [h.mes for h in extractos(ada, "2026-02")])
    for mes in ("2026-03", "2026-04"):
        relato.dice(f"saldada en {mes}", [[h.moneda, h.cierre] for h in extractos(saldada, mes)])
    relato.dice("después", [[h.mes, h.apertura] for h in extractos(ada, "2026-04")])


def test_libro_de_otro_siglo(relato: Relato) -> None:
    """An entry that no clock dated closes no days: neither of before, nor of centuries to come."""
    ada = fabricas.afiliado()
    debe(ada, "1")
    relato._reloj.shift(5 * 24 * 3600)
    dia = timedelta(days=1)
    hoy = timezone.now().replace(hour=0)
    for que, cuando in (
        ("Del año 1999", datetime(1999, 12, 31, 23, 59, tzinfo=UTC)),
        ("Del año 2000", datetime(2000, 1, 1, tzinfo=UTC)),
        ("De dentro de 366 días", hoy + 367 * dia - timedelta(seconds=1)),
        ("De más lejos", hoy + 367 * dia),
    ):
        with transaction.atomic():
            suyo = Asiento(id_publico="as_x", tipo="aprobacion", origen="x", creado_en=cuando)
            suyo.save()
            siguiente = cadena._siguiente(None)
            relato.dice(que, [str(siguiente), cadena.dias_en_espera(), str(cadena._limite(None))])
            transaction.set_rollback(True)


def test_entregas(relato: Relato, monkeypatch: Any) -> None:
    """Tried five times, parked with what waits behind it left in order, handed over again."""
    malos: set[str] = set()

    def manejar(sobres: list[Sobre]) -> None:
        for sobre in sobres:
            if sobre.sujeto in malos:
                raise ValueError(f"no {sobre.sujeto}")

    uno = Consumidor("uno", frozenset({"CanarioEmitido"}), manejar)
    monkeypatch.setitem(CONSUMIDORES, "uno", uno)
    relato.con = {"outbox.EntregaPendiente", "outbox.EventoProcesado"}
    for nombre in list(CONSUMIDORES):
        if nombre != "uno":
            monkeypatch.delitem(CONSUMIDORES, nombre)
    relato.empezar()

    def contar(*quienes: str) -> None:
        for quien in quienes:
            publicar(CanarioEmitido(canario_id=quien), version=3)

    relato.paso("Se cuentan tres", lambda: contar("a", "b", "a"))
    malos.add("a")

    def dar() -> None:
        relato.dice("entregados", entregar(uno))

    relato.paso("Uno falla", dar)
    for segundos in (0.5, 0.5, 1, 1.9, 0.1, 4, 4):
        relato.paso(f"{segundos} s después", dar, segundos=segundos)
    malos.clear()
    relato.paso("El que esperaba", dar)
    aparcado = EventoAparcado.objects.get()
    evento = OutboxEvent.objects.get(pk=aparcado.evento_id)
    relato.dice("está", [str(e) for e in entregas_de(evento)])
    relato.paso("Se reencola", lambda: reencolar(aparcado=aparcado, actor=ANA))
    relato.paso("No dos veces", lambda: reencolar(aparcado=aparcado, actor=ANA))
    relato.dice("está", [str(e) for e in entregas_de(evento)])
    relato.paso("Llega", dar)
    relato.dice("está", [str(e) for e in entregas_de(evento)])
    relato.paso("Ya llegó", lambda: reencolar(aparcado=aparcado, actor=ANA))
    contar("c")
    relato.empezar()
    corte = timezone.now()
    for estado, faltan in reconciliacion.reconciliar(corte + timedelta(seconds=1)):
        relato.dice("hay", [str(estado), faltan])
    EntregaPendiente.objects.all().delete()
    for antes_de in (corte, corte + timedelta(microseconds=1)):
        for estado, faltan in reconciliacion.reconciliar(antes_de):
            relato.dice("hay", [str(estado), faltan])
    relato.empezar()
    ultimo = OutboxEvent.objects.latest("posicion").posicion
    relato.paso("Se da por recibido", lambda: entrega.dar_por_recibidos(uno, ultimo - 1, ultimo))
    aparcado.delete()
    relato.empezar()
    relato.paso(
        "Se purga lo de antes",
        lambda: relato.dice("n", list(reconciliacion.purgar(corte, por_lote=2))),
    )


def test_otro_relevo(relato: Relato, monkeypatch: Any) -> None:
    """What another relay handed over meanwhile is not handed over again."""
    vistos: list[str] = []
    uno = Consumidor(
        "uno", frozenset({"CanarioEmitido"}), lambda sobres: vistos.extend(s.sujeto for s in sobres)
    )
    for nombre in list(CONSUMIDORES):
        monkeypatch.delitem(CONSUMIDORES, nombre)
    monkeypatch.setitem(CONSUMIDORES, "uno", uno)
    for quien in "ab":
        publicar(CanarioEmitido(canario_id=quien), version=1)
    suyas = list(EntregaPendiente.objects.select_related("evento").order_by("pk"))
    suyas[0].delete()
    relato.dice("entregados", entrega._entregar_una_a_una(uno, suyas))
    relato.dice("vistos", vistos)


def test_idempotencia(relato: Relato, settings: Any) -> None:
    """An answer is kept for its days, and a reservation without one for ever."""
    settings.IDEMPOTENCIA_DIAS = 1
    peticion, libre = reservar(ambito="a", clave="k", huella="h")
    reservar(ambito="a", clave="sin", huella="h")
    relato.dice("libre", libre)
    relato.empezar()
    relato.paso("Se contesta", lambda: guardar_respuesta(peticion, 201, {"id": 1}))
    relato.paso(
        "La misma", lambda: relato.dice("libre", reservar(ambito="a", clave="k", huella="h")[1])
    )
    relato.paso("Con otro cuerpo", lambda: reservar(ambito="a", clave="k", huella="i"))
    relato.paso(
        "De otro ámbito",
        lambda: relato.dice("libre", reservar(ambito="b", clave="k", huella="h")[1]),
    )
    relato.paso("A un día justo", lambda: relato.dice("n", purgar()), segundos=24 * 3600 - 4 * 60)
    relato.paso("Un segundo más", lambda: relato.dice("n", purgar()), segundos=1)


def test_los_saldos_por_orden(relato: Relato) -> None:
    """By currency, whatever the order in which they were posted; and seals of days of nothing."""
    ada = fabricas.afiliado()
    assert cadena.primera_rotura() is None
    cadena._sellar(INICIO.date() - timedelta(days=2), None)
    assert cadena.primera_rotura() is None
    for importe, moneda in (("5", "USD"), ("7", "EUR"), ("9", "JPY"), ("1.01", "USD")):
        debe(ada, importe, moneda)
    # SQLite groups in that order by itself.
    with CaptureQueriesContext(connection) as consultas:
        saldos(ada)
    assert consultas[0]["sql"].partition(" GROUP BY ")[2].partition(" ORDER BY ")[2]
    assert list(saldos(ada).items()) == [("EUR", D(7)), ("JPY", D(9)), ("USD", D("6.01"))]
    assert cadena.primera_rotura() is None
    relato.dice("saldos", [f"{m} {s}" for m, s in saldos(ada).items()])
