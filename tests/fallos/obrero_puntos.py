"""Where the worker of :mod:`tests.fallos.obrero` can die."""

PUNTOS = ("antes_del_intento", "tras_el_intento", "tras_aceptar", "antes_de_resolver")
