"""Decisions that are undone, or come in a file or from a key; how people look at the queue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from afiliados.afiliado.services import actualizar_afiliado, suspender_afiliado
from afiliados.claves.selectors import manos_de_clave, manos_de_persona
from afiliados.claves.services import crear_clave, revocar_clave, rotar_clave
from afiliados.cuentas import services as cuentas
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.actores import Actor, clave, persona
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision import avance, en_masa, services, vistas
from comisiones.revision.estados import AccionEnMasa
from comisiones.revision.examen import por_que_no, ya_esta
from comisiones.revision.fichero import (
    confirmar_fichero,
    olvidar_ficheros,
    por_que_no_confirma,
    subir_fichero,
)
from comisiones.revision.models import VistaGuardada
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


@pytest.fixture
def jefa(relato: Relato) -> Actor:
    return persona(User.objects.create(pk=7001, username="j", is_staff=True, is_superuser=True).pk)


def test_deshacer(relato: Relato) -> None:
    """An approval undone twice, by a code and in words; refused by what one sees, and by a
    payment."""
    una, cerrada = fabricas.comision(valor="100.10"), fabricas.comision(valor="0.01")
    relato.empezar()

    def deshacer(**datos: Any) -> Any:
        return services.devolver_comision(comision=una, **{"actor": LUIS, **datos})

    relato.paso("Se aprueba", lambda: services.aprobar_comision(comision=una, actor=ANA, vista=1))
    relato.paso("Sin motivo no", deshacer)
    relato.paso("Ni de uno que no hay", lambda: deshacer(motivo="x", motivo_codigo="otro"))
    relato.paso("Ni de lo que ya cambió", lambda: deshacer(motivo="x", vista=1))
    relato.paso(
        "Se deshace", lambda: deshacer(motivo=" ojo ", motivo_codigo="disputa_marca", vista=2)
    )
    relato.paso(
        "Se aprueba otra vez", lambda: services.aprobar_comision(comision=una, actor=ANA, vista=3)
    )
    relato.paso("Se deshace otra vez", lambda: deshacer(motivo=" ojo "))
    relato.paso(
        "Se retiene por un código",
        lambda: services.retener_comision(
            comision=una, actor=ANA, motivo="  ", motivo_codigo="fraude", vista=5
        ),
    )
    relato.paso(
        "Retenida no se retiene",
        lambda: services.retener_comision(comision=una, actor=ANA, motivo="x"),
    )
    for que, hacer in (
        ("libera", services.liberar_comision), ("rechaza", services.rechazar_comision),
    ):  # fmt: skip
        relato.paso(
            f"Ni se {que} lo que cambió",
            lambda hacer=hacer: hacer(comision=una, actor=ANA, motivo="x", vista=5),
        )
    relato.paso("Se libera", lambda: services.liberar_comision(comision=una, actor=ANA, vista=6))
    relato.paso("Y se aprueba", lambda: services.aprobar_comision(comision=una, actor=ANA))
    programar_pagos(comisiones_ids=[una.id_publico], actor=PRUEBAS)
    relato.empezar()
    relato.paso("En un pago no", lambda: deshacer(motivo="x"))
    relato.paso("Una de nada", lambda: services.aprobar_comision(comision=cerrada, actor=ANA))
    relato.paso(
        "Cerrada no",
        lambda: services.devolver_comision(comision=cerrada, actor=LUIS, motivo="x"),
    )


def test_por_clave(relato: Relato, settings: Any) -> None:
    """Up to the limits of a sale and of a day, with the other keys of its holder, by currency."""
    settings.APROBACION_CLAVE_POR_VENTA = {"USD": D("10.01")}
    settings.APROBACION_CLAVE_POR_DIA = {"USD": D("15.02"), "EUR": D("1")}
    en, euros = fabricas.campana(), fabricas.campana(moneda="EUR")
    de = fabricas.afiliado()
    ventas = [
        fabricas.comision(de=de, en=en, valor=v) for v in ("100.20", "100.10", "50.20", "50.10")
    ]
    en_euros = fabricas.comision(de=de, en=euros, valor="5")
    suya = crear_clave(
        nombre="a", titular="Tienda", alcances=["comisiones:aprobar"], actor=PRUEBAS
    )[0]  # fmt: skip
    otra = rotar_clave(clave=suya, actor=PRUEBAS, expira_anterior_en=fabricas.hace(days=-1))[0]
    ajena = crear_clave(
        nombre="b", titular="Otra", alcances=["comisiones:aprobar"], actor=PRUEBAS
    )[0]  # fmt: skip
    relato.empezar()

    def aprobar(cual: Comision, con: Any) -> None:
        services.aprobar_comision(comision=cual, actor=clave(con.id_clave))

    relato.paso("Una pasa de lo que aprueba", lambda: aprobar(ventas[0], suya))
    relato.paso("Justo", lambda: aprobar(ventas[1], suya))
    relato.paso("De esta moneda, ninguna", lambda: aprobar(en_euros, suya))
    relato.paso("Un céntimo de más en el día", lambda: aprobar(ventas[2], otra))
    relato.paso("De otro titular sí", lambda: aprobar(ventas[2], ajena))
    relato.paso("Justo en el día", lambda: aprobar(ventas[3], otra))
    settings.APROBACION_CLAVE_POR_VENTA = None
    relato.paso("Nada más hoy", lambda: aprobar(ventas[0], suya))
    relato.paso("En euros, lo del día", lambda: aprobar(en_euros, suya))
    relato.paso("A medianoche, otra vez", lambda: aprobar(ventas[0], otra), segundos=15 * 3600)


def test_manos_de_una_clave(relato: Relato) -> None:
    """Who made one or rotated it, and nobody who only revoked it."""
    leer = ["comisiones:aprobar"]
    hecha = crear_clave(nombre="a", titular="Una", alcances=leer, actor=ANA)[0]
    ajena = crear_clave(nombre="b", titular="Otra", alcances=leer, actor=PRUEBAS)[0]
    rotada = rotar_clave(clave=hecha, actor=LUIS, expira_anterior_en=fabricas.hace(days=-1))[0]
    revocar_clave(clave=ajena, actor=OTRA)
    for quien in (ANA, LUIS, OTRA):
        relato.dice(f"{quien}", sorted(manos_de_persona(quien.id)))
    for suya in (hecha, rotada, ajena):
        relato.dice(f"{suya.titular}", sorted(manos_de_clave(suya.id_clave)))


CABECERA = "comision_id,referencia_externa,decision,motivo_codigo,nota"


def test_fichero_de_decisiones(relato: Relato, jefa: Actor) -> None:
    """What each line does, or why it does nothing; looked at anew; confirmed once; forgotten."""
    en, de = fabricas.campana(), fabricas.afiliado()
    otra_campana = fabricas.campana()
    una, otra, tercera, hecha, _dudosa = (
        fabricas.comision(en=en, de=de, valor=str(100 * n), referencia_externa=f"p-{n}")
        for n in (1, 2, 3, 4, 5)
    )
    for campana in (en, otra_campana):
        fabricas.comision(en=campana, de=de, referencia_externa="dos")
    euros = fabricas.comision(
        en=fabricas.campana(moneda="EUR"), de=de, valor="7", referencia_externa="e"
    )
    parada = fabricas.comision(de=fabricas.afiliado(email="p@example.com"), valor="9")
    suspender_afiliado(afiliado=parada.afiliado, actor=ANA, motivo="x")
    services.aprobar_comision(comision=hecha, actor=ANA)
    relato.empezar()
    filas = [
        ",e,aprobar,,",
        f"{una.id_publico},no-se-mira,aprobar,,",
        ",p-2,RECHAZAR,articulo_devuelto, Llegó roto ",
        f"{tercera.id_publico},,rechazar,fraude,",
        ",p-3,rechazar,prueba,",
        ",p-4,aprobar,,",
        ",p-4,rechazar,fraude,",
        ",p-5,aprobar,,",
        ",p-5,rechazar,fraude,",
        ",dos,aprobar,,",
        ",nadie,aprobar,,",
        ",p-1,aprobar,,",
        ",None,aprobar,,",
        f"{parada.id_publico},,aprobar,,",
        ",x,,,",
        ",x,corregir,,",
        ",x,otra,,",
        ",,aprobar,,",
        ",x,aprobar,nada,",
        ",x,rechazar,,",
        f",x,rechazar,fraude,{'n' * 501}",
        ",x,aprobar,,,sobra",
    ]

    def subir(*cuales: str, actor: Actor = jefa) -> Any:
        contenido = "\r\n".join([CABECERA, *cuales]).encode()
        return subir_fichero(contenido=contenido, nombre="marzo.csv", actor=actor)

    relato.paso("Se sube", lambda: subir(*filas))
    fichero = relato.paso("Otra vez, se mira de nuevo", lambda: subir(*filas))
    assert fichero is not None
    relato.dice("por qué no", [por_que_no_confirma(fichero, quien) for quien in (jefa, ANA)])
    relato.paso("Otra no lo confirma", lambda: confirmar_fichero(fichero=fichero, actor=ANA))
    relato.paso("Se confirma", lambda: confirmar_fichero(fichero=fichero, actor=jefa))
    relato.paso("Y no otra vez", lambda: confirmar_fichero(fichero=fichero, actor=jefa))
    relato.paso("Ni se sube", lambda: subir(*filas))
    services.retener_comision(comision=otra, actor=ANA, motivo="duda")
    relato.empezar()
    for decision in fichero.decisiones.order_by("pk"):
        relato.paso(
            "Se hace", lambda pk=decision.pk: avance.avanzar_decision(decision_pk=pk)
        )  # fmt: skip
    contradicho = [f"{euros.id_publico},,aprobar,,", ",e,rechazar,fraude,"]
    nada = relato.paso("No decide nada", lambda: subir(*contradicho))
    assert nada is not None
    relato.paso("Ni se confirma", lambda: confirmar_fichero(fichero=nada, actor=jefa))
    dejado = relato.paso("Otro", lambda: subir(",dos,aprobar,,", ",p-9,aprobar,,"))
    assert dejado is not None
    dia = 24 * 3600
    relato.paso(
        "A un día justo del primero", lambda: relato.dice("n", olvidar_ficheros()),
        segundos=dia - 120,
    )  # fmt: skip
    relato.paso("Un segundo más", lambda: relato.dice("n", olvidar_ficheros()), segundos=1)
    relato.paso("Y el otro, después", lambda: relato.dice("n", olvidar_ficheros()), segundos=120)


def test_correccion_por_fichero(relato: Relato, jefa: Actor) -> None:
    """What a sale loses: seen, confirmed, written once, and followed by its commission."""
    en, de = fabricas.campana(), fabricas.afiliado()
    una, otra = (
        fabricas.comision(en=en, de=de, valor="200", referencia_externa=f"c-{n}") for n in (1, 2)
    )
    services.aprobar_comision(comision=una, actor=ANA)
    relato.empezar()
    filas = [
        ",c-1,corregir,pedido_actualizado,Quitó uno,150",
        ",c-2,corregir,error_pedido,,10",
        f"{otra.id_publico},,corregir,error_pedido,,10",
        ",c-1,corregir,pedido_actualizado,Quitó uno,150",
        ",c-3,corregir,fraude,,1",
    ]
    contenido = "\r\n".join([f"{CABECERA},valor_nuevo", *filas]).encode()
    fichero = relato.paso(
        "Se sube", lambda: subir_fichero(contenido=contenido, nombre="abril.csv", actor=jefa)
    )
    assert fichero is not None
    relato.paso("Se confirma", lambda: confirmar_fichero(fichero=fichero, actor=jefa))
    [decision] = fichero.decisiones.all()
    devolver(conversion=otra.conversion, datos=Devolucion(id_externo="d", monto=D(1)), actor=LUIS)
    relato.empezar()
    relato.paso("Se hace", lambda: avance.avanzar_decision(decision_pk=decision.pk))
    ids = [una.conversion.id_publico]
    relato.paso("Su comisión", lambda: aplicar_devoluciones(conversiones_ids=ids, actor=PRUEBAS))


def test_vistas(relato: Relato, monkeypatch: Any) -> None:
    """Kept, written over, of each person; so many; forgotten."""
    monkeypatch.setattr(vistas, "LIMITE", 2)

    def guardar(nombre: str, filtro: str = "a=1", *, todos: bool = False, de: Actor = ANA) -> Any:
        return vistas.guardar_vista(nombre=nombre, filtro=filtro, compartida=todos, actor=de)

    relato.empezar()
    una = relato.paso("Una", lambda: guardar("  Las mías "))
    relato.paso("La misma, de otra manera", lambda: guardar("Las mías", "b=2", todos=True))
    relato.paso("De otra persona", lambda: guardar("Las mías", de=LUIS))
    relato.paso("Otra", lambda: guardar("x" * 60, "f" * 1000))
    relato.paso("Una de más", lambda: guardar("tercera"))
    relato.paso("Sobre una sí", lambda: guardar("Las mías"))
    relato.paso("Sin nombre no", lambda: guardar("  "))
    relato.paso("Larga no", lambda: guardar("x" * 61))
    relato.paso("Ni de filtro largo", lambda: guardar("y", "f" * 1001))
    VistaGuardada.objects.filter(creada_por=str(LUIS)).update(compartida=True)
    for quien in (ANA, LUIS, OTRA):
        suyas = vistas.vistas_de(quien).order_by("pk").values_list("creada_por", "nombre")
        relato.dice(str(quien), [list(v) for v in suyas])
    relato.empezar()
    relato.paso("Se quita", lambda: vistas.quitar_vista(vista=una, actor=LUIS))
    relato.paso("Otra vez, nada", lambda: vistas.quitar_vista(vista=una, actor=LUIS))


def test_lo_que_no_se_decide(relato: Relato, jefa: Actor) -> None:
    """Of many at once: what is there already, and what a rule refuses."""
    en, de = fabricas.campana(), fabricas.afiliado()
    pagada = fabricas.aprobada(en=en, de=de)
    comisiones = [
        fabricas.comision(de=fabricas.afiliado_sin_tarifa(email="s@example.com"), en=en),
        fabricas.comision(en=en, de=de),
        fabricas.aprobada(en=en, de=de),
        pagada,
        services.rechazar_comision(
            comision=fabricas.comision(en=en, de=de), actor=ANA, motivo="no"
        ),
    ]
    programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    # A correction is of the sale.
    for accion in (a for a in AccionEnMasa if a != AccionEnMasa.CORREGIR):
        for comision in comisiones:
            comision.refresh_from_db()
            relato.dice(
                f"{accion.value} una {comision.estado}",
                [ya_esta(comision, accion), por_que_no(comision, accion, jefa, ajena=False)],
            )


def test_quien_decide(relato: Relato) -> None:
    """Of the staff, active and with the permission of each decision."""
    permisos = Permission.objects.filter(content_type__app_label="comisiones")
    de = {
        "aprueba": ({"is_staff": True}, ["aprobar_comision"]),
        "rechaza": ({"is_staff": True}, ["rechazar_comision"]),
        "jefa": ({"is_staff": True, "is_superuser": True}, []),
        "nada": ({"is_staff": True}, []),
        "fuera": ({"is_superuser": True}, []),
        "inactiva": ({"is_staff": True, "is_superuser": True, "is_active": False}, []),
    }
    for nombre, (datos, suyos) in de.items():
        usuario = User.objects.create(username=nombre, **datos)
        usuario.user_permissions.set(permisos.filter(codename__in=suyos))
        relato.dice(nombre, _lo_que_decide(persona(usuario.pk)))
    for quien in (persona(0), clave("abc"), PRUEBAS, Actor("persona", "x")):
        relato.dice("otro", _lo_que_decide(quien))


def _lo_que_decide(actor: Actor) -> list[str]:
    acciones = (*AccionEnMasa.values, "otra")
    return [accion for accion in acciones if en_masa.puede_decidir(actor, accion)]


def test_quien_confirma_una_cuenta(relato: Relato, settings: Any) -> None:
    """Not who changed where its owner is told of it, from so long before it was saved."""
    settings.CUENTA_HORAS_ESPERA = 2
    de, otra = fabricas.afiliado(), fabricas.afiliado(email="o@example.com")

    def actualizar(quien: Actor, afiliado: Any, **cambios: Any) -> None:
        relato._reloj.shift(1)
        actualizar_afiliado(afiliado=afiliado, cambios=cambios, actor=quien)

    antes, justo, ajena, nombre = (persona(n) for n in range(201, 205))
    actualizar(antes, de, email="antes@example.com")
    actualizar(justo, de, email="justo@example.com")
    actualizar(ajena, otra, email="otra@example.com")
    actualizar(nombre, de, nombre="Ada B")
    relato._reloj.shift(2 * 3600 - 2)
    cuenta = cuentas.guardar_cuenta(
        afiliado=de, titular="Ada", iban="ES9121000418450200051332", actor=LUIS
    )  # fmt: skip
    cuenta = CuentaBancaria.objects.get(pk=cuenta.pk)
    for quien in (antes, justo, ajena, nombre, LUIS, ANA):
        relato.dice(f"{quien}", cuentas.por_que_no_confirma(cuenta, quien))
    relato.dice("por SEPA", cuentas.iban_de(cuenta)[-4:])
    relato.dice("por Stripe", cuentas.cuenta_stripe_de(cuenta))
