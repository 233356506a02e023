"""What is held of an affiliate and of a customer where sales come from."""

from __future__ import annotations

from collections.abc import Iterable

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.personales import Parte, Rastro, Seccion, Tacha, registrar
from conversiones.clientes.borrado import solo_importes
from conversiones.clientes.models import Cliente
from conversiones.inscripciones.models import Inscripcion
from conversiones.rastreo.clics import pedir_olvido
from conversiones.rastreo.models import Cupon, Enlace
from conversiones.ventas.models import Conversion, MovimientoConversion


def _secciones(afiliado: Afiliado) -> Iterable[Seccion]:
    enlaces = Enlace.objects.filter(afiliado=afiliado).order_by("pk")
    yield "enlaces", list(enlaces.values("id_publico", "codigo", "destino", "estado", "creado_en"))
    cupones = Cupon.objects.filter(afiliado=afiliado).order_by("pk")
    yield "cupones", list(cupones.values("id_publico", "codigo", "estado", "creado_en"))
    inscripciones = Inscripcion.objects.filter(afiliado=afiliado).order_by("pk")
    yield "inscripciones", list(inscripciones.values("id_publico", "campana__nombre", "estado"))
    ventas = Conversion.objects.filter(afiliado=afiliado).order_by("pk")
    yield "ventas", (
        ventas.values("id_publico", "referencia_externa", "valor", "moneda", "estado",
                      "ocurrida_en")
    )  # fmt: skip


def _borrar(afiliado: Afiliado, _tacha: Tacha) -> None:
    pedir_olvido(afiliado)


def _rastro(afiliado_id: str) -> Iterable[Rastro]:
    suyo = {"afiliado__id_publico": afiliado_id}
    for entidad, modelo in (("enlace", Enlace), ("cupon", Cupon), ("inscripcion", Inscripcion)):
        yield Rastro(entidad=entidad, filas=modelo._default_manager.filter(**suyo))
    yield Rastro(entidad="conversion", filas=Conversion.objects.filter(**suyo))
    movimientos = MovimientoConversion.objects.filter(conversion__afiliado__id_publico=afiliado_id)
    yield Rastro(filas=movimientos, columnas=("motivo",))


def _rastro_de_cliente(cliente_id: str) -> Iterable[Rastro]:
    ventas = Conversion.objects.filter(cliente__id_publico=cliente_id)
    yield Rastro(entidad="conversion", filas=ventas)
    movimientos = MovimientoConversion.objects.filter(conversion__cliente__id_publico=cliente_id)
    yield Rastro(filas=movimientos, columnas=("motivo",))


def _de_un_cliente(cliente: Cliente, tacha: Tacha) -> None:
    """Of its sales, what the shop told besides what was sold and for how much."""
    for venta in Conversion.objects.filter(cliente=cliente).only("pk", "metadatos", "productos"):
        Conversion.objects.filter(pk=venta.pk).update(
            metadatos=solo_importes(venta.metadatos), cliente_huella=""
        )


registrar(Parte(entidad="afiliado", secciones=_secciones, borrar=_borrar, rastro=_rastro))
registrar(Parte(entidad="cliente", borrar=_de_un_cliente, rastro=_rastro_de_cliente))
