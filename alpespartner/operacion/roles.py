"""What each role of the staff may do with the running of the programme."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = ("view_alerta",)
ROLES = {REVISION: _VER, TESORERIA: _VER, CONSULTA: _VER}
