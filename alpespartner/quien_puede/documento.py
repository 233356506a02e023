"""The table in words, and what it says of the roles."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.utils import translation

from afiliados.claves.models import ALCANCES_DE_AFILIADO
from alpespartner.comun import roles
from alpespartner.quien_puede.ademas import CON_PRESENCIA, SEPARACION
from alpespartner.quien_puede.claves import ALCANCES_QUE_MATIZAN, API
from alpespartner.quien_puede.personal import ADMIN, DE_TODO, PUERTAS
from comisiones.separacion.selectors import LEVANTA_EL_ALCANCE, VETOS, Relacion


def permisos_de(rol: str) -> set[str]:
    """Permissions that the apps declare for a role, with their label."""
    return {
        f"{config.label}.{codigo}"
        for config in apps.get_app_configs()
        for codigo in roles.declarados(config).get(rol, ())
    }


def tabla() -> str:
    """The table in Markdown, for ``docs/seguridad.md``."""
    with translation.override("es"):
        return "\n".join(_lineas())


def _lineas() -> Iterator[str]:
    yield "### Claves de API"
    yield ""
    yield "| dirección | alcance | clave de afiliado |"
    yield "|---|---|---|"
    de_afiliado = ALCANCES_DE_AFILIADO
    for (metodo, ruta), alcance in API.items():
        suya = "solo lo suyo" if alcance in de_afiliado else "no"
        yield f"| `{metodo} {ruta}` | {f'`{alcance}`' if alcance else 'firma'} | {suya} |"
    yield ""
    yield "| alcance que matiza | qué cambia |"
    yield "|---|---|"
    for alcance, que in ALCANCES_QUE_MATIZAN.items():
        yield f"| `{alcance}` | {que} |"
    yield ""
    yield "### Personal"
    yield ""
    nombres = (roles.REVISION, roles.TESORERIA, roles.CONSULTA)
    tienen = {rol: permisos_de(rol) for rol in nombres}
    yield f"| objeto | acción | permiso | {' | '.join(nombres)} | Administración |"
    yield f"|---|---|---|{'---|' * len(nombres)}---|"
    for modelo, acciones in ADMIN.items():
        for accion, permiso in acciones.items():
            celdas = " | ".join("sí" if permiso in tienen[rol] else "" for rol in nombres)
            yield f"| {modelo} | {accion} | `{permiso}` | {celdas} | sí |"
    yield ""
    yield "### Puertas"
    yield ""
    yield "| dirección | para quién |"
    yield "|---|---|"
    for direccion, quien in {**PUERTAS, **DE_TODO}.items():
        yield f"| `/admin/{direccion}` | {quien} |"
    yield ""
    yield "### Lo que pide confirmar que se es quien entró"
    yield ""
    yield "| objeto | acción |"
    yield "|---|---|"
    for objeto, accion in CON_PRESENCIA:
        yield f"| {objeto} | {accion} |"
    yield ""
    yield "### Quién no aprueba una comisión"
    yield ""
    yield (
        "| quien… | persona | clave, u otra de su titular | con `comisiones:aprobar_propias` "
        "| quien creó o rotó esa clave |"
    )
    yield "|---|---|---|---|---|"
    for relacion in Relacion:
        persona = "no aprueba" if relacion in VETOS["persona"] else "—"
        con = "aprueba" if relacion in LEVANTA_EL_ALCANCE else "no aprueba"
        # To hold a read-only key of who gets the money is not to get it.
        creo = "—" if relacion is Relacion.COBRA else "no aprueba"
        yield f"| {relacion.label} | {persona} | no aprueba | {con} | {creo} |"
    yield ""
    yield "### Las demás segundas personas"
    yield ""
    yield "| objeto | acción | no la hace quien… |"
    yield "|---|---|---|"
    for objeto, accion, quien in SEPARACION:
        yield f"| {objeto} | {accion} | {quien} |"
