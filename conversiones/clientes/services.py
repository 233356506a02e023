"""All writes of customers: who they are, and the one affiliate that each is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.insercion import insertar_si_cabe
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import exigir_ajena, nuevo_id
from alpespartner.comun.textos import exigir_largo, normalizar
from conversiones import eventos
from conversiones.atribucion import Motivo
from conversiones.campanas.models import Campana
from conversiones.clientes.busqueda import CLIENTES
from conversiones.clientes.candidatos import Nombrados, Resuelta, resolver
from conversiones.clientes.correo import huella_de_correo
from conversiones.clientes.errores import FechaFutura
from conversiones.clientes.models import MAX_CLIENTE, Cliente, VinculadoPor, VisitanteDeCliente
from outbox.publicacion import publicar

# Clocks of partners differ from ours by this much.
_TOLERANCIA_FUTURO = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class NuevoCliente:
    """A customer that a shop tells of, and by what it may be whose. ``correo`` is not kept."""

    campana: Campana
    cliente_ref: str
    nombrados: Nombrados
    correo: str = ""
    ocurrida_en: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identificado:
    """A customer, whether nobody knew it, and what was decided of it."""

    cliente: Cliente
    nuevo: bool
    resuelta: Resuelta


def identificar_cliente(*, datos: NuevoCliente, actor: Actor) -> Identificado:
    """Register a customer, or tell more of one that is known, and bind it if nobody has.

    Raises :class:`FechaFutura` and :class:`DatoInvalido`.
    """
    ahora = timezone.now()
    en = datos.ocurrida_en or ahora
    if en > ahora + _TOLERANCIA_FUTURO:
        raise FechaFutura(campo="ocurrida_en")
    with transaction.atomic():
        cliente, nuevo = bloquear_cliente(
            campana=datos.campana, cliente_ref=datos.cliente_ref, correo=datos.correo, actor=actor
        )
        resuelta = resolver(
            campana=datos.campana, en=en, nombrados=datos.nombrados, cliente=cliente
        )
        anotar(cliente=cliente, resuelta=resuelta, en=en, actor=actor)
    return Identificado(cliente, nuevo, resuelta)


def bloquear_cliente(
    *, campana: Campana, cliente_ref: str, correo: str, actor: Actor
) -> tuple[Cliente, bool]:
    """A customer, locked until the caller's transaction ends, and whether it is new.

    Whoever comes at the same time with the same one waits here. Raises :class:`DatoInvalido`.
    """
    referencia = exigir_largo(normalizar(cliente_ref), MAX_CLIENTE, "cliente_ref")
    if not exigir_ajena(referencia, "cliente_ref"):
        raise DatoInvalido(_("No puede estar vacío."), campo="cliente_ref")
    huella = huella_de_correo(correo)
    cliente = _leer(campana, referencia)
    if cliente is None:
        creado = _crear(campana, referencia, huella)
        cliente = _leer(campana, referencia)
        assert cliente is not None  # noqa: S101 - nobody deletes customers
        if cliente.id_publico == creado:
            _contar_que_vino(cliente, actor)
            return cliente, True
    if huella and cliente.correo_huella != huella:
        cliente.correo_huella = huella
        _guardar(cliente, "correo_huella")
        _anotar(cliente, "identificar", actor)
    return cliente, False


def _leer(campana: Campana, referencia: str) -> Cliente | None:
    return (
        Cliente.objects.select_related("afiliado")
        .select_for_update(of=("self",))
        .filter(campana=campana, cliente_ref=referencia)
        .first()
    )


def _crear(campana: Campana, referencia: str, huella: str) -> str:
    """Insert a customer unless somebody did; returns the id that it has if it was here.

    On MySQL a refused INSERT would leave a shared lock, and two that want more than that would
    deadlock; one that changes nothing of the row takes it whole.
    """
    nuevo = Cliente(
        id_publico=nuevo_id("cli"), campana=campana, cliente_ref=referencia, correo_huella=huella
    )
    con_nombre = connection.features.supports_update_conflicts_with_target
    Cliente.objects.bulk_create(
        [nuevo],
        update_conflicts=True,
        update_fields=["cliente_ref"],
        unique_fields=["campana", "cliente_ref"] if con_nombre else None,
    )
    return nuevo.id_publico


def _contar_que_vino(cliente: Cliente, actor: Actor) -> None:
    CLIENTES.apuntar([cliente])
    _anotar(cliente, "registrar", actor)
    publicar(
        eventos.ClienteRegistrado(
            cliente_id=cliente.id_publico, campana_id=cliente.campana.id_publico
        ),
        version=cliente.version,
    )


def anotar(*, cliente: Cliente, resuelta: Resuelta, en: datetime, actor: Actor) -> None:
    """Keep the browsers that a locked customer was seen with, and bind it to whom a decision says
    if it is nobody's."""
    for visitante in resuelta.visitantes:
        if not cliente.visitantes.filter(visitante=visitante).exists():
            insertar_si_cabe(VisitanteDeCliente(cliente=cliente, visitante=visitante))
    decision = resuelta.decision
    if cliente.afiliado_id is None and resuelta.afiliado is not None:
        vincular(
            cliente=cliente, afiliado=resuelta.afiliado, en=en, actor=actor,
            por=_POR[Motivo(decision.motivo)], dato=decision.dato,
        )  # fmt: skip


_POR = {
    Motivo.EXPLICITO: VinculadoPor.EXPLICITO,
    Motivo.CUPON: VinculadoPor.CUPON,
    Motivo.CLIC: VinculadoPor.CLIC,
}


def vincular(
    *, cliente: Cliente, afiliado: Afiliado, por: VinculadoPor, en: datetime, actor: Actor,
    dato: str = "", motivo: str = "",
) -> None:  # fmt: skip
    """Bind a locked customer that is nobody's, for good. Raises ValueError for one that is."""
    if cliente.afiliado_id is not None:
        raise ValueError(f"{cliente.id_publico}: ya está vinculado")
    cliente.afiliado = afiliado
    cliente.vinculado_en, cliente.vinculado_por, cliente.vinculado_dato = en, por, dato[:64]
    _guardar(cliente, "afiliado", "vinculado_en", "vinculado_por", "vinculado_dato")
    _anotar(
        cliente, "vincular", actor, motivo=motivo, afiliado_id=afiliado.id_publico, por=str(por)
    )
    publicar(
        eventos.ClienteVinculado(
            cliente_id=cliente.id_publico,
            campana_id=cliente.campana.id_publico,
            afiliado_id=afiliado.id_publico,
            por=str(por),
            vinculado_en=en,
        ),
        version=cliente.version,
    )


def revincular(
    *, cliente: Cliente, afiliado: Afiliado, motivo: str, actor: Actor,
    ventas_desde: datetime | None = None, muda_hasta: int | None = None,
) -> None:  # fmt: skip
    """Bind a locked customer to another affiliate, from now on; its sales since ``ventas_desde``
    follow, up to that with the key ``muda_hasta``. Raises ValueError for one that is nobody's, or
    its already."""
    if cliente.afiliado is None or cliente.afiliado_id == afiliado.pk:
        raise ValueError(f"{cliente.id_publico}: no es de otro")
    anterior, cliente.afiliado = cliente.afiliado, afiliado
    cliente.vinculado_en, cliente.vinculado_por = timezone.now(), VinculadoPor.ASIGNADO
    cliente.vinculado_dato = ""
    cliente.mudada, cliente.muda_hasta = 0, muda_hasta
    _guardar(
        cliente, "afiliado", "vinculado_en", "vinculado_por", "vinculado_dato", "mudada",
        "muda_hasta",
    )  # fmt: skip
    desde = {} if ventas_desde is None else {"ventas_desde": ventas_desde.isoformat()}
    _anotar(
        cliente, "reasignar", actor, motivo=motivo, afiliado_id=afiliado.id_publico,
        anterior_id=anterior.id_publico, **desde,
    )  # fmt: skip
    publicar(
        eventos.ClienteReasignado(
            cliente_id=cliente.id_publico,
            campana_id=cliente.campana.id_publico,
            afiliado_id=afiliado.id_publico,
            anterior_id=anterior.id_publico,
            vinculado_en=cliente.vinculado_en,
        ),
        version=cliente.version,
    )


def avanzar_mudanza(*, cliente: Cliente, hasta: int) -> None:
    """Of the sales that follow a locked customer, those up to a key were gone over."""
    cliente.mudada = hasta
    _guardar(cliente, "mudada")


def apartar_venta(*, cliente: Cliente, conversion_id: str, motivo: str, actor: Actor) -> None:
    """A sale does not follow its locked customer, and why: a person has to look at it."""
    _anotar(cliente, "apartar_venta", actor, motivo=motivo[:500], conversion_id=conversion_id)


def terminar_mudanza(*, cliente: Cliente, actor: Actor) -> None:
    """No sale has to follow a locked customer any more."""
    cliente.muda_hasta = None
    _guardar(cliente, "muda_hasta")
    _anotar(cliente, "terminar_mudanza", actor)


def _guardar(cliente: Cliente, *campos: str) -> None:
    cliente.version += 1
    cliente.actualizado_en = timezone.now()
    cliente.save(update_fields=[*campos, "version", "actualizado_en"])


def _anotar(cliente: Cliente, accion: str, actor: Actor, motivo: str = "", **datos: str) -> None:
    paso(
        entidad="cliente", entidad_id=cliente.id_publico, accion=accion, actor=actor,
        motivo=motivo, datos=datos,
    ).save()  # fmt: skip
