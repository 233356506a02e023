"""Change money code at random and see whether a test notices; ``make mutar``.

Each mutant is one change (scripts/mutacion/operadores.py) in a copy of the tree, tried with the
tests that run its lines. It prints what lives, writes ``resumen.md`` and exits with 1 when too much
does. Cut, it goes on where it was; once there are new tests, it tries again what lived.
"""

from __future__ import annotations

import argparse
import hashlib
import queue
import shutil
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutacion.carrera import Corredor, Resultado, pruebas_de
from mutacion.cobertura import PRODUCTO, Cobertura
from mutacion.copia import RAIZ, Copia, pruebas
from mutacion.indice import indice_de
from mutacion.informe import Cuaderno, resumen, tasa
from mutacion.mutantes import Mutante, elegir, ficheros, iguales, mutantes_de

# Where a wrong line is a cent lost, paid twice or shown to somebody else.
DINERO = (
    "comisiones/motor", "comisiones/libro", "comisiones/ajustes",
    "comisiones/pagos/conciliacion", "comisiones/pagos", "comisiones/calculo",
    "comisiones/revision", "comisiones/presupuesto", "comisiones/contadores",
    "comisiones/metricas", "comisiones/comision", "conversiones/ventas",
    "conversiones/inscripciones", "outbox/flujo", "outbox/webhooks", "outbox",
    "afiliados/claves", "afiliados/cuentas", "alpespartner/comun/turnos.py",
    "alpespartner/comun/idempotencia.py", "alpespartner/comun/dinero.py",
    "alpespartner/comun/estados.py", "alpespartner/comun/granos.py",
)  # fmt: skip


def _argumentos() -> argparse.Namespace:
    lector = argparse.ArgumentParser(description=__doc__)
    lector.add_argument("--semilla", type=int, default=1, help="qué mutantes salen")
    lector.add_argument("--mutantes", type=int, default=400)
    lector.add_argument(
        "--solo", action="append", help="carpeta o fichero (por defecto, el dinero)"
    )
    lector.add_argument("--clave", nargs="*", help="solo esos, y otra vez aunque ya se sepa")
    lector.add_argument(
        "--recoger", action="store_true", help="otra vez, qué prueba pasa por dónde"
    )
    lector.add_argument("--pruebas", nargs="*", default=["tests/"], help="las que juzgan")
    lector.add_argument("--umbral", type=float, default=0.85, help="tasa de muertos exigida")
    lector.add_argument("--a-la-vez", type=int, default=2)
    lector.add_argument("--segundos", type=float, default=60, help="de pruebas por mutante")
    lector.add_argument("--limite", type=float, default=300, help="segundos de reloj por mutante")
    lector.add_argument("--en", type=Path, default=Path.home() / ".cache/alpespartner/mutar")
    return lector.parse_args()


def _elegidos(opciones: argparse.Namespace) -> list[Mutante]:
    indice = indice_de(RAIZ, PRODUCTO)
    todos = [
        mutante
        for ruta in ficheros(RAIZ, tuple(opciones.solo or DINERO))
        for mutante in mutantes_de(ruta, (RAIZ / ruta).read_text(), indice)
    ]
    if opciones.clave:
        return [m for m in todos if m.clave in opciones.clave]
    de_sobra = iguales()
    distintos = [mutante for mutante in todos if mutante.clave not in de_sobra]
    lugares = tuple(opciones.solo or DINERO)
    return elegir(distintos, opciones.mutantes, opciones.semilla, lugares)


def _correr(
    mutantes: list[Mutante],
    opciones: argparse.Namespace,
    cobertura: Cobertura,
    cuaderno: Cuaderno,
) -> None:
    corredores: queue.Queue[Corredor] = queue.Queue()
    for n in range(opciones.a_la_vez):
        copia = Copia(opciones.en / f"copia-{n}")
        copia.hacer_base()
        corredores.put(Corredor(copia, list(cobertura.ficheros)))

    def uno(mutante: Mutante) -> Resultado:
        corredor = corredores.get()
        try:
            # Now, that more is known of what kills its like.
            asesinas: Mapping[str, int] = cuaderno.asesinas.get(mutante.ruta, {})
            suyas, de = pruebas_de(mutante, cobertura, opciones.segundos, asesinas)
            return corredor.juzgar(mutante, suyas, de=de, limite=opciones.limite)
        finally:
            corredores.put(corredor)

    with ThreadPoolExecutor(opciones.a_la_vez) as hilos:
        futuros = {hilos.submit(uno, mutante): mutante for mutante in mutantes}
        try:
            while futuros:
                for futuro in [f for f in futuros if f.done()]:
                    mutante = futuros.pop(futuro)
                    cuaderno.anotar(mutante, futuro.result())
                    _decir(len(futuros), mutante, futuro.result())
                time.sleep(0.2)
        except KeyboardInterrupt:
            print("mutar: cortado; la próxima vez sigue donde estaba")
            hilos.shutdown(cancel_futures=True)
    while not corredores.empty():
        corredores.get().cerrar()


def _decir(quedan: int, mutante: Mutante, resultado: Resultado) -> None:
    print(
        f"{quedan:4} {resultado.final:11} {resultado.segundos:5}s "
        f"{mutante.clave} {mutante.ruta}:{mutante.linea} {mutante.operador} {resultado.prueba}",
        flush=True,
    )


def main() -> int:
    """Run; the exit code says whether enough died."""
    opciones = _argumentos()
    opciones.en.mkdir(parents=True, exist_ok=True)
    mutantes = _elegidos(opciones)
    if opciones.recoger:
        shutil.rmtree(opciones.en / "cobertura", ignore_errors=True)
    cobertura = Cobertura(opciones.en / "cobertura")
    if cobertura.faltan(opciones.pruebas):
        cobertura.recoger(
            Copia(opciones.en / "copia-recoger"), cuales=opciones.pruebas,
            procesos=opciones.a_la_vez,
        )  # fmt: skip
    suma = hashlib.sha256(repr(sorted(pruebas().items())).encode()).hexdigest()[:16]
    carpeta = opciones.en / f"semilla-{opciones.semilla}"
    carpeta.mkdir(exist_ok=True)
    cuaderno = Cuaderno(opciones.en / "resultados.jsonl", raiz=RAIZ, pruebas=suma)
    faltan = [m for m in mutantes if opciones.clave or m.clave not in cuaderno.hechos]
    if faltan:
        _correr(faltan, opciones, cobertura, cuaderno)
    lugares = tuple(opciones.solo or DINERO)
    texto = resumen(mutantes, cuaderno.hechos, RAIZ, opciones.semilla, lugares)
    (carpeta / "resumen.md").write_text(texto)
    print(texto)
    hechos = [cuaderno.hechos[m.clave] for m in mutantes if m.clave in cuaderno.hechos]
    return int(tasa(hechos) < opciones.umbral)


if __name__ == "__main__":
    sys.exit(main())
