"""What a person sees when the site is up: where it is and how to enter."""

from __future__ import annotations

from typing import Any

from rich.console import Console


def presentar(consola: Console, base_url: str, demo: dict[str, Any] | None, nota: str) -> None:
    """Print the addresses and, in the demo, its user and keys. ``nota`` says how to stop it."""
    lineas = [("Administración", f"{base_url}/admin/"), ("API", f"{base_url}/docs")]
    if demo is not None:
        lineas += [
            ("Usuario", demo["staff"]["usuario"]),
            ("Contraseña", demo["staff"]["clave"]),
            ("Segunda persona", demo["segunda_persona"]["usuario"]),
            ("Su contraseña", demo["segunda_persona"]["clave"]),
            ("Clave de integración", demo["claves"]["integracion"]),
            ("Clave de afiliado", demo["claves"]["afiliado"]),
            ("Clave de prueba", demo["claves"]["prueba"]),
        ]
    if demo is not None and demo["lotes"]:
        # Who prepared a batch does not release it: that is how money leaves.
        lineas.append(("Lote por liberar", f"{base_url}/admin/comisiones/lotepago/"))
    consola.print(f"\n[bold green]AlpesPartner está en marcha[/]  ({nota})")
    for nombre, valor in lineas:
        # Neither wrapped nor coloured: these are copied from the terminal.
        consola.print(f"  {nombre:<22}{valor}", soft_wrap=True, highlight=False, markup=False)
