"""The form that writes a version of a rule: what people type, as the engine's terms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from afiliados.afiliado.models import Afiliado, TipoAfiliado
from afiliados.afiliado.selectors import buscar_afiliado
from alpespartner.comun.admin.base import CifrasLlanas
from alpespartner.comun.admin.formato import opciones_de_moneda
from alpespartner.comun.admin.numeros import CampoNumero
from alpespartner.comun.cifras import leer_numero
from alpespartner.comun.dinero import DECIMALES, DIGITOS
from comisiones.motor import (
    MULTIPLICADORES_NIVEL,
    Base,
    Metrica,
    Modo,
    Periodo,
    Por,
    Suspendido,
)
from comisiones.motor.tipos import MAXIMO_MESES, MAXIMO_PAGOS, plano
from comisiones.reglas.models import TipoComision
from comisiones.reglas.services import MAX_NIVEL

# Blanks, or a comma that is no decimal: a name comes after it.
_SEPARADOR_DE_NIVELES = re.compile(r"[\s;]+|,(?=\s*[^\W\d])\s*")
_HEREDA = ("", _("Heredar"))
_NIVELES = " ".join(f"{nombre}={plano(factor)}" for nombre, factor in MULTIPLICADORES_NIVEL)


def _elegir(etiqueta: Any, opciones: Any, ayuda: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=etiqueta,
        choices=[_HEREDA, *opciones],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=ayuda,
    )


def _monto(etiqueta: Any, ayuda: Any = "") -> CampoNumero:
    return CampoNumero(
        label=etiqueta,
        required=False,
        max_digits=DIGITOS,
        decimal_places=DECIMALES,
        help_text=ayuda,
    )


def _cuantos(etiqueta: Any, ayuda: Any, limites: tuple[int, int]) -> forms.IntegerField:
    return forms.IntegerField(
        label=etiqueta,
        required=False,
        min_value=limites[0],
        max_value=limites[1],
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=ayuda,
    )


class VersionForm(CifrasLlanas, forms.Form):
    """Terms to publish. An empty field inherits from more general rules; 0 is zero."""

    tipo = forms.ChoiceField(
        label=_("Tipo"), choices=TipoComision.choices, widget=UnfoldAdminSelectWidget
    )
    porcentaje = CampoNumero(
        label=_("Porcentaje"),
        required=False,
        max_digits=7,
        decimal_places=4,
        help_text=_("15 significa 15 %. Si es un porcentaje, solo o con un importe fijo."),
    )
    monto_fijo = _monto(_("Importe fijo"), _("Si es un importe fijo, solo o con un porcentaje."))
    por = _elegir(
        _("El importe fijo se paga"), [(Por.ORDEN, _("Por venta")), (Por.ITEM, _("Por artículo"))]
    )
    moneda = forms.ChoiceField(
        label=_("Moneda"),
        required=False,
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("De los importes: con ellos, la regla vale solo para ventas en esa moneda."),
    )
    modo = _elegir(
        _("Los tramos pagan"),
        [
            (Modo.GRADUADA, _("Cada uno lo suyo (graduada)")),
            (Modo.COMPLETA, _("Todo al tramo alcanzado (completa)")),
        ],
    )
    metrica = _elegir(
        _("El tramo lo decide"),
        [(Metrica.VALOR, _("El valor vendido")), (Metrica.CANTIDAD, _("Los artículos vendidos"))],
    )
    periodo = _elegir(
        _("Se acumula"),
        [
            (Periodo.ORDEN, _("En cada venta")),
            (Periodo.DIA, _("En el día")),
            (Periodo.SEMANA, _("En la semana")),
            (Periodo.MES, _("En el mes")),
            (Periodo.TOTAL, _("Siempre")),
        ],
    )
    zona_horaria = forms.CharField(
        label=_("Zona horaria"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("De los periodos, como America/Bogota. Vacía: UTC."),
    )
    tramos = forms.CharField(
        label=_("Tramos"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "Uno por línea: desde; hasta; porcentaje; importe fijo. Por ejemplo «0; 1000; 10» y"
            " «1000; ; 15». El último no tiene hasta."
        ),
    )
    minimo = _monto(_("Mínimo por comisión"))
    tope = _monto(_("Tope por comisión"))
    base = _elegir(
        _("Base"),
        [
            (Base.BRUTO, _("Valor de la venta")),
            (Base.NETO, _("Sin impuestos, envío ni descuentos")),
        ],
    )
    multiplicadores = forms.CharField(
        label=_("Multiplicadores por nivel"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Como «%(ejemplo)s».") % {"ejemplo": _NIVELES},
    )
    topes_gasto = forms.CharField(
        label=_("Topes de gasto"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Lo más que se gasta por afiliado o campaña y periodo: «afiliado mes 500; campana"
            " total 10000»."
        ),
    )
    duracion_meses = _cuantos(
        _("Meses que gana cada cliente"),
        _("Desde su primera venta. 0: solo gana la primera. Vacío: se hereda, o sin límite."),
        (0, MAXIMO_MESES),
    )
    max_pagos = _cuantos(
        _("Ventas de cada cliente que ganan"),
        _("Como mucho, con la primera. Vacío: se hereda, o sin límite."),
        (1, MAXIMO_PAGOS),
    )
    porcentajes_red = forms.CharField(
        label=_("Porcentajes de la red"),
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "De la base de la venta, desde el referente de quien vende: «10; 5». Vacío: la red no"
            " paga. Solo para el tipo «Red de referentes»."
        ),
    )
    tope_red = CampoNumero(
        label=_("Tope de la red (%)"),
        required=False,
        max_digits=7,
        decimal_places=4,
        help_text=_("De la base, entre todos los niveles. Vacío: 100."),
    )
    suspendido = forms.ChoiceField(
        label=_("Nivel de un referente suspendido"),
        required=False,
        choices=[
            (Suspendido.OMITIR.value, _("Queda sin pagar")),
            (Suspendido.COMPRIMIR.value, _("Lo cobra el siguiente")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    afiliado = forms.CharField(
        label=_("Solo para el afiliado"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Su identificador o referencia externa."),
    )
    tipo_afiliado = forms.ChoiceField(
        label=_("Solo para el tipo de afiliado"),
        required=False,
        choices=[("", _("Todos")), *TipoAfiliado.choices],
        widget=UnfoldAdminSelectWidget,
    )
    producto = forms.CharField(
        label=_("Solo para el producto"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
    )
    cupon = forms.CharField(
        label=_("Solo con el cupón"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Va antes que lo acordado con el afiliado. Da igual en mayúsculas."),
    )
    enlace = forms.CharField(
        label=_("Solo por el enlace"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Su código. Va antes que lo acordado con el afiliado."),
    )
    nivel = forms.IntegerField(
        label=_("Nivel de la red"),
        required=False,
        min_value=1,
        max_value=MAX_NIVEL,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("1 o vacío: quien vende. 2: su referente, y así."),
    )
    prioridad = forms.IntegerField(
        label=_("Prioridad"),
        required=False,
        min_value=-1000,
        max_value=1000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Entre reglas igual de precisas gana la mayor. Vacía: 0."),
    )
    vigente_desde = forms.SplitDateTimeField(
        label=_("Vigente desde"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Para ventas ocurridas desde entonces. Vacío: desde ahora."),
    )
    vigente_hasta = forms.SplitDateTimeField(
        label=_("Vigente hasta"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Vacío: sin fin."),
    )

    def clean_tramos(self) -> list[dict[str, str]] | None:
        """Tiers as the engine's JSON; None when empty."""
        tramos = []
        for numero, linea in enumerate(self.cleaned_data["tramos"].splitlines(), start=1):
            if not linea.strip():
                continue
            celdas = [celda.strip() for celda in linea.split(";")]
            if not 2 <= len(celdas) <= 4:
                raise forms.ValidationError(
                    _now("Línea %(n)s: se esperaba «desde; hasta; porcentaje».") % {"n": numero}
                )
            nombres = ("desde", "hasta", "porcentaje", "monto_fijo")
            tramo = {
                nombre: plano(_decimal(celda, numero))
                for nombre, celda in zip(nombres, celdas, strict=False)
                if celda
            }
            tramos.append({"desde": "0", **tramo})
        return tramos or None

    def clean_multiplicadores(self) -> list[list[str]] | None:
        """Pairs of level and factor; None when empty."""
        pares = []
        for parte in _SEPARADOR_DE_NIVELES.split(self.cleaned_data["multiplicadores"].strip()):
            if not parte:
                continue
            nombre, igual, factor = parte.partition("=")
            if not igual:
                raise forms.ValidationError(_now("Se esperaba «nivel=factor»."))
            pares.append([nombre, plano(_decimal(factor, 1))])
        return pares or None

    def clean_topes_gasto(self) -> list[dict[str, str]] | None:
        """Spending caps as the engine's JSON; None when empty."""
        topes = []
        for parte in filter(str.strip, self.cleaned_data["topes_gasto"].split(";")):
            palabras = parte.split()
            if len(palabras) != 3:
                raise forms.ValidationError(_now("Se esperaba «afiliado mes 500»."))
            ambito, periodo, monto = palabras
            topes.append({"ambito": ambito, "periodo": periodo, "monto": plano(_decimal(monto, 1))})
        return topes or None

    def clean_afiliado(self) -> Afiliado | None:
        """The affiliate named, or None."""
        nombre = self.cleaned_data["afiliado"].strip()
        afiliado = buscar_afiliado(nombre) if nombre else None
        if nombre and afiliado is None:
            raise forms.ValidationError(_now("No hay un afiliado con ese identificador."))
        return afiliado

    def clean_porcentajes_red(self) -> list[str]:
        """Percent of each level of the network from 2 on."""
        partes = filter(str.strip, self.cleaned_data["porcentajes_red"].split(";"))
        return [plano(_decimal(parte.strip(), 1)) for parte in partes]

    def red(self) -> dict[str, Any] | None:
        """Terms of a network, as ``red_a_publicar`` takes them; None for any other type."""
        datos = self.cleaned_data
        if datos["tipo"] != TipoComision.RED:
            return None
        tope = {} if datos["tope_red"] is None else {"tope": plano(datos["tope_red"])}
        return {
            "porcentajes": datos["porcentajes_red"],
            "suspendido": datos["suspendido"] or Suspendido.OMITIR.value,
            **tope,
        }

    def terminos(self) -> dict[str, Any]:
        """Arguments of ``terminos_a_publicar``; the form must be valid."""
        datos = self.cleaned_data
        red = self.red()
        if red is not None:
            return {"tipo": datos["tipo"], "condiciones": red}
        condiciones = {
            nombre: plano(valor) if isinstance(valor, Decimal) else valor
            for nombre in (
                "por", "modo", "metrica", "periodo", "zona_horaria", "tramos", "minimo", "tope",
                "base", "multiplicadores", "topes_gasto", "duracion_meses", "max_pagos",
            )
            if (valor := datos[nombre]) not in (None, "")
        }  # fmt: skip
        return {
            "tipo": datos["tipo"],
            "porcentaje": datos["porcentaje"],
            "monto_fijo": datos["monto_fijo"],
            "moneda": datos["moneda"],
            "condiciones": condiciones,
        }

    def alcance(self) -> dict[str, Any]:
        """Scope and validity, as ``publicar_version`` takes them."""
        datos = self.cleaned_data
        return {
            "afiliado": datos["afiliado"],
            "tipo_afiliado": datos["tipo_afiliado"],
            "producto": datos["producto"],
            "cupon": datos["cupon"],
            "enlace": datos["enlace"],
            "nivel": datos["nivel"] or 1,
            "prioridad": datos["prioridad"] or 0,
            "vigente_desde": datos["vigente_desde"],
            "vigente_hasta": datos["vigente_hasta"],
        }


def _decimal(texto: str, linea: int) -> Decimal:
    try:
        return leer_numero(texto)
    except ValueError as exc:
        raise forms.ValidationError(
            _now("Línea %(n)s: %(problema)s") % {"n": linea, "problema": exc}
        ) from None
