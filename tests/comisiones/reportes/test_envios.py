"""A statement is sent once by the clock, frozen, and what changes later is told by the next one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection

from alpespartner.comun.acceso import correos
from alpespartner.comun.actores import persona
from alpespartner.comun.models import CorreoAlPersonal, Historial
from comisiones.metricas.models import Remedicion
from comisiones.reportes import documento, envio
from comisiones.reportes.envio import barrer_reportes, enviar_ahora
from comisiones.reportes.errores import ReporteRetirado, SinDestinatarios
from comisiones.reportes.invariantes import COMPROBACIONES
from comisiones.reportes.models import EnvioReporte, Reporte
from comisiones.reportes.services import retirar_reporte
from outbox.models import OutboxEvent
from tests.comisiones.reportes.conftest import COLUMNAS, Mes

TOCA = "2026-03-01 07:00:00"


def enviados() -> list[Any]:
    mail.outbox.clear()
    correos.enviar_pendientes()
    return list(mail.outbox)


def hoja(adjunto: tuple[str, Any, Any]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(adjunto[1])))


def pasos(reporte: Reporte) -> list[str]:
    suyos = Historial.objects.filter(entidad="reporte", entidad_id=reporte.id_publico)
    return [p.accion for p in suyos.order_by("pk")]


def test_lo_envia_el_reloj_una_vez(mes: Mes) -> None:
    reporte = mes.reporte()
    mes.ir_a("2026-03-01 06:59:59")
    assert (barrer_reportes(), enviados()) == (0, [])
    mes.ir_a(TOCA)
    assert (barrer_reportes(), barrer_reportes()) == (1, 0)
    [correo] = enviados()
    assert correo.to == ["ana@ejemplo.co"]
    assert correo.subject == "El mes: del 2026-02-01 al 2026-02-28"
    [adjunto] = correo.attachments
    clave = mes.en.id_publico
    dias = ["Europe/Madrid", "2026-02-01", "2026-02-28"]
    assert hoja(adjunto) == [
        ["zona", "desde", "hasta", "clave", "moneda", *COLUMNAS],
        [*dias, clave, "USD", "2", "400.00", "0.00", "40.00"],
        [*dias, "total", "USD", "2", "400.00", "0.00", "40.00"],
    ]
    uno = EnvioReporte.objects.get()
    assert uno.huella == hashlib.sha256(uno.documento.encode()).hexdigest()
    assert uno.huella in correo.body
    assert (uno.lineas, uno.diferencias) == (1, 0)
    assert (uno.enviado_por, uno.destinatarios) == ("sistema:reportes", [str(persona(mes.ana.pk))])
    assert pasos(reporte) == ["guardar", "enviar"]
    [evento] = OutboxEvent.objects.filter(type="ReporteEnviado")
    datos = json.loads(evento.payload)["data"]
    assert (datos["envio_id"], datos["huella"]) == (uno.id_publico, uno.huella)
    assert (datos["desde"], datos["hasta"]) == ("2026-02-01", "2026-02-28")
    reporte.refresh_from_db()
    assert f"{reporte.toca_en:%Y-%m-%d %H}" == "2026-04-01 06"


@pytest.mark.lento
def test_lo_de_despues_son_diferencias(mes: Mes) -> None:
    mes.reporte()
    mes.ir_a(TOCA)
    barrer_reportes()
    antes = EnvioReporte.objects.get()
    mes.ir_a("2026-03-15 12:00:00")
    mes.devolver(0, "40")
    mes.ir_a("2026-04-01 06:00:00")
    barrer_reportes()
    enviados()
    marzo = EnvioReporte.objects.order_by("-pk")[0]
    # The one that was sent stays; in the new one February is no other figure of March.
    despues = EnvioReporte.objects.get(pk=antes.pk)
    assert (despues.documento, despues.huella) == (antes.documento, antes.huella)
    suyo = documento.leido(marzo)
    assert (suyo["desde"], suyo["lineas"]) == ("2026-03-01", [])
    dichas = {
        (d["clave"], d["columna"]): (d["antes"], d["ahora"])
        for d in suyo["diferencias"]
        if d["envio"] == antes.id_publico
    }
    clave = mes.en.id_publico
    assert dichas == {
        (clave, "devuelto"): ("0.00", "40.00"),
        (clave, "comision_neta"): ("40.00", "36.00"),
        ("total", "devuelto"): ("0.00", "40.00"),
        ("total", "comision_neta"): ("40.00", "36.00"),
    }
    # What was told is not told again; what changes once more is told from there.
    mes.ir_a("2026-04-20 12:00:00")
    mes.devolver(1, "100")
    mes.ir_a("2026-05-01 06:00:00")
    barrer_reportes()
    abril = documento.leido(EnvioReporte.objects.order_by("-pk")[0])
    assert {
        (d["columna"], d["antes"], d["ahora"]) for d in abril["diferencias"] if d["clave"] == clave
    } == {("devuelto", "40.00", "140.00"), ("comision_neta", "36.00", "26.00")}
    mes.ir_a("2026-06-01 06:00:00")
    barrer_reportes()
    assert documento.leido(EnvioReporte.objects.order_by("-pk")[0])["diferencias"] == []


@pytest.mark.lento
def test_las_diferencias_van_en_su_fichero(mes: Mes) -> None:
    mes.reporte(columnas=["devuelto"])
    mes.ir_a(TOCA)
    barrer_reportes()
    mes.devolver(0, "40")
    mes.ir_a("2026-04-01 06:00:00")
    barrer_reportes()
    correos.enviar_pendientes()
    _suyo, otras = mail.outbox[-1].attachments
    assert otras[0] == "diferencias-2026-03-01-2026-03-31.csv"
    assert hoja(otras)[0] == list(documento.DE_DIFERENCIAS)
    assert ["2026-02-01", "2026-02-28", "total", "USD", "devuelto", "0.00", "40.00"] in hoja(otras)


def test_un_canal_no_es_una_formula(mes: Mes) -> None:
    suyo = {
        "zona": "UTC", "desde": "2026-02-01", "hasta": "2026-02-28",
        "pedido": {"agrupar": "canal", "columnas": ["comision_neta"]},
        "lineas": [["=SUM(A1)", "USD", "-5.00"]], "totales": [["total", "USD", "-5.00"]],
    }  # fmt: skip
    lineas = list(csv.reader(io.StringIO(documento.a_csv(suyo))))
    assert lineas[1][3:] == ["'=SUM(A1)", "USD", "-5.00"]


def test_a_mano_sale_lo_mismo(mes: Mes) -> None:
    reporte = mes.reporte(programado=False)
    mes.ir_a("2026-03-05 12:00:00")
    quien = persona(mes.ana.pk)
    uno = enviar_ahora(reporte=reporte, actor=quien)
    mes.devolver(0, "40")
    otro = enviar_ahora(reporte=reporte, actor=quien)
    assert (uno.pk, uno.huella) == (otro.pk, otro.huella)
    assert pasos(reporte) == ["guardar", "enviar", "reenviar"]
    assert len({hoja(c.attachments[0])[1][6] for c in enviados()}) == 1
    assert OutboxEvent.objects.filter(type="ReporteEnviado").count() == 1


def test_el_reloj_no_repite_lo_enviado_a_mano(mes: Mes) -> None:
    reporte = mes.reporte()
    mes.ir_a("2026-03-01 06:00:00")
    enviar_ahora(reporte=reporte, actor=persona(mes.ana.pk))
    assert len(enviados()) == 1
    mes.ir_a(TOCA)
    assert (barrer_reportes(), enviados()) == (0, [])
    reporte.refresh_from_db()
    assert f"{reporte.toca_en:%Y-%m-%d}" == "2026-04-01"


def test_lo_que_nadie_envio_va_periodo_a_periodo(mes: Mes) -> None:
    mes.reporte(periodo="dia")
    mes.ir_a("2026-02-24 12:00:00")
    assert [barrer_reportes() for _vez in range(5)] == [1, 1, 1, 1, 0]
    dias = EnvioReporte.objects.order_by("pk").values_list("desde", flat=True)
    assert [f"{dia:%d}" for dia in dias] == ["20", "21", "22", "23"]


def test_sin_nadie_a_quien_no_sale(mes: Mes) -> None:
    reporte = mes.reporte()
    mes.ana.groups.clear()
    with pytest.raises(SinDestinatarios):
        enviar_ahora(reporte=reporte, actor=persona(mes.ana.pk))
    mes.ir_a(TOCA)
    assert (barrer_reportes(), CorreoAlPersonal.objects.count()) == (0, 0)
    reporte.refresh_from_db()
    assert "a quién" in reporte.problema
    assert pasos(reporte) == ["guardar", "fallar"]
    # The next period is another one.
    assert f"{reporte.toca_en:%Y-%m-%d}" == "2026-04-01"
    mes.ana.groups.add(Group.objects.get(name="Consulta"))
    mes.ir_a("2026-04-01 06:00:00")
    assert barrer_reportes() == 1
    reporte.refresh_from_db()
    assert reporte.problema == ""


def test_quien_ya_no_puede_no_lo_recibe(mes: Mes) -> None:
    """Also when it was left for them before."""
    mes.reporte()
    mes.ir_a(TOCA)
    barrer_reportes()
    mes.ana.groups.clear()
    assert enviados() == []


def test_espera_a_que_haya_cifras(mes: Mes) -> None:
    reporte = mes.reporte()
    Remedicion.objects.create(de="venta")
    mes.ir_a(TOCA)
    assert barrer_reportes() == 0
    reporte.refresh_from_db()
    assert (f"{reporte.toca_en:%H:%M}", reporte.problema) == ("07:05", "")
    Remedicion.objects.all().delete()
    mes.ir_a("2026-03-01 07:05:00")
    assert barrer_reportes() == 1
    assert EnvioReporte.objects.get().desde.month == 2


def test_uno_que_no_sale_no_detiene_a_otro(mes: Mes, monkeypatch: Any) -> None:
    mes.reporte(nombre="Malo", canal="malo")
    mes.reporte(nombre="Bueno")
    hacer = documento.hacer

    def falla(reporte: Reporte, *dias: Any) -> Any:
        if reporte.canal:
            raise ZeroDivisionError
        return hacer(reporte, *dias)

    monkeypatch.setattr(envio.documento, "hacer", falla)
    mes.ir_a(TOCA)
    assert barrer_reportes() == 1
    assert Reporte.objects.get(nombre="Malo").problema == "ZeroDivisionError"


def test_retirado_no_sale(mes: Mes) -> None:
    reporte = mes.reporte()
    retirar_reporte(reporte=reporte, actor=persona(mes.ana.pk))
    mes.ir_a(TOCA)
    assert barrer_reportes() == 0
    for hacer in (enviar_ahora, retirar_reporte):
        with pytest.raises(ReporteRetirado):
            hacer(reporte=reporte, actor=persona(mes.ana.pk))


def test_se_ve_si_alguien_lo_toca(mes: Mes) -> None:
    mes.reporte()
    mes.ir_a(TOCA)
    barrer_reportes()
    assert [d for c in COMPROBACIONES for d in c.filas()] == []
    uno = EnvioReporte.objects.get()
    otro = uno.documento.replace("400.00", "500.00")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comisiones_envioreporte SET documento = %s", [otro])
    [dicho] = [d for c in COMPROBACIONES for d in c.filas()]
    assert uno.id_publico in dicho
