"""``crear_clave_api``: make or rotate an API key and print it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.claves.de_prueba import crear_clave_de_prueba
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI
from afiliados.claves.services import crear_clave, rotar_clave
from afiliados.claves.topes import leer_topes
from alpespartner.comun.actores import sistema
from alpespartner.comun.errores import ErrorDominio

ACTOR = sistema("crear_clave_api")


class Command(BaseCommand):
    """Only the key goes to stdout, so that a script can keep it."""

    help = "Crea (o rota) una clave de API y la muestra una sola vez."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--nombre", help="para qué es la clave")
        parser.add_argument("--titular", default="", help="quién responde de ella")
        parser.add_argument(
            "--alcances",
            default="",
            help=f"separados por comas (sin ellos, los de lectura): {', '.join(Alcance.values)}",
        )
        parser.add_argument("--afiliado", help="af_…: la clave solo verá lo de este afiliado")
        parser.add_argument("--expira-dias", type=int)
        parser.add_argument(
            "--direcciones", default="", help="redes desde las que sirve, como 203.0.113.0/24"
        )
        for cuando in ("venta", "dia"):
            parser.add_argument(
                f"--aprueba-por-{cuando}", default="", help="importes como «USD 500, COP 2000000»"
            )
        parser.add_argument(
            "--prueba", action="store_true", help="una que sirve solo en el entorno de pruebas"
        )
        parser.add_argument("--rotar", metavar="ID", help="parte pública de la que se sustituye")
        parser.add_argument(
            "--gracia-horas", type=int, default=24, help="vida que le queda a la rotada"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texto = self._rotar(options) if options["rotar"] else self._crear(options)
        except ErrorDominio as exc:
            raise CommandError(exc.mensaje) from None
        self.stdout.write(texto)

    def _crear(self, options: dict[str, Any]) -> str:
        if not options["nombre"]:
            raise CommandError("Indica --nombre.")
        afiliado = None
        if options["afiliado"]:
            afiliado = Afiliado.objects.filter(id_publico=options["afiliado"]).first()
            if afiliado is None:
                raise CommandError(f"No hay un afiliado «{options['afiliado']}».")
        alcances = [a.strip() for a in options["alcances"].split(",") if a.strip()]
        dias = options["expira_dias"]
        pedida: dict[str, Any] = {
            "nombre": options["nombre"],
            "titular": options["titular"] or options["nombre"],
            "alcances": alcances or ALCANCES_DE_AFILIADO,
            "afiliado": afiliado,
            "expira_en": None if dias is None else timezone.now() + timedelta(days=dias),
            "actor": ACTOR,
        }
        restricciones = {
            "direcciones": options["direcciones"],
            "aprueba_por_venta": leer_topes(options["aprueba_por_venta"], "aprueba_por_venta"),
            "aprueba_por_dia": leer_topes(options["aprueba_por_dia"], "aprueba_por_dia"),
        }
        if options["prueba"]:
            return crear_clave_de_prueba(**pedida, restricciones=restricciones)[1]
        return crear_clave(**pedida, **restricciones)[1]

    def _rotar(self, options: dict[str, Any]) -> str:
        clave = ClaveAPI.objects.filter(id_clave=options["rotar"]).first()
        if clave is None or not clave.vigente:
            raise CommandError(f"No hay una clave vigente «{options['rotar']}».")
        return rotar_clave(
            clave=clave,
            actor=ACTOR,
            expira_anterior_en=timezone.now() + timedelta(hours=options["gracia_horas"]),
        )[1]
