"""Making the figures anew from the rows (``outbox.rehacer``): nobody reads them until, at the end,
all that was measured is added up at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef

from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.medidas import MEDIBLES, Medible
from comisiones.metricas.models import Medida, Remedicion
from comisiones.metricas.services import a_medias, medir, tomar_turno
from comisiones.metricas.suma import sumar_todo
from conversiones.rastreo.conteo import recontar
from outbox.archivo import archivados, todos
from outbox.errores import ArchivoIncompleto
from outbox.models import EventoPurgado
from outbox.rehacer import EVENTOS, PORCION, Rehechura, rehacer


def reconstruir() -> Iterator[tuple[Medible, int]]:
    """Measure every row anew; yields each kind with how many rows more it has. Clicks are added up
    from the counts of each day."""
    recontar()
    yield from rehacer(_DE_CERO)
    _terminar()


def reconstruir_de_eventos() -> Iterator[int]:
    """Measure anew the rows that events tell of, those of the archive and those that were not
    purged; yields how many events more it went through. Everybody goes on meanwhile, and one that
    was interrupted is begun again, or ended by :func:`reconstruir`.

    Raises :class:`ArchivoIncompleto` and ArchivoAlterado before anything is forgotten.
    """
    exigir_archivo()
    recontar()
    with transaction.atomic():
        tomar_turno()
        _empezar(0)
        Remedicion.objects.update(hasta=0)
        Medida._default_manager.all()._raw_delete(using="default")
    de_cifras = (uno for uno in todos() if uno.tipo in METRICAS.tipos)
    while porcion := list(islice(de_cifras, EVENTOS)):
        with transaction.atomic():
            tomar_turno()
            for medible in MEDIBLES:
                tipos = medible.tipos()
                suyos = {uno.sujeto for uno in porcion if uno.tipo in tipos}
                for claves in por_tandas(medible.claves_de(suyos), PORCION):
                    medir(medible, claves)
        yield len(porcion)
    _terminar()


def exigir_archivo() -> None:
    """Raises :class:`ArchivoIncompleto` when events were purged that the archive does not have,
    and ArchivoAlterado when it is not what was written."""
    hay = sum(1 for _uno in archivados())
    purgados = EventoPurgado.objects.count()
    if hay < purgados:
        raise ArchivoIncompleto(f"{purgados - hay}")


def por_tandas(claves: list[int], cuantas: int) -> Iterator[list[int]]:
    """Keys by so many."""
    for inicio in range(0, len(claves), cuantas):
        yield claves[inicio : inicio + cuantas]


def _terminar() -> None:
    with transaction.atomic():
        tomar_turno()
        # Somebody else who made them anew may have come first.
        if a_medias():
            ajenas = Medida.objects.exclude(de__in=[medible.nombre for medible in MEDIBLES])
            ajenas._raw_delete(using="default")
            for medible in MEDIBLES:
                suya = medible.modelo._default_manager.filter(pk=OuterRef("fila"))
                sin_fila = Medida.objects.filter(~Exists(suya), de=medible.nombre)
                sin_fila._raw_delete(using="default")
            sumar_todo()
            Remedicion.objects.all().delete()


def _empezar(_hasta: int) -> None:
    if not a_medias():
        for medible in MEDIBLES:
            Remedicion.objects.create(de=medible.nombre)


def _intacta() -> bool:
    return a_medias() and not Remedicion.objects.exclude(hasta=0).exists()


def _avance(medible: Medible) -> int | None:
    return Remedicion.objects.filter(de=medible.nombre).values_list("hasta", flat=True).first()


def _anotar(medible: Medible, hasta: int | None) -> None:
    if hasta is not None:
        Remedicion.objects.filter(de=medible.nombre).update(hasta=hasta)


_DE_CERO = Rehechura(
    consumidor=METRICAS,
    todo=MEDIBLES,
    tomar_turno=tomar_turno,
    empezar=_empezar,
    intacta=_intacta,
    avance=_avance,
    filas=lambda medible: medible.modelo._default_manager.all(),
    guardar=medir,
    anotar=_anotar,
)
