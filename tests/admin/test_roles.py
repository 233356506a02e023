"""Who may do what: every action × every role, on the server and on the page."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from afiliados.afiliado.services import suspender_afiliado
from afiliados.claves.services import crear_clave
from alpespartner.comun.actores import persona
from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.models import Propuesta
from comisiones.models import DecisionEnMasa
from comisiones.notificaciones.models import Notificacion
from comisiones.revision.en_masa import confirmar_decision
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.services import crear_campana
from conversiones.ventas.services import validar_conversion
from tests.admin.conftest import PRUEBA, ROLES
from tests.comisiones.revision.mesa import elegir, jefa

pytestmark = pytest.mark.una_base
# Action: (page, name, role that may besides the superuser)
ACCIONES = [
    ("afiliados_afiliado", "activar", "Revisión"),
    ("afiliados_afiliado", "rechazar", "Revisión"),
    ("afiliados_afiliado", "suspender", "Revisión"),
    ("afiliados_afiliado", "reactivar", "Revisión"),
    ("afiliados_afiliado", "bloquear", "Revisión"),
    ("conversiones_campana", "activar", None),
    ("conversiones_campana", "predeterminar", None),
    ("conversiones_conversion", "validar", "Revisión"),
    ("conversiones_conversion", "rechazar", "Revisión"),
    ("conversiones_conversion", "rechazar_validada", "Revisión"),
    ("comisiones_comision", "aprobar", "Revisión"),
    ("comisiones_comision", "rechazar", "Revisión"),
    ("comisiones_comision", "retener", "Revisión"),
    ("comisiones_comision", "liberar", "Revisión"),
    ("comisiones_comision", "devolver", "Revisión"),
    ("comisiones_pago", "reintentar", "Tesorería"),
    ("comisiones_pago", "anular", "Tesorería"),
    ("comisiones_pago", "confirmar", "Tesorería"),
    ("comisiones_pago", "descartar", "Tesorería"),
    ("comisiones_notificacion", "reenviar", "Revisión"),
    ("comisiones_lotepago", "congelar", "Tesorería"),
    ("comisiones_lotepago", "rehacer", "Tesorería"),
    ("comisiones_lotepago", "descartar", "Tesorería"),
    ("comisiones_lotepago", "liberar", "Tesorería"),
    ("comisiones_lotepago", "devolver", "Tesorería"),
    ("comisiones_lotepago", "cerrar", "Tesorería"),
    ("comisiones_lotepago", "reintentar", "Tesorería"),
    ("comisiones_decisionenmasa", "detener", "Revisión"),
    ("outbox_eventoaparcado", "reencolar", "Tesorería"),
    ("afiliados_claveapi", "revocar", None),
]


# What another person has to confirm before it changes anything.
PROPONEN = {
    ("conversiones_campana", "predeterminar"),
    ("comisiones_pago", "descartar"),
    ("afiliados_claveapi", "revocar"),
}


def _objeto(programa, pagina: str, accion: str):
    match pagina, accion:
        case "afiliados_afiliado", ("activar" | "rechazar"):
            return programa.nuevo_afiliado("Nueva", activo=False)
        case "afiliados_afiliado", "reactivar":
            return suspender_afiliado(afiliado=programa.afiliado, actor=PRUEBA, motivo="m")
        case "afiliados_afiliado", _:
            return programa.afiliado
        case "conversiones_campana", _:
            return crear_campana(datos={"nombre": "Otra", "moneda": "USD"}, actor=PRUEBA)
        case "conversiones_conversion", "rechazar_validada":
            return validar_conversion(conversion=programa.ventas(1)[0].conversion, actor=PRUEBA)
        case "conversiones_conversion", _:
            return programa.ventas(1)[0].conversion
        case "comisiones_comision", "liberar":
            return programa.ventas(1, programa.nuevo_afiliado("Nueva", activo=False))[0]
        case "comisiones_comision", "devolver":
            return aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
        case "comisiones_comision", _:
            return programa.ventas(1)[0]
        case "comisiones_decisionenmasa", _:
            return confirmar_decision(decision=elegir(programa.ventas(1)), actor=jefa())
        case "comisiones_notificacion", _:
            return Notificacion.objects.create(
                evento_id=nuevo_uuid7(), afiliado=programa.afiliado, clase="pago", asunto="a",
                cuerpo="c", estado="fallida",
            )  # fmt: skip
        case "comisiones_lotepago", _:
            return programa.lote(accion)
        case "comisiones_pago", ("confirmar" | "descartar"):
            return programa.pago("incierto")
        case "comisiones_pago", "anular":
            return programa.pago("listo")
        case "comisiones_pago", _:
            return programa.pago("fallido")
        case "afiliados_claveapi", _:
            return crear_clave(nombre="n", titular="t", alcances=["afiliados:leer"], actor=PRUEBA)[
                0
            ]
        case _:
            return programa.aparcado()


def _foto(objeto) -> dict:
    type(objeto).objects.get(pk=objeto.pk)
    return type(objeto).objects.filter(pk=objeto.pk).values().get()


@pytest.mark.lento
@pytest.mark.parametrize(("pagina", "accion", "permitido"), ACCIONES)
def test_rol_por_accion(programa, de_rol, admin, pagina, accion, permitido):
    objeto = _objeto(programa, pagina, accion)
    for rol in ("", *ROLES, "superusuario"):
        cliente = admin if rol == "superusuario" else de_rol(rol)
        # Each finds it as it was.
        with transaction.atomic():
            _pedirla(cliente, objeto, pagina, accion, rol in (permitido, "superusuario"))
            transaction.set_rollback(True)


def _pedirla(cliente, objeto, pagina, accion, puede):
    url = reverse(f"admin:{pagina}_accion", args=[objeto.pk, accion])
    antes = _foto(objeto)
    ficha = reverse(f"admin:{pagina}_change", args=[objeto.pk])
    vista = cliente.get(ficha)
    if vista.status_code == 200:
        assert (url in vista.content.decode()) is puede
    respuesta = cliente.post(url, {"motivo": "porque sí", "motivo_codigo": "fraude"})
    assert respuesta.status_code == (302 if puede else 403)
    if (pagina, accion) == ("comisiones_pago", "reintentar"):
        assert (type(objeto).objects.count() == 2) is puede
    elif (pagina, accion) in PROPONEN:
        assert Propuesta.objects.exists() is puede
    else:
        assert (_foto(objeto) != antes) is puede


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_publicar_y_crear_claves_es_de_quien_administra(programa, de_rol, rol):
    cliente = de_rol(rol)
    url = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    assert cliente.get(url).status_code == 403
    assert cliente.post(url, {"tipo": "porcentual", "porcentaje": "5"}).status_code == 403
    assert cliente.post(reverse("admin:afiliados_claveapi_add"), {"nombre": "x"}).status_code == 403
    assert programa.regla.versiones.count() == 1


@pytest.mark.parametrize("accion", ["aprobar", "rechazar", "retener"])
@pytest.mark.parametrize("rol", ["", "Tesorería", "Consulta"])
def test_sin_permiso_no_hay_en_masa(programa, de_rol, rol, accion):
    comision = programa.ventas(1)[0]
    cliente = de_rol(rol)
    lista = reverse("admin:comisiones_comision_changelist")
    cliente.post(lista, {"action": f"{accion}_varias", "_selected_action": [comision.pk]})
    assert not DecisionEnMasa.objects.exists()
    # One that they selected while they could.
    suya = elegir([comision], accion, persona(cliente.session["_auth_user_id"]))
    url = reverse("admin:comisiones_decisionenmasa_accion", args=[suya.pk, accion])
    assert cliente.post(url, {"motivo": "x"}).status_code == 403
    suya.refresh_from_db()
    comision.refresh_from_db()
    assert (suya.estado, comision.estado) == ("por_confirmar", "pendiente")


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_cada_rol_ve_un_inicio(de_rol, programa, rol):
    respuesta = de_rol(rol).get(reverse("admin:index"))
    assert respuesta.status_code == 200
    assert bool(respuesta.context["tarjetas"]) is (rol in ("Revisión", "Tesorería"))
    assert ("ningún rol" in respuesta.content.decode()) is not bool(rol)


def test_quien_bloqueo_no_desbloquea(programa, de_rol, admin):
    revision = de_rol("Revisión")
    url = "admin:afiliados_afiliado_accion"
    pk = programa.afiliado.pk
    revision.post(reverse(url, args=[pk, "bloquear"]), {"motivo": "fraude"})
    # On a blocked affiliate the only way out is «desbloquear»: suspending would be a side door.
    revision.post(reverse(url, args=[pk, "suspender"]), {"motivo": "x"})
    revision.post(reverse(url, args=[pk, "desbloquear"]), {"motivo": "x"})
    programa.afiliado.refresh_from_db()
    assert programa.afiliado.estado == "bloqueado"
    admin.post(reverse(url, args=[pk, "desbloquear"]), {"motivo": "aclarado"})
    programa.afiliado.refresh_from_db()
    assert programa.afiliado.estado == "suspendido"
