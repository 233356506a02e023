"""The demo programme of ``make run``: data to look at, a user and keys to look with.

Secrets are random and exist only in the git-ignored ``test_data_ids.json``.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado, TipoAfiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI
from afiliados.claves.services import crear_clave, revocar_clave, texto_de_prueba
from alpespartner.comun.actores import persona
from alpespartner.comun.roles import TESORERIA
from alpespartner.operacion.errores import DemoImposible
from alpespartner.operacion.siembra import ACTOR, asegurar_programa, campana_fija
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.models import LotePago
from comisiones.pagos.pasarelas.interfaz import pasarela_configurada
from comisiones.revision.services import aprobar_comision, rechazar_comision
from conversiones.campanas.models import Campana
from conversiones.campanas.services import actualizar_campana
from conversiones.rastreo.services import crear_cupon, crear_enlace
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion, registrar_conversion
from outbox.transportes.embebido import drenar

USUARIO = "demo"
SEGUNDA = "tesoreria"
# Each its own holder: whoever is paid for a sale approves no commission of it.
_TIENDA = "Tienda de demostración"
_AFILIADA = "Lucía Quispe"
# Of both, once.
_ANTERIOR = "Demostración"
_REFERENCIA = "demo-lucia"
# Where its links lead to: a shop that is nobody's.
_PAGINA = "https://tienda.example/"
_ENLACE, _CUPON = "lucia", "LUCIA10"
_ESPERA_CONSUMIDORES = 60.0

# (reference, name, type, base %, premium %, active)
_AFILIADOS = (
    (_REFERENCIA, "Lucía Quispe", TipoAfiliado.PREMIUM, "15", "20", True),
    ("demo-mateo", "Mateo Rojas", TipoAfiliado.ESTANDAR, "12.5", None, True),
    ("demo-camila", "Camila Ibarra", TipoAfiliado.ESTANDAR, None, None, True),
    ("demo-tomas", "Tomás Herrera", TipoAfiliado.PREMIUM, "10", "18", True),
    ("demo-renata", "Renata Pardo", TipoAfiliado.ESTANDAR, "8", None, False),
)
_VALORES = ("120.00", "89.90", "1450.00", "35.50", "640.25", "999.99", "215.00", "78.40")


def preparar_demo(*, archivo: Path, base_url: str) -> dict[str, Any]:
    """Make the demo once; later runs only give back what ``archivo`` says.

    Raises :class:`DemoImposible` without the demo setting.
    """
    if not settings.DEMO:
        raise DemoImposible("La demostración solo existe con ALPES_DEMO=1 (lo pone `make run`).")
    guardado = _leer(archivo)
    if guardado is not None:
        if guardado["base_url"] != base_url or "prueba" not in guardado["claves"]:
            guardado["base_url"] = base_url
            guardado["claves"].setdefault("prueba", texto_de_prueba())
            _escribir(archivo, guardado)
        return guardado
    if not Afiliado.objects.filter(referencia_externa=_REFERENCIA).exists():
        _sembrar(timezone.now())
    _entregar()
    if not Comision.objects.filter(estado=EstadoComision.RECHAZADA).exists():
        _revisar()
    segunda = _segunda_persona()
    if not LotePago.objects.exists():
        _dejar_un_lote()
    datos = {
        "base_url": base_url,
        "staff": {"usuario": USUARIO, "clave": _contrasena(_usuario_demo())},
        "segunda_persona": {"usuario": SEGUNDA, "clave": _contrasena(segunda)},
        "claves": _claves(),
        "afiliados": _ids(Afiliado),
        "campanas": _ids(Campana),
        "conversiones": _ids(Conversion),
        "comisiones": _ids(Comision),
        "lotes": _ids(LotePago),
    }
    _escribir(archivo, datos)
    return datos


def _leer(archivo: Path) -> dict[str, Any] | None:
    """What an earlier run wrote, unless it belongs to another database."""
    try:
        datos: dict[str, Any] = json.loads(archivo.read_text())
        afiliado = datos["afiliados"][0]
        datos["segunda_persona"]
    except (OSError, ValueError, KeyError, IndexError):
        return None
    return datos if Afiliado.objects.filter(id_publico=afiliado).exists() else None


def _escribir(archivo: Path, datos: dict[str, Any]) -> None:
    temporal = archivo.with_suffix(".tmp")
    descriptor = os.open(temporal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as salida:
        json.dump(datos, salida, indent=2)
        salida.write("\n")
    temporal.replace(archivo)


def _ids(modelo: Any) -> list[str]:
    return list(modelo.objects.order_by("pk").values_list("id_publico", flat=True)[:100])


def _usuario_demo() -> Any:
    return get_user_model().objects.get_or_create(
        username=USUARIO, defaults={"is_staff": True, "is_superuser": True}
    )[0]


def _segunda_persona() -> Any:
    """Somebody of the treasury, who may release what the demo user prepared."""
    usuario = get_user_model().objects.get_or_create(username=SEGUNDA, defaults={"is_staff": True})[
        0
    ]
    usuario.groups.set([Group.objects.get(name=TESORERIA)])
    return usuario


def _contrasena(usuario: Any) -> str:
    """A new password."""
    contrasena = secrets.token_urlsafe(12)
    usuario.set_password(contrasena)
    usuario.save(update_fields=["password"])
    return contrasena


def _claves() -> dict[str, str]:
    """New keys; the ones of a lost file stop working."""
    for clave in ClaveAPI.objects.filter(
        titular__in=(_TIENDA, _AFILIADA, _ANTERIOR), revocada_en=None
    ):
        revocar_clave(clave=clave, actor=ACTOR)
    integracion = crear_clave(
        nombre="Integración de demostración",
        titular=_TIENDA,
        alcances=Alcance.values,
        actor=ACTOR,
    )[1]
    afiliado = crear_clave(
        nombre="Clave de Lucía Quispe",
        titular=_AFILIADA,
        alcances=ALCANCES_DE_AFILIADO,
        afiliado=Afiliado.objects.get(referencia_externa=_REFERENCIA),
        actor=ACTOR,
    )[1]
    # The sandbox takes it when it starts: it may not be there yet.
    return {"integracion": integracion, "afiliado": afiliado, "prueba": texto_de_prueba()}


def _sembrar(ahora: datetime) -> None:
    general = asegurar_programa(ahora)
    andes = _campana_andes(ahora)
    afiliados = [
        registrar_afiliado(
            datos=NuevoAfiliado(
                referencia_externa=referencia,
                nombre=nombre,
                email=f"{referencia}@ejemplo.test",
                tipo_afiliado=tipo,
                comision_base=None if base is None else Decimal(base),
                comision_premium=None if premium is None else Decimal(premium),
            ),
            actor=ACTOR,
            activo=activo,
        )
        for referencia, nombre, tipo, base, premium, activo in _AFILIADOS
    ]
    actualizar_campana(campana=general, cambios={"pagina": _PAGINA}, actor=ACTOR)
    crear_enlace(afiliado=afiliados[0], campana=general, codigo=_ENLACE, actor=ACTOR)
    crear_cupon(afiliado=afiliados[0], codigo=_CUPON, actor=ACTOR)
    for n in range(40):
        en_andes = n % 4 == 3
        valor = Decimal(_VALORES[n % len(_VALORES)])
        registrar_conversion(
            datos=NuevaConversion(
                afiliado=afiliados[n % len(afiliados)],
                campana=andes if en_andes else general,
                # A price in pesos, not dollars.
                valor=valor * 4000 if en_andes else valor,
                referencia_externa=f"demo-{n + 1:03}",
                ocurrida_en=ahora - timedelta(hours=9 * n + 1),
                canal_origen=("blog", "boletin", "video")[n % 3],
            ),
            actor=ACTOR,
        )


def _entregar() -> None:
    """Let the consumers react to what was sown: ours here, or those that Pulsar feeds."""
    if settings.EVENTOS_TRANSPORTE == "embebido":
        drenar()
        return
    limite = time.monotonic() + _ESPERA_CONSUMIDORES
    while Conversion.objects.filter(
        referencia_externa__startswith="demo-", comisiones=None
    ).exists():
        if time.monotonic() > limite:
            raise DemoImposible("El consumidor «comisiones» no responde: ¿está en marcha?")
        time.sleep(0.2)


def _campana_andes(ahora: datetime) -> Campana:
    return campana_fija(
        datos={
            "nombre": "Lanzamiento Andes",
            "moneda": "COP",
            "inicia_en": ahora - timedelta(days=60),
            "dias_retencion": 15,
            "presupuesto": Decimal(1_000_000),
        },
        regla="Fija por venta en Andes",
        monto=Decimal(25_000),
        actor=ACTOR,
    )


def _revisar() -> None:
    """Some reviewed commissions, so that every screen has something to show."""
    usuario = _usuario_demo()
    pendientes = list(Comision.objects.filter(estado="pendiente").order_by("id")[:6])
    for comision in pendientes[:5]:
        aprobar_comision(comision=comision, actor=persona(usuario.pk))
    rechazar_comision(
        comision=pendientes[5], actor=persona(usuario.pk), motivo="Venta cancelada por el cliente."
    )
    _entregar()


def _dejar_un_lote() -> None:
    """A batch that waits for a second person to release it, as money leaves outside the demo.

    All in one transaction: nobody pays the approved ones before the batch has them.
    """
    demo = persona(_usuario_demo().pk)
    pendientes = Comision.objects.filter(
        estado=EstadoComision.PENDIENTE, moneda="USD", madura_en__lte=timezone.now(), monto__gt=0
    ).order_by("-id")
    with transaction.atomic():
        for comision in pendientes[:4]:
            aprobar_comision(comision=comision, actor=demo)
        lote = proponer_lote(moneda="USD", actor=demo, pasarela=pasarela_configurada().nombre)
        congelar_lote(lote=lote, actor=demo)
    _entregar()
