"""``importar``: sales, refunds or affiliates from a CSV file, as the page of imports does it."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from alpespartner.comun.actores import Actor, persona, sistema
from alpespartner.comun.consola import barra_de_avance
from alpespartner.comun.documentos.tablas import MAX_BYTES
from alpespartner.comun.errores import ErrorDominio
from conversiones.campanas.selectors import exigir_campana
from conversiones.fuentes.avance import avanzar_importacion
from conversiones.fuentes.columnas import exigir_columnas
from conversiones.fuentes.estados import VIVAS, Resultado, TipoImportacion
from conversiones.fuentes.models import Importacion
from conversiones.fuentes.services import confirmar_importacion, olvidar, subir_fichero


class Command(BaseCommand):
    """What came of it as JSON on stdout; progress and each refused row on stderr. Exit 2: the file
    is bad and nothing was done; 1: some rows were refused."""

    help = "Importa ventas, devoluciones o afiliados de un CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tipo", choices=TipoImportacion.values)
        parser.add_argument("fichero", type=Path, metavar="archivo.csv")
        parser.add_argument("--en-seco", action="store_true", help="no escribe nada")
        parser.add_argument("--campana", help="la de las filas que no dicen una")
        parser.add_argument("--zona", default="UTC", help="la de las fechas que no dicen la suya")
        parser.add_argument("--autor", help="usuario a cuyo nombre queda; sin él, el sistema")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            importacion = self._subir(**options)
        except ErrorDominio as exc:
            raise CommandError(f"{options['fichero']}: {exc.mensaje}", returncode=2) from None
        except OSError as exc:
            raise CommandError(f"{exc.filename}: {exc.strerror}", returncode=2) from None
        actor = _actor(options["autor"])
        try:
            self._avanzar(importacion, "Ensayando" if options["en_seco"] else "Comprobando")
            if not options["en_seco"] and importacion.creadas:
                confirmar_importacion(importacion=importacion, actor=actor)
                self._avanzar(importacion, "Importando")
            self._contar(importacion)
        except ErrorDominio as exc:
            raise CommandError(f"{options['fichero']}: {exc.mensaje}", returncode=2) from None
        finally:
            # What was only rehearsed leaves nothing behind.
            olvidar(importacion.pk)
        if importacion.rechazadas:
            raise SystemExit(1)

    def _subir(self, **options: Any) -> Importacion:
        fichero: Path = options["fichero"]
        with fichero.open("rb") as abierto:
            contenido = abierto.read(MAX_BYTES + 1)
        importacion = subir_fichero(
            tipo=options["tipo"],
            contenido=contenido,
            nombre=fichero.name,
            campana=exigir_campana(options["campana"]) if options["campana"] else None,
            zona=options["zona"],
            actor=_actor(options["autor"]),
        )
        try:
            # Here nobody is asked which column is which.
            exigir_columnas(importacion.tipo, importacion.cabecera, importacion.columnas)
        except ErrorDominio:
            olvidar(importacion.pk)
            raise
        return importacion

    def _avanzar(self, importacion: Importacion, que: str) -> None:
        """Until it is done; a worker of the server may be doing part of it."""
        with barra_de_avance() as barra:
            tarea = barra.add_task(que, total=importacion.total)

            def pintar() -> None:
                importacion.refresh_from_db()
                barra.update(tarea, completed=importacion.hasta)

            pintar()
            while importacion.estado in VIVAS:
                avanzar_importacion(importacion_pk=importacion.pk, tras=pintar)
                pintar()
                if importacion.estado in VIVAS:
                    time.sleep(0.1)

    def _contar(self, importacion: Importacion) -> None:
        for fila in importacion.filas.filter(resultado=Resultado.RECHAZADA).order_by("linea"):
            donde = f", {fila.columna}" if fila.columna else ""
            self.stderr.write(f"línea {fila.linea}{donde}: {fila.detalle}")
        cuentas = {campo: getattr(importacion, campo) for campo in ("creadas", "ya", "rechazadas")}
        sumas = {moneda: suma for moneda, (_n, suma) in importacion.sumas.items()}
        self.stdout.write(json.dumps({**cuentas, "sumas": sumas}, ensure_ascii=False))


def _actor(usuario: str | None) -> Actor:
    if usuario is None:
        return sistema("importar")
    quien = User.objects.filter(username=usuario).first()
    if quien is None:
        raise CommandError(f"No hay un usuario «{usuario}».", returncode=2)
    return persona(quien.pk)
