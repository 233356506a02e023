"""Every code of a problem, with what it means and what to do: the page that its ``type`` leads to.

A test holds that no code is missing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from alpespartner.comun.api.problemas import titulo
from alpespartner.comun.errores import ErrorDominio

# Of what no class of ours says.
_ESTADOS = {
    "base_de_datos_ocupada": 503, "clave_invalida": 401, "datos_invalidos": 400,
    "error_interno": 500, "falta_longitud": 411, "formato_no_admitido": 415,
    "formato_no_disponible": 406, "formulario_caducado": 403, "host_desconocido": 400,
    "json_invalido": 400, "metodo_no_admitido": 405, "peticion_demasiado_grande": 413,
    "peticion_invalida": 400, "sin_clave": 401, "sin_escritura": 503, "sin_permiso": 403,
}  # fmt: skip

CODIGOS = {
    "acceso_ocupado": _(
        "Se están comprobando ya tantas contraseñas como aguanta la máquina: repítelo en unos "
        "segundos."
    ),
    "afiliado_borrado": _(
        "Los datos de ese afiliado se borraron y no vuelven: de él quedan sus identificadores y "
        "sus cuentas."
    ),
    "afiliado_desconocido": _(
        "Ningún afiliado tiene ese identificador ni esa referencia, o la clave no lo ve: revísalo."
    ),
    "afiliado_duplicado": _(
        "Otro afiliado tiene ese documento o esa referencia externa: búscalo, o cambia lo tuyo."
    ),
    "afiliado_fuera": _(
        "La clave es de un afiliado bloqueado, rechazado o cerrado: escribe al programa."
    ),
    "afiliado_no_activo": _("Solo se aprueban comisiones de afiliados activos: actívalo antes."),
    "afiliado_no_admite": _("El afiliado está fuera del programa."),
    "afiliado_no_admitido": _("El estado del afiliado no admite conversiones."),
    "afiliado_no_inscrito": _(
        "La campaña pide inscripción y el afiliado no estaba en ella cuando ocurrió la venta."
    ),
    "afiliado_sin_cerrar": _("Solo se borran los datos de quien dejó el programa: ciérralo antes."),
    "afiliado_sin_inscripcion": _("El afiliado no puede inscribirse: está fuera del programa."),
    "aviso_ilegible": _("El aviso de la pasarela está bien firmado y no dice lo que debe."),
    "base_de_datos_ocupada": _("No se hizo nada: repite la petición tal cual tras «Retry-After»."),
    "bic_invalido": _("El BIC está mal escrito, no corresponde al país de la cuenta o no se pide."),
    "borrado_impedido": _(
        "Algo de esa persona no ha terminado, como un pago en camino: repítelo cuando acabe."
    ),
    "cambio": _(
        "Otra persona decidió, o llegó una devolución, desde que miraste la comisión: mírala "
        "otra vez."
    ),
    "campana_abierta": _("En esta campaña está todo el mundo: no hace falta inscribirse."),
    "campana_desconocida": _(
        "Ninguna campaña tiene ese identificador ni esa referencia, o la clave no la ve."
    ),
    "campana_duplicada": _("Otra campaña tiene esa referencia externa."),
    "campana_no_admitida": _("El estado de la campaña no admite conversiones."),
    "campana_terminada": _("La campaña terminó para siempre."),
    "campana_vencida": _("La fecha de fin de la campaña ya pasó: cámbiala antes."),
    "ciclo_de_referentes": _("El afiliado estaría entre sus propios referentes: elige otro."),
    "ciclo_en_red": _(
        "Los referentes de la red forman un ciclo: hay que deshacerlo antes de calcular."
    ),
    "clave_desconocida": _("No hay una clave tuya con ese identificador."),
    "clave_invalida": _("La clave no existe, caducó o se revocó: pide otra."),
    "clave_reutilizada": _(
        "Esa Idempotency-Key ya vino con otro cuerpo: usa una clave nueva para cada petición "
        "distinta."
    ),
    "cliente_borrado": _("Los datos de ese cliente ya se borraron."),
    "codigo_erroneo": _(
        "El código del segundo factor no es ese, o ya se usó: espera al siguiente."
    ),
    "codigo_ocupado": _("Otro enlace tiene o tuvo ese código, que queda para siempre: elige otro."),
    "columna_desconocida": _(
        "El fichero no tiene esa columna, o la misma columna se dio a dos cosas."
    ),
    "comision_existente": _("La conversión ya tiene su comisión: «comision» dice cuál."),
    "conflicto": _("El estado actual no lo permite: lee el objeto otra vez."),
    "congelado_invalido": _(
        "Las condiciones guardadas con la comisión no se pueden leer: avisa al programa."
    ),
    "conversion_cerrada": _("La venta se rechazó o se devolvió entera: ya no cambia."),
    "conversion_desconocida": _("El afiliado no tiene esa conversión, o la clave no la ve."),
    "conversion_distinta": _(
        "La conversión se registró antes con otros datos: usa otra referencia."
    ),
    "conversion_duplicada": _(
        "La campaña ya tiene una conversión con esa referencia: si es la misma, está registrada."
    ),
    "conversion_fija": _(
        "Eso se dijo al registrar la venta y de ello depende lo que gana: no se cambia."
    ),
    "conversion_no_admitida": _("El estado de la conversión no da comisión."),
    "correo_en_espera": _("El correo todavía no salió y se intentará de todos modos."),
    "cuatro_ojos": _("Quien hizo la primera mitad no hace la segunda: pídeselo a otra persona."),
    "cuenta_cambiada": _("La cuenta cambió mientras la mirabas: compruébala de nuevo."),
    "cuenta_stripe_invalida": _(
        "No es una cuenta de Stripe: son «acct_» y después letras y cifras."
    ),
    "cupon_ocupado": _("El cupón es ahora de otro: elige otro código."),
    "cursor_caducado": _(
        "Lo que sigue a ese cursor ya no está entero: toma uno con «desde=ahora» y lee las listas."
    ),
    "dato_invalido": _("Un valor está mal escrito o fuera de rango: «errores» dice cuál."),
    "datos_invalidos": _("La petición no se entiende: «errores» dice qué campos y por qué."),
    "decision_ajena": _("Solo quien eligió las comisiones de una decisión sabe qué confirmaría."),
    "decision_de_fichero": _("Lo que decide un fichero se confirma entero."),
    "demasiadas_claves": _("Ya tienes demasiadas claves vigentes: revoca una que no uses."),
    "demasiadas_exportaciones": _(
        "Ya tienes en marcha todas las exportaciones que se pueden: espera a una."
    ),
    "demasiadas_peticiones": _(
        "La clave pide demasiado deprisa: espera lo que dice «Retry-After» y repítelo."
    ),
    "demasiadas_vistas": _("No caben más vistas guardadas: quita una."),
    "demasiado_preciso": _(
        "El importe tiene más decimales que su moneda: redondéalo antes de enviarlo."
    ),
    "demasiados_dias": _("El informe no llega a tantos días: pide un intervalo más corto."),
    "demasiados_grupos": _("El informe tendría demasiados grupos: filtra o agrupa por menos."),
    "demasiados_intentos": _("Demasiados intentos fallidos: espera lo que dice «Retry-After»."),
    "demasiados_postbacks": _("El afiliado ya tiene todos los postbacks que puede: edita uno."),
    "demasiados_reportes": _("Ya tienes todos los reportes que se pueden: retira uno."),
    "demasiados_webhooks": _("Ya tienes todos los webhooks que se pueden: edita uno."),
    "destino_no_admitido": _(
        "Un enlace no puede llevar ahí: usa https y un servidor de la lista de la campaña."
    ),
    "devolucion_excesiva": _("Se quitaría más de lo que queda de la venta: «queda» dice cuánto."),
    "direccion_no_admitida": _(
        "La clave es buena y solo sirve desde las direcciones que tiene dichas: usa una de ellas, "
        "o pide que admitan esta."
    ),
    "documento_invalido": _(
        "El número no es de ese tipo de documento o no es de ese país: revisa sus cifras y su "
        "dígito de verificación."
    ),
    "en_un_pago": _("Un pago contiene la comisión: su aprobación ya no se deshace."),
    "enlace_caducado": _("El enlace del correo ya se usó o es demasiado viejo: pide otro."),
    "error_interno": _(
        "Falló algo nuestro y está anotado: repite la petición o dinos su «peticion_id»."
    ),
    "estado_no_ofrecido": _("Un postback no avisa de ese estado: el mensaje dice de cuáles sí."),
    "evento_ajeno": _("Lo apartado no es un evento nuestro: no hay nada que entregar otra vez."),
    "exportacion_demasiado_grande": _(
        "Son más filas de las que caben en un fichero: filtra la lista."
    ),
    "extracto_ilegible": _("El extracto del banco está mal formado o es demasiado grande."),
    "extracto_no_espera": _("Nada de ese extracto espera a una persona."),
    "extracto_repetido": _("Ese extracto ya se importó."),
    "factor_inscrito": _("La cuenta ya tiene segundo factor: se cambia entrando con él."),
    "factor_obligatorio": _("Aquí nadie prescinde del segundo factor."),
    "falta_if_match": _(
        "Lee el objeto y envía su «ETag» en «If-Match», o «*» para cambiarlo como esté."
    ),
    "falta_longitud": _("El cuerpo viene sin su longitud: envía «Content-Length»."),
    "falta_motivo": _("No se hace sin un motivo escrito: envía «motivo»."),
    "faltan_columnas": _("Falta decir dónde está algo que cada fila debe tener."),
    "fecha_futura": _("Dice que ocurrió en el futuro: revisa el reloj y la zona."),
    "fechas_al_reves": _("El último día es anterior al primero."),
    "fichero_alterado": _("El fichero guardado del lote no es el que se liberó: no se usa."),
    "fichero_ilegible": _("No es un fichero de decisiones."),
    "fichero_repetido": _("Ese mismo fichero ya se aplicó."),
    "fichero_ya_aplicado": _("El mismo contenido ya se aplicó."),
    "filtro_demasiado_largo": _(
        "La dirección dice más de lo que se guarda de ella: filtra por menos."
    ),
    "firma_invalida": _("La pasarela no firmó ese aviso, o lo hizo hace demasiado."),
    "formato_no_admitido": _(
        "El cuerpo tiene que ser JSON: envía «Content-Type: application/json»."
    ),
    "formato_no_disponible": _(
        "La API contesta con JSON: quita «Accept» o pide «application/json»."
    ),
    "formulario_caducado": _(
        "El formulario caducó o vino de otro sitio: recarga la página y repítelo."
    ),
    "fuera_de_campana": _("La venta ocurrió antes de empezar la campaña o después de acabar."),
    "fuera_de_rango": _("La regla da más de lo que una comisión puede pagar: corrige la regla."),
    "hechos_invalidos": _(
        "Los datos de la venta son imposibles: valor negativo, fecha sin zona o sin cantidad."
    ),
    "host_desconocido": _("Este sitio no se llama así: revisa la dirección."),
    "iban_invalido": _("No es un IBAN válido: revisa el país, el largo y los dígitos de control."),
    "importacion_ajena": _("La confirma quien la subió, a cuyo nombre se hace."),
    "intervalo_invalido": _(
        "El intervalo acaba antes de empezar, o contiene demasiado: pide uno más corto."
    ),
    "json_invalido": _("El cuerpo no es JSON bien escrito."),
    "limite_de_clave": _(
        "Es más de lo que una clave aprueba, de una venta o en un día: lo aprueba una persona."
    ),
    "linea_no_espera": _("Nadie tiene que mirar esa línea del banco, o alguien la miró ya."),
    "linea_ya_espera": _("Esa línea del banco ya espera a alguien, o no tiene que esperar."),
    "lineas_en_escalas": _(
        "Las líneas de la venta siguen dos escalas por periodo a la vez: corrige las reglas."
    ),
    "lineas_invalidas": _(
        "Las líneas de la venta no dicen lo que costó cada una, o no suman su valor."
    ),
    "lineas_sin_precio": _("Las líneas siguen reglas distintas y no dicen lo que costó cada una."),
    "lista_que_no_se_abre": _("La lista ya no se abre con ese filtro."),
    "lote_congelado": _("El lote está congelado: el pago no sale de él."),
    "lote_descuadrado": _("Las partidas del lote no suman sus pagos y lo que retienen."),
    "lote_vacio": _("Un lote sin pagos no se congela."),
    "mensaje_invalido": _(
        "Lo que se ordena al entorno de pruebas lo firma el sitio, vale medio minuto y una vez."
    ),
    "metodo_no_admitido": _("La dirección no tiene ese método: «Allow» dice cuáles."),
    "moneda_desconocida": _("No es una moneda de ISO 4217 con decimales definidos."),
    "moneda_distinta": _("Se mezclarían importes de dos monedas."),
    "moneda_fija": _("La campaña tiene conversiones o clics: su moneda ya no cambia."),
    "movimiento_duplicado": _(
        "Ya hay un movimiento con ese identificador externo: si es el mismo, está hecho."
    ),
    "mudanza_en_curso": _(
        "Las ventas de ese cliente todavía se están moviendo a otro afiliado: espera a que "
        "terminen y repítelo."
    ),
    "nada_que_decidir": _("No se eligió ninguna comisión, o nadie lo confirmó a tiempo."),
    "nada_que_importar": _("Ninguna fila del ensayo era buena."),
    "nada_que_pagar": _("No se debe nada que este pago o lote pueda pagar."),
    "no_encontrado": _("No existe, o no es de la clave."),
    "no_esta_validada": _("Solo una venta validada se rechaza devolviéndola entera."),
    "no_permitido": _("La clave o la persona no puede hacerlo."),
    "no_puede_importar": _("No puedes hacer a mano lo que el fichero hace muchas veces."),
    "no_se_asigna": _("La venta se rechazó o se devolvió entera: no gana nadie."),
    "nombre_de_reporte_tomado": _(
        "Esa persona ya tiene un reporte en uso con ese nombre: ponle otro."
    ),
    "objeto_cambiado": _("El objeto ya no es como lo vio quien lo propuso: proponlo de nuevo."),
    "otra_cuenta": _("El extracto no es de la cuenta que paga."),
    "pago_cambiado": _("El pago ya no es el que se miró o se liberó: míralo otra vez."),
    "pago_en_curso": _("Un pago en camino contiene una comisión de la venta: espera a que acabe."),
    "pago_en_fichero": _(
        "Estaba en un fichero que tiene el banco: lo que debía va en el lote siguiente."
    ),
    "pago_no_fallido": _("Solo se reintenta un pago fallido."),
    "pago_no_incierto": _("Una persona decide solo lo que la pasarela no sabe."),
    "parametro_desconocido": _("La dirección no admite ese parámetro: quítalo o corrígelo."),
    "pasarela_responde": _("La pasarela ya sabe qué fue del pago: nadie más lo decide."),
    "peticion_demasiado_grande": _("El cuerpo admite hasta 1 MB: divídelo."),
    "peticion_invalida": _("La petición tiene un dato que no se entiende."),
    "postback_desconocido": _("No hay un postback con ese identificador, o la clave no lo ve."),
    "presupuesto_agotado": _(
        "Lo que queda del presupuesto de la campaña es menos que la comisión."
    ),
    "propuesta_caducada": _("Nadie confirmó la propuesta a tiempo: hazla de nuevo."),
    "pruebas_apagadas": _(
        "El programa no tiene entorno de pruebas y la clave es de prueba: usa una real, o pide que "
        "lo pongan en marcha."
    ),
    "pruebas_no_admiten": _(
        "El entorno de pruebas no admite lo que se le pidió: el mensaje dice por qué."
    ),
    "pruebas_no_contestan": _(
        "El entorno de pruebas no contesta y lo real sigue igual: repite la petición tras "
        "«Retry-After»."
    ),
    "pruebas_ocupadas": _("Hay demasiadas pruebas a la vez: repítelo tras «Retry-After»."),
    "red_invalida": _("Los porcentajes de la red están fuera de rango o pasan de su tope."),
    "referencia_ambigua": _("Hay varios con esa referencia: usa nuestro identificador."),
    "referencia_desconocida": _("La petición nombra algo que no existe o no se puede usar."),
    "referencia_reservada": _(
        "La referencia tiene la forma de nuestros identificadores: usa otra."
    ),
    "regla_terminada": _("La regla terminó: no admite más versiones."),
    "remidiendo": _("Las cifras se están midiendo otra vez: espera a que acabe."),
    "reporte_retirado": _("Un reporte retirado no se cambia ni se envía: guarda otro."),
    "resumen_no_querido": _("El afiliado pidió no recibir resúmenes."),
    "reverso_invalido": _("La devolución no cabe en la venta."),
    "sepa_sin_cuenta": _("Falta decir qué cuenta paga por fichero, o ningún banco la tomaría."),
    "signo": _("El signo no corresponde: un bono da y una recuperación quita."),
    "sin_atribuir": _("La venta no es de nadie: no hay a quién quitársela."),
    "sin_campana_predeterminada": _(
        "No se dijo la campaña y el programa no tiene una predeterminada: envía «campana_id»."
    ),
    "sin_clave": _("Falta la clave: envía «Authorization: Bearer ap_…»."),
    "sin_destinatarios": _("Nadie puede recibirlo: elige personas con correo y que vean reportes."),
    "sin_destino": _("Ni el enlace ni su campaña dicen adónde lleva."),
    "sin_escritura": _("Ahora no se puede guardar nada: repítelo tras «Retry-After»."),
    "sin_exportar": _("Quien lo pidió ya no puede ver la lista."),
    "sin_factor": _("No hay segundo factor al que hacérselo."),
    "sin_fichero": _("El fichero no está listo, o ya se borró."),
    "sin_permiso": _("La clave no tiene el alcance que hace falta: el mensaje dice cuál."),
    "sin_regla": _("Ninguna regla dice lo que paga la comisión: publica una."),
    "sin_remesa": _("No se sabe todavía si el pago se hizo: aún no hay aviso de él."),
    "sin_versiones": _("La regla es del sistema: sus condiciones no se publican."),
    "sin_vinculo": _("El cliente no es de nadie: no hay a quién quitárselo."),
    "solo_en_pruebas": _(
        "Lo real no se vacía: pídelo con una clave de prueba («ap_test_…»), que vacía lo de prueba."
    ),
    "tabla_ilegible": _("El fichero no es una tabla, o es demasiado grande: no se toma nada."),
    "terminos_invalidos": _("A las condiciones les falta algo, o se contradicen."),
    "terminos_sin_aceptar": _(
        "Quien pide inscribirse acepta los términos vigentes: envía su versión."
    ),
    "tipo_no_ofrecido": _(
        "No hay ese tipo de evento, o la clave no puede verlo: el mensaje dice cuáles."
    ),
    "titular_invalido": _(
        "El nombre del titular está vacío, es largo, o no se puede escribir para un banco."
    ),
    "tramos_invalidos": _("Los tramos dejan un hueco, se pisan o están en desorden."),
    "transicion_invalida": _("El estado en que está no admite ese paso: léelo otra vez."),
    "url_invalida": _("No se envía nada a esa dirección: usa https y un servidor público."),
    "usuario_no_se_borra": _("El personal no se borra: se desactiva."),
    "valor_distinto": _("De la venta ya no queda lo que vio quien la corrige: mírala otra vez."),
    "valor_que_sube": _("Una venta solo se corrige a menos: para pagar más, haz un ajuste."),
    "version_distinta": _("Ha cambiado desde que lo leíste: léelo otra vez, con su nueva «ETag»."),
    "webhook_desactivado": _("Está desactivado: actívalo antes."),
    "webhook_desconocido": _("No hay un webhook tuyo con ese identificador."),
    "ya_aprobada": _("Ya estaba aprobada: no cambia nada."),
    "ya_atribuida": _("La venta ya es de un afiliado."),
    "ya_confirmada": _("La cuenta ya estaba confirmada."),
    "ya_es_suyo": _("Ya es de ese afiliado."),
    "ya_propuesto": _("Ya se propuso lo mismo y espera a otra persona."),
    "ya_reencolado": _("El evento ya volvió a su consumidor, o le llegó de otro modo."),
    "ya_reintentado": _("Otro pago ocupó el lugar de este."),
    "ya_revocada": _("La clave ya estaba revocada."),
    "zona_fija": _("La campaña tiene cifras: sus días son los de su zona."),
}


def clases(de: type[ErrorDominio] = ErrorDominio) -> Iterator[type[ErrorDominio]]:
    """Every kind of refusal."""
    yield de
    for hija in de.__subclasses__():
        yield from clases(hija)


def estados() -> dict[str, int]:
    """The HTTP status of each code that an answer may have."""
    return {**_ESTADOS, **{clase.codigo: clase.http for clase in clases()}}


@require_safe
def indice(request: HttpRequest) -> HttpResponse:
    """All of them."""
    de = estados()
    filas = [(c, de.get(c, ""), texto) for c, texto in CODIGOS.items()]
    return render(request, "errores.html", {"filas": filas, "idioma": translation.get_language()})


@require_safe
def pagina(request: HttpRequest, codigo: str) -> HttpResponse:
    """One of them."""
    if codigo not in CODIGOS:
        raise Http404
    estado = estados().get(codigo)
    contexto = {
        "codigo": codigo, "texto": CODIGOS[codigo], "estado": estado, "titulo": titulo(estado),
        "idioma": translation.get_language(),
    }  # fmt: skip
    return render(request, "errores.html", contexto)
