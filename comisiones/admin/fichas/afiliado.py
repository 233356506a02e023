"""What the page of an affiliate shows of its sales, its money, its keys and its account."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from afiliados.admin.claves import situacion_de
from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.admin.fichas import Bloque, Cifra, Ficha, lista_de, registrar_ficha
from alpespartner.comun.admin.formato import enlace, importe, marca
from alpespartner.comun.formato import VACIO, fecha_y_hora
from comisiones.admin.fichas import ultimas
from comisiones.admin.fichas.codigos import codigos
from comisiones.admin.fichas.cuadros import poner_cuadros
from comisiones.contadores.meses import EnMoneda
from comisiones.contadores.tablas import AFILIADO
from comisiones.pagos.models import Pago


def _ficha(request: HttpRequest, afiliado: Afiliado) -> Ficha:
    filtro = f"afiliado__id__exact={afiliado.pk}"
    extracto = reverse("admin:comisiones_apunte_extracto", args=[afiliado.pk])

    def cifras(suyo: EnMoneda, ano: int) -> list[Cifra]:
        saldo = suyo.siempre.saldo
        pagado = suyo.del_ano(ano).pagado
        de_pagos = request.user.has_perm("comisiones.view_pago")
        return [
            Cifra(
                _("Le debemos") if saldo >= 0 else _("Nos debe"),
                importe(abs(saldo), suyo.moneda),
                extracto,
                _("Aprobado y ajustado, menos lo enviado.")
                if saldo >= 0
                else _("Se descuenta de lo próximo que gane."),
                alarma=saldo < 0,
            ),
            Cifra(
                _("Pagado en %(ano)s") % {"ano": ano},
                importe(pagado, suyo.moneda),
                lista_de(Pago, filtro) if de_pagos else "",
                _("Antes de retenciones."),
            ),
        ]

    ficha = Ficha()
    poner_cuadros(
        ficha, request, AFILIADO, afiliado.pk, cifras,
        lambda mes: f"{extracto}?mes={mes // 100:04}-{mes % 100:02}",
    )  # fmt: skip
    ficha.bloques = [
        *codigos(request, AFILIADO, afiliado.pk),
        *ultimas.ventas(request, filtro, "campana", afiliado=afiliado),
        *ultimas.inscripciones(request, filtro, "campana", afiliado=afiliado),
        *ultimas.enlaces(request, filtro, "campana", afiliado=afiliado),
        *ultimas.cupones(request, filtro, "campana", afiliado=afiliado),
        *ultimas.comisiones(request, filtro, "campana", afiliado=afiliado),
        *ultimas.pagos(request, filtro, afiliado=afiliado),
        *ultimas.ajustes(request, filtro, afiliado=afiliado),
        *ultimas.documentos(request, filtro, afiliado=afiliado),
        *_cuenta(request, afiliado, filtro),
        *_claves(request, afiliado, filtro),
    ]
    return ficha


def _cuenta(request: HttpRequest, afiliado: Afiliado, filtro: str) -> list[Bloque]:
    """Where it is paid, as its own page shows it: never the whole number."""
    if not request.user.has_perm("afiliados.view_cuentabancaria"):
        return []
    cuenta = CuentaBancaria.objects.filter(afiliado=afiliado).first()
    filas = []
    if cuenta is not None:
        situacion = (
            marca("bien", _("Se paga a ella"))
            if cuenta.utilizable
            else marca("aviso", _("Por confirmar") if cuenta.confirmada_en is None
                       else _("En espera"))
        )  # fmt: skip
        desde = fecha_y_hora(cuenta.utilizable_en)
        filas = [(enlace(cuenta), cuenta.titular, desde, situacion)]
    return [
        Bloque(
            _("Cuenta de cobro"),
            ((_("Cuenta"), False), (_("Titular"), False), (_("Se puede usar desde"), False),
             (_("Situación"), False)),
            filas,
            lista_de(CuentaBancaria, filtro),
            _("No tiene cuenta: no se le puede pagar por banco."), aparte=True,
        )
    ]  # fmt: skip


def _claves(request: HttpRequest, afiliado: Afiliado, filtro: str) -> list[Bloque]:
    return ultimas.bloque(
        request, "afiliados.view_claveapi", _("Claves de API"),
        ClaveAPI.objects.filter(afiliado=afiliado),
        ((_("Clave"), False), (_("Titular"), False), (_("Caduca"), False),
         (_("Situación"), False)),
        lambda c: (
            enlace(c, c.nombre), c.titular,
            fecha_y_hora(c.expira_en) if c.expira_en else VACIO, situacion_de(c),
        ),
        filtro, _("No tiene claves."), aparte=True,
    )  # fmt: skip


registrar_ficha(Afiliado, _ficha)
