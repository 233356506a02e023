"""What asks for more than a permission: to show again who one is, or another person."""

from __future__ import annotations

# What asks a person, before it is done, to show again that they are there.
CON_PRESENCIA: tuple[tuple[str, str], ...] = (
    ("lote", "liberar, reintentar los fallidos, descargar el fichero para el banco"),
    ("pago", "reintentar, dar por pagado, dar por no pagado"),
    ("extracto del banco", "importar"),
    ("cuenta bancaria", "confirmar"),
    ("comisión, ajuste", "aprobar, al pasar de ALPES_APROBACION_SESION"),
    (
        "segundo factor",
        "poner, cambiar, quitar, códigos nuevos, restablecer el de otra persona",
    ),
)

# Who does not do the second half of something, besides what is said of commissions.
SEPARACION: tuple[tuple[str, str, str], ...] = (
    ("ajuste", "aprobar", "lo redactó"),
    ("ajuste propuesto por un hecho", "aprobar", "no podría aprobar su comisión"),
    ("lote", "liberar", "lo preparó o lo congeló"),
    (
        "lote",
        "liberar",
        "aprobó algo de lo que paga (lo levanta ALPES_PAGOS_LIBERA_QUIEN_APROBO)",
    ),
    (
        "lote",
        "liberar",
        "registró la venta de algo de lo que paga, o creó o rotó una clave que registró o calculó "
        "algo de ello",
    ),
    ("lote", "liberar", "dijo que no llegó algo que estuvo en el fichero de otro lote"),
    ("afiliado", "desbloquear", "lo bloqueó"),
    (
        "afiliado",
        "activar por primera vez",
        "le fijó condiciones que pasan de ALPES_CAMBIO_GRANDE, o un referente",
    ),
    ("cuenta bancaria", "confirmar", "la guardó, o cambió el correo de su afiliado por entonces"),
    ("segundo factor", "restablecer", "lo tiene: lo hace otra persona que administre"),
    ("importación", "aplicar", "no la subió: queda a su nombre, y no aprueba lo que trae"),
    ("política de aprobación", "aprobar por ella", "su autor no podría aprobar la comisión"),
    (
        "propuesta de condiciones de un afiliado",
        "confirmar",
        "las propuso (las que pasan de ALPES_CAMBIO_GRANDE, y otro referente)",
    ),
    ("propuesta de borrar los datos de un afiliado o de un cliente", "confirmar", "la pidió"),
    ("propuesta de dar un pago por no pagado", "confirmar", "lo dijo"),
    ("propuesta de aplicar un extracto que devuelve", "confirmar", "lo importó o lo propuso"),
    ("propuesta de revocar una clave", "confirmar", "la pidió (la clave para mientras tanto)"),
    ("propuesta de hacer predeterminada una campaña", "confirmar", "la pidió"),
    ("propuesta de retención fiscal de más de un afiliado", "confirmar", "la pidió"),
    ("propuesta de política que aprueba más que la vigente", "confirmar", "la pidió"),
)
