"""What holds of customers at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.db.models import F, OuterRef, Subquery

from alpespartner.comun.invariantes import Comprobacion
from alpespartner.comun.models import Historial
from conversiones.clientes.models import Cliente, VinculadoPor
from conversiones.rastreo.models import Clic

_POR_VEZ = 1_000


def _un_vinculo() -> Iterator[str]:
    """A customer was bound once, and is of whom it was bound or reassigned to last."""
    desde = 0
    while suyos := list(
        Cliente.objects.filter(pk__gt=desde)
        .order_by("pk")
        .values_list("pk", "id_publico", "afiliado__id_publico")[:_POR_VEZ]
    ):
        desde = suyos[-1][0]
        pasos = Historial.objects.filter(
            entidad="cliente", entidad_id__in=[suyo[1] for suyo in suyos],
            accion__in=("vincular", "reasignar"),
        )  # fmt: skip
        filas = pasos.order_by("entidad_id", "id").values_list("entidad_id", "accion", "datos")
        contado = {de: list(los) for de, los in groupby(filas, key=lambda fila: fila[0])}
        for _pk, id_publico, afiliado in suyos:
            cambios = contado.get(id_publico, [])
            veces = sum(accion == "vincular" for _de, accion, _datos in cambios)
            if veces != (afiliado is not None):
                yield f"{id_publico}: vinculado {veces} veces"
            elif cambios and cambios[-1][2].get("afiliado_id") != afiliado:
                yield f"{id_publico}: no es de quien dice su historial"


def _ningun_clic_posterior() -> Iterator[str]:
    """No customer is bound by a click that came after what bound it."""
    por_clic = Cliente.objects.filter(vinculado_por=VinculadoPor.CLIC).annotate(
        clic_en=Subquery(
            Clic.objects.filter(id_publico=OuterRef("vinculado_dato")).values("momento")[:1]
        )
    )
    tardios = por_clic.filter(clic_en__gt=F("vinculado_en"))
    for id_publico in tardios.values_list("id_publico", flat=True).iterator():
        yield f"{id_publico}: lo trajo un clic posterior"


COMPROBACIONES = (
    Comprobacion("Cada cliente se vinculó una vez", _un_vinculo),
    Comprobacion("Ningún cliente es de un clic posterior", _ningun_clic_posterior),
)
