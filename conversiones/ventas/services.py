"""All writes of conversions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.campos import largo_de
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.db.insercion import insertar_si_cabe
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.errores import (
    Conflicto,
    DatoInvalido,
    ErrorDominio,
)
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.medidas import medido
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import (
    exigir_largo,
    exigir_motivo,
    normalizar,
    normalizar_cupon,
)
from conversiones import eventos
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import admite_ventas
from conversiones.clientes.errores import FechaFutura
from conversiones.rastreo.selectors import ClicLeido
from conversiones.ventas.atribucion import DichosDeVenta, atribuir
from conversiones.ventas.busqueda import VENTAS
from conversiones.ventas.devoluciones import aplicar_pendientes, pedir_pendientes
from conversiones.ventas.errores import (
    CampanaNoAdmitida,
    ConversionDuplicada,
    FueraDeCampana,
)
from conversiones.ventas.estados import CONVERSION, EstadoConversion
from conversiones.ventas.models import AtribucionVenta, Conversion, TipoConversion
from conversiones.ventas.reposicion import reponer_si_volvio
from conversiones.ventas.validacion import (
    exigir_inscrito,
    exigir_metadatos,
    exigir_productos,
    exigir_que_admita,
    exigir_valor,
)
from outbox.publicacion import preparar, publicar, publicar_en, publicar_todos

# Clocks of partners differ from ours by this much.
_TOLERANCIA_FUTURO = timedelta(minutes=5)
_POR_SENTENCIA = 500
_INTENTOS_EN_MASA = 3
PREFIJO_CONVERSION = "conv"


@dataclass(frozen=True, slots=True)
class Anotacion:
    """What is written with a change: its history row, and its event with the version."""

    paso: Historial
    evento: tuple[Any, int]


@dataclass(frozen=True, kw_only=True)
class NuevaConversion:
    """A sale to register. ``valor`` is in the main unit of ``moneda`` (None: the campaign's)."""

    campana: Campana
    valor: Decimal
    # Whom its shop names; what else may say whose it is comes below.
    afiliado: Afiliado | None = None
    moneda: str | None = None
    tipo_conversion: str = TipoConversion.VENTA
    referencia_externa: str | None = None
    ocurrida_en: datetime | None = None
    canal_origen: str = ""
    cupon: str = ""
    enlace: str = ""
    productos: list[Any] = field(default_factory=list)
    metadatos: dict[str, Any] = field(default_factory=dict)
    cliente_ref: str = ""
    clic_id: str = ""
    # The click, when the door has read it with the campaign.
    leido: ClicLeido | None = None
    email_cliente: str = ""
    # A sale of the past by a key matures from its own date, as far back as is allowed.
    antigua: bool = False
    # Why somebody registers it who is not its shop; it stays in the history.
    motivo: str = ""

    @property
    def por_atribuir(self) -> bool:
        """Whether something else than its affiliate says whose it is, or nothing does."""
        return self.afiliado is None or bool(self.cliente_ref or self.clic_id or self.email_cliente)


def _cuenta_desde(
    datos: NuevaConversion, ocurrida_en: datetime, actor: Actor, ahora: datetime
) -> datetime:
    """From when the days of retention count. A key does not choose it by dating a sale back."""
    if actor.tipo != "clave":
        return ocurrida_en
    antes = timedelta(days=settings.VENTAS_ANTIGUAS_DIAS) if datos.antigua else timedelta()
    return max(ocurrida_en, ahora - antes)


def _construir(datos: NuevaConversion, ahora: datetime, actor: Actor) -> Conversion:
    afiliado = datos.afiliado
    campana = datos.campana
    ocurrida_en = datos.ocurrida_en or ahora
    # With something else that may say whose it is, the next one is taken.
    if afiliado is not None and not datos.por_atribuir:
        exigir_que_admita(afiliado, ocurrida_en)
    if not admite_ventas(campana, ocurrida_en):
        raise CampanaNoAdmitida(
            _("La campaña está «%(estado)s»: no admite conversiones.") % {"estado": campana.estado}
        )
    if ocurrida_en > ahora + _TOLERANCIA_FUTURO:
        raise FechaFutura(campo="ocurrida_en")
    if ocurrida_en < campana.inicia_en or (campana.termina_en and ocurrida_en > campana.termina_en):
        raise FueraDeCampana()
    if afiliado is not None and not datos.por_atribuir:
        exigir_inscrito(campana, afiliado, ocurrida_en)
    moneda = datos.moneda or campana.moneda
    exigir_valor(datos.valor, moneda, datos.tipo_conversion)
    exigir_metadatos(datos.metadatos)
    return Conversion(
        id_publico=nuevo_id(PREFIJO_CONVERSION),
        afiliado=afiliado,
        campana=campana,
        tipo_conversion=datos.tipo_conversion,
        **nombres_de(datos),
        valor=datos.valor,
        moneda=moneda,
        productos=exigir_productos(datos.productos),
        metadatos=datos.metadatos,
        ocurrida_en=ocurrida_en,
        cuenta_desde=_cuenta_desde(datos, ocurrida_en, actor, ahora),
        creada_en=ahora,
        actualizado_en=ahora,
    )


def nombres_de(datos: NuevaConversion) -> dict[str, str | None]:
    """What people typed, in its form; its length is that of the form."""
    nombres = {
        "referencia_externa": normalizar(datos.referencia_externa or ""),
        "canal_origen": normalizar(datos.canal_origen),
        "cupon": normalizar_cupon(datos.cupon),
        "enlace": normalizar(datos.enlace),
    }
    for campo, nombre in nombres.items():
        exigir_largo(nombre, largo_de(Conversion, campo), campo)
    exigir_ajena(nombres["referencia_externa"], "referencia_externa")
    return {**nombres, "referencia_externa": nombres["referencia_externa"] or None}


def dichos_de(datos: NuevaConversion) -> DichosDeVenta:
    """By what a sale may be whose."""
    return DichosDeVenta(
        explicito=datos.afiliado, cupon=datos.cupon, clic_id=datos.clic_id,
        cliente_ref=datos.cliente_ref, correo=datos.email_cliente, leido=datos.leido,
    )  # fmt: skip


def _anotacion(conversion: Conversion, actor: Actor, motivo: str) -> Anotacion:
    registro = paso(
        entidad="conversion",
        entidad_id=conversion.id_publico,
        accion="registrar",
        actor=actor,
        estado_nuevo=conversion.estado,
        motivo=motivo,
    )
    saliente = eventos.ConversionRegistrada(
        conversion_id=conversion.id_publico,
        afiliado_id=conversion.afiliado.id_publico if conversion.afiliado else None,
        campana_id=conversion.campana.id_publico,
        tipo_conversion=conversion.tipo_conversion,
        valor=dinero.texto(conversion.valor, conversion.moneda),
        moneda=conversion.moneda,
        ocurrida_en=conversion.ocurrida_en,
        referencia_externa=conversion.referencia_externa,
    )
    return Anotacion(registro, (saliente, conversion.version))


@medido
def registrar_conversion(*, datos: NuevaConversion, actor: Actor) -> Conversion:
    """Register a sale; its commission is calculated by event.

    Raises :class:`ReferenciaDesconocida` for an affiliate or campaign that takes none,
    :class:`DatoInvalido` for the amount, currency or date, and :class:`ConversionDuplicada` for
    a reference that the campaign already has, unless it is of the same sale, refused before: then
    it is reinstated.
    """
    if datos.por_atribuir:
        conversion = _construir(datos, timezone.now(), actor)
        with transaction.atomic():
            [atribucion] = atribuir([(conversion, dichos_de(datos))], actor)
            anotacion = _anotacion(conversion, actor, datos.motivo)
            return _registrar(
                conversion, anotacion, preparar([anotacion.evento]), actor, atribucion
            )
    conversion, anotacion = preparar_conversion(datos=datos, actor=actor)
    filas = preparar([anotacion.evento])
    with transaction.atomic():
        return _registrar(conversion, anotacion, filas, actor)


def _registrar(
    conversion: Conversion,
    anotacion: Anotacion,
    filas: Any,
    actor: Actor,
    atribucion: AtribucionVenta | None = None,
) -> Conversion:
    remesa = Remesa()
    insertar_en(remesa, conversion)
    if atribucion is not None:
        remesa.insertar(atribucion)
    remesa.insertar(anotacion.paso)
    publicar_en(remesa, filas)
    esperan = pedir_pendientes(remesa, conversion)
    if remesa.enviar([conversion]) is not None:
        duplicada = _duplicada(conversion)
        vuelta = reponer_si_volvio(sabida=duplicada.existente, dicha=conversion, actor=actor)
        if vuelta is None:
            raise duplicada
        return vuelta
    if esperan:
        aplicar_pendientes([conversion])
    return conversion


def preparar_conversion(*, datos: NuevaConversion, actor: Actor) -> tuple[Conversion, Anotacion]:
    """A checked sale and what is written with it, before any transaction.

    Raises the errors of :func:`registrar_conversion` but the duplicate.
    """
    conversion = _construir(datos, timezone.now(), actor)
    return conversion, _anotacion(conversion, actor, datos.motivo)


def insertar_en(remesa: Remesa, conversion: Conversion) -> None:
    """Insert a prepared sale, with what it is found by, together with what else its caller sends;
    a row that is inserted right after may name it."""
    remesa.insertar(conversion)
    VENTAS.apuntar_en(remesa, conversion)


def insertar_conversion(conversion: Conversion) -> ConversionDuplicada | None:
    """Insert a prepared sale in the caller's transaction, which writes its annotation too.

    A duplicate comes back as its error, so that the transaction goes on.
    """
    if not insertar_si_cabe(conversion):
        return _duplicada(conversion)
    VENTAS.apuntar([conversion])
    return None


def _duplicada(conversion: Conversion) -> ConversionDuplicada:
    existente = Conversion.objects.get(
        campana=conversion.campana, referencia_externa=conversion.referencia_externa
    )
    return ConversionDuplicada(conversion, existente)


def registrar_conversiones(*, datos: Sequence[NuevaConversion], actor: Actor) -> list[Conversion]:
    """Register many sales in one transaction; the first bad one undoes them all.

    Raises as :func:`registrar_conversion`.
    """
    with transaction.atomic():
        resultados = registrar_en_masa(datos=datos, actor=actor)
        for resultado in resultados:
            if isinstance(resultado, ErrorDominio):
                raise resultado
    return [r for r in resultados if isinstance(r, Conversion)]


def registrar_en_masa(
    *, datos: Sequence[NuevaConversion | ErrorDominio], actor: Actor
) -> list[Conversion | ErrorDominio]:
    """Register the good sales of a batch in one transaction; the others come back as their error.

    An item may arrive as the error that its door already found. Errors are those of
    :func:`registrar_conversion`.
    """
    for _intento in range(_INTENTOS_EN_MASA):
        try:
            with transaction.atomic():
                return _registrar_en_masa(datos, actor)
        except IntegrityError:
            # Somebody registered one of the references meanwhile: now it is seen as a duplicate.
            continue
        except DataError:
            break
    return [_registrar_una(dato, actor) for dato in datos]


def _registrar_una(dato: NuevaConversion | ErrorDominio, actor: Actor) -> Conversion | ErrorDominio:
    """One of a batch that the database refused, so that only the row at fault stays out."""
    try:
        with transaction.atomic():
            return _registrar_en_masa([dato], actor)[0]
    except IntegrityError:
        return Conflicto(_("Alguien escribió lo mismo a la vez: repítelo."))
    except DataError:
        return DatoInvalido(_("La base de datos no admite alguno de sus valores."))


def _registrar_en_masa(
    datos: Sequence[NuevaConversion | ErrorDominio], actor: Actor
) -> list[Conversion | ErrorDominio]:
    ahora = timezone.now()
    resultados: list[Conversion | ErrorDominio] = []
    for dato in datos:
        try:
            resultados.append(
                dato if isinstance(dato, ErrorDominio) else _construir(dato, ahora, actor)
            )
        except ErrorDominio as exc:
            resultados.append(exc)
    conocidas = _conocidas([r for r in resultados if isinstance(r, Conversion)])
    for indice, resultado in enumerate(resultados):
        if isinstance(resultado, Conversion) and resultado.referencia_externa is not None:
            llave = (resultado.campana_id, resultado.referencia_externa)
            anterior = conocidas.setdefault(llave, resultado)
            if anterior is not resultado:
                resultados[indice] = _vuelta_o_duplicada(resultado, anterior, actor)
    motivos = {
        id(nueva): dato.motivo
        for nueva, dato in zip(resultados, datos, strict=True)
        if isinstance(dato, NuevaConversion)
    }
    conversiones = [r for r in resultados if isinstance(r, Conversion)]
    nuevas = [c for c in conversiones if c.pk is None]
    por_atribuir = [
        (nueva, dichos_de(dato))
        for nueva, dato in zip(resultados, datos, strict=True)
        if isinstance(nueva, Conversion) and isinstance(dato, NuevaConversion)
        if nueva.pk is None and dato.por_atribuir
    ]
    atribuciones = atribuir(por_atribuir, actor)
    Conversion.objects.bulk_create(nuevas, batch_size=_POR_SENTENCIA)
    poner_claves(nuevas)
    for atribucion in atribuciones:
        atribucion.conversion_id = atribucion.conversion.pk
    AtribucionVenta.objects.bulk_create(atribuciones, batch_size=_POR_SENTENCIA)
    VENTAS.apuntar(nuevas)
    anotaciones = [_anotacion(nueva, actor, motivos[id(nueva)]) for nueva in nuevas]
    Historial.objects.bulk_create([a.paso for a in anotaciones], batch_size=_POR_SENTENCIA)
    publicar_todos([a.evento for a in anotaciones])
    aplicar_pendientes(nuevas)
    return resultados


def _vuelta_o_duplicada(
    dicha: Conversion, sabida: Conversion, actor: Actor
) -> Conversion | ConversionDuplicada:
    vuelta = None
    # Two of one batch are no return.
    if sabida.pk is not None:
        vuelta = reponer_si_volvio(sabida=sabida, dicha=dicha, actor=actor)
    return vuelta or ConversionDuplicada(dicha, sabida)


def _conocidas(conversiones: Sequence[Conversion]) -> dict[tuple[int, str], Conversion]:
    """Conversions registered before under the references of a batch."""
    referencias = [c.referencia_externa for c in conversiones if c.referencia_externa]
    if not referencias:
        return {}
    halladas = Conversion.objects.filter(
        referencia_externa__in=referencias, campana__in={c.campana_id for c in conversiones}
    ).only("id_publico", "afiliado_id", "campana_id", "referencia_externa")
    return {(c.campana_id, str(c.referencia_externa)): c for c in halladas}


def validar_conversion(*, conversion: Conversion, actor: Actor) -> Conversion:
    """Confirm a received sale. Raises TransicionInvalida."""
    with transaction.atomic():
        actual = Conversion.objects.select_for_update().get(pk=conversion.pk)
        CONVERSION.transitar(actual, EstadoConversion.VALIDADA, accion="validar", actor=actor)
        publicar(
            eventos.ConversionValidada(conversion_id=actual.id_publico), version=actual.version
        )
    return actual


def rechazar_conversion(
    *, conversion: Conversion, actor: Actor, motivo: str, motivo_codigo: str = ""
) -> Conversion:
    """Refuse a received sale; its commission is voided by event. A reason is required; its code, of
    the list, may go with it."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Conversion.objects.select_for_update().get(pk=conversion.pk)
        actual.motivo_codigo = motivo_codigo
        CONVERSION.transitar(
            actual, EstadoConversion.RECHAZADA, accion="rechazar", actor=actor, motivo=motivo,
            datos={"motivo_codigo": motivo_codigo} if motivo_codigo else None,
            campos=("motivo_codigo",),
        )  # fmt: skip
        publicar(
            eventos.ConversionRechazada(conversion_id=actual.id_publico, motivo=motivo),
            version=actual.version,
        )
    return actual
