"""What each role of the staff may do with events."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_outboxevent", "view_entregapendiente", "view_eventoaparcado", "view_webhook",
    "view_entregawebhook",
)  # fmt: skip
ROLES = {
    REVISION: _VER,
    TESORERIA: (*_VER, "change_eventoaparcado", "change_webhook"),
    CONSULTA: _VER,
}
