"""What each role of the staff may do with events."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_outboxevent", "view_entregapendiente", "view_eventoaparcado", "view_webhook",
    "view_entregawebhook", "view_postback",
)  # fmt: skip
_POSTBACKS = ("add_postback", "change_postback")
ROLES = {
    REVISION: (*_VER, *_POSTBACKS),
    TESORERIA: (*_VER, *_POSTBACKS, "change_eventoaparcado", "change_webhook"),
    CONSULTA: _VER,
}
