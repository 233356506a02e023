"""What each role of the staff may do with events."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = ("view_outboxevent", "view_entregapendiente", "view_eventoaparcado")
ROLES = {
    REVISION: _VER,
    TESORERIA: (*_VER, "change_eventoaparcado"),
    CONSULTA: _VER,
}
