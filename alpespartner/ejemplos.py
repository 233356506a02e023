"""An example of what each operation takes and gives, made from its schema: in the API's document.

A field is shown by its name, so that one thing looks the same wherever it is.
"""

from __future__ import annotations

from typing import Any

_ULID = "01JDKXQ4T8R6W9N2Y5B7C3M1ZA"
_INSTANTE = "2026-01-31T10:00:00Z"
POR_NOMBRE: dict[str, Any] = {
    **{
        f"{nombre}_id": f"{prefijo}_{_ULID}"
        for nombre, prefijo in {
            "afiliado": "af", "campana": "camp", "conversion": "conv", "comision": "com",
            "pago": "pago", "lote": "lote", "enlace": "enl", "cupon": "cup", "cliente": "cli",
            "inscripcion": "insc", "liquidacion": "liq", "movimiento": "mov", "propuesta": "prop",
            "webhook": "wh", "postback": "pb", "clic": "clic",
        }.items()
    },
    "affiliateId": f"af_{_ULID}", "campaignId": f"camp_{_ULID}", "commissionId": f"com_{_ULID}",
    "conversionId": "pedido-1001", "evento_id": "019ba3f2-7c11-7d2e-9a55-0f3c2b1d4e60",
    "aggregateid": f"com_{_ULID}", "subject": f"com_{_ULID}", "objeto": f"com_{_ULID}",
    "nombre": "Ana Tévez", "email": "ana@ejemplo.com", "email_cliente": "cliente@ejemplo.com",
    "telefono": "+57 300 000 0000", "documento_tipo": "CC", "documento_numero": "1020304050",
    "referencia_externa": "pedido-1001", "referente": f"af_{_ULID}", "cliente_ref": "cliente-77",
    "id_externo": "devolucion-1", "producto_id": "sku-1", "sku": "sku-1", "canal_origen": "web",
    "cupon": "ANA10", "codigo": "ana-blog", "moneda": "USD", "currency": "USD", "status": "paid",
    "destino": "https://tienda.ejemplo.com/oferta", "url": "https://ejemplo.com/eventos",
    "tipos": ["ComisionAprobada"], "estados": ["approved"], "type": "ComisionAprobada",
    "motivo": "Revisada con la tienda.", "zona": "America/Bogota", "mes": "2026-01",
    "secreto": "whsec_c2VjcmV0by1kZS1lamVtcGxv", "peticion_id": "pedido-1001-1",
    "sello": "9f86d081884c7d659a2feaa0c55ad015", "specversion": "1.0",
    "datacontenttype": "application/json", "cursor": "AbCdEf0123", "version": 3, "nivel": "oro",
    "codigo_http": 204, "cantidad": 2, "metadatos": {"tienda": "norte"}, "data": {"monto": "10.00"},
    "siguiente": None, "numero": "2026-000123", "porcentaje": "10", "comision_base": "10",
    "comision_premium": "15", "idioma": "es", "indice": 0, "problema": None,
    "macro": "{payout}", "grossAmount": "100.00",
}  # fmt: skip
# Fields of money, of which each schema says only that they are text.
_IMPORTES = frozenset(
    {
        "monto", "importe", "valor", "valor_conversion", "queda", "saldo", "bruto", "neta", "base",
        "retenido", "revertido", "devuelto", "minimo_pago", "comision_fija", "monto_fijo",
        "monto_original", "netAmount", "apertura", "cierre", "precio", "envio", "impuesto",
        "descuento", "gastado", "pendiente", "aprobada", "programada", "pagada", "retenida",
        "rechazada", "aov", "epc", "epc_100", "limite",
    }
)  # fmt: skip
_DE_FORMATO = {
    "date-time": _INSTANTE, "date": "2026-01-31", "email": "ana@ejemplo.com",
    "uri": "https://ejemplo.com", "iso-4217": "USD",
}  # fmt: skip
_OMITIDOS = frozenset({"problema"})


def poner(result: dict[str, Any], **_opciones: Any) -> dict[str, Any]:
    """Give every body and every good answer in JSON an example (a hook of drf-spectacular)."""
    for operaciones in result["paths"].values():
        for operacion in operaciones.values():
            cuerpos = [operacion.get("requestBody", {})]
            cuerpos += [r for e, r in operacion["responses"].items() if e.startswith("2")]
            for cuerpo in cuerpos:
                medio = cuerpo.get("content", {}).get("application/json")
                if medio is not None:
                    medio.setdefault("example", ejemplo(result, medio["schema"]))
    return result


def ejemplo(documento: dict[str, Any], esquema: dict[str, Any], nombre: str = "") -> Any:
    """A value that a schema takes."""
    while "$ref" in esquema:
        lugar: Any = documento
        for parte in esquema["$ref"].removeprefix("#/").split("/"):
            lugar = lugar[parte]
        esquema = lugar
    if "enum" in esquema:
        return next(valor for valor in esquema["enum"] if valor not in (None, "", "*"))
    if esquema.get("type") == "array":
        if isinstance(POR_NOMBRE.get(nombre), list):
            return POR_NOMBRE[nombre]
        return [ejemplo(documento, esquema["items"])]
    if "properties" in esquema:
        return {
            campo: ejemplo(documento, suyo, campo)
            for campo, suyo in esquema["properties"].items()
            if campo not in _OMITIDOS
        }
    if "allOf" in esquema:
        return ejemplo(documento, esquema["allOf"][0], nombre)
    if "oneOf" in esquema and nombre not in POR_NOMBRE and nombre not in _IMPORTES:
        return ejemplo(documento, esquema["oneOf"][0], nombre)
    return _suelto(esquema, nombre)


def _suelto(esquema: dict[str, Any], nombre: str) -> Any:
    tipo = esquema.get("type")
    if esquema.get("format") in _DE_FORMATO:
        return _DE_FORMATO[esquema["format"]]
    if tipo == "integer":
        conocido = POR_NOMBRE.get(nombre)
        return conocido if isinstance(conocido, int) else 1
    if tipo == "boolean":
        return True
    if nombre in POR_NOMBRE and (POR_NOMBRE[nombre] is not None or esquema.get("nullable")):
        return POR_NOMBRE[nombre]
    if nombre in _IMPORTES:
        return "10.00"
    if tipo == "object":
        return {}
    return esquema.get("example", "texto")
