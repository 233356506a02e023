"""What campaigns may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, ReferenciaDesconocida


class CampanaDuplicada(Conflicto):
    """Another campaign has that external reference."""

    codigo = "campana_duplicada"
    texto = _("Ya hay una campaña con esa referencia externa.")


class MonedaFija(Conflicto):
    """The campaign has conversions or clicks: its currency is theirs."""

    codigo = "moneda_fija"
    texto = _("La moneda no puede cambiar: la campaña ya tiene conversiones o clics.")


class ZonaFija(Conflicto):
    """The campaign has figures: their days are those of its zone."""

    codigo = "zona_fija"
    texto = _("La zona horaria no puede cambiar: la campaña ya tiene conversiones o clics.")


class CampanaTerminada(Conflicto):
    """The campaign ended for good."""

    codigo = "campana_terminada"
    texto = _("La campaña terminó: elige otra.")


class CampanaVencida(Conflicto):
    """The date of its end has gone by."""

    codigo = "campana_vencida"
    texto = _("Ya pasó su fecha de fin: cambia antes la fecha, o quítala.")


class CampanaDesconocida(ReferenciaDesconocida):
    """No campaign has that identifier or external reference."""

    codigo = "campana_desconocida"


class SinCampanaPredeterminada(ReferenciaDesconocida):
    """No campaign was named and the programme has none by default."""

    codigo = "sin_campana_predeterminada"
    texto = _("El programa no tiene campaña predeterminada: indica una.")
