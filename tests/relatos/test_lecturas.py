"""What comes from others and what goes to them: statements, notices, files, names, products."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace as N
from typing import Any

from afiliados.claves.selectors import titular_normal
from afiliados.cuentas import sepa
from afiliados.cuentas.models import TipoCuenta
from afiliados.cuentas.services import bic_valido, iban_valido, titular_valido
from alpespartner.comun.errores import ErrorDominio
from comisiones.calculo import turnos
from comisiones.motor import AmbitoTope
from comisiones.pagos.conciliacion import camt, formas
from comisiones.pagos.conciliacion.balance import Hecho, distintos, neto, que_significa
from comisiones.pagos.pasarelas import archivo, pain001, referencias, stripe
from comisiones.pagos.pasarelas.interfaz import Orden
from conversiones.ventas.desglose import ParteDevuelta, comprobar_partes
from conversiones.ventas.lineas import lineas_de, monto_de
from conversiones.ventas.motivos import motivo_de
from conversiones.ventas.validacion import exigir_metadatos, exigir_productos
from tests.relatos.hoja import Hoja

D = Decimal
IBAN = "ES9121000418450200051332"
PAGO = "pago_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def dicho(hacer: Any, *args: Any) -> Any:
    """What a service says or refuses."""
    try:
        return hacer(*args)
    except ErrorDominio as exc:
        return f"no: {type(exc).__name__} ({getattr(exc, 'campo', '')}): {exc.mensaje}"


def extracto(*entradas: str, cuenta: str = "<IBAN>DE1</IBAN>", raiz: str = "BkToCstmrStmt",
             parte: str = "Stmt") -> bytes:  # fmt: skip
    return (
        f'<Document xmlns="urn:x"><{raiz}><{parte}><Acct><Id>{cuenta}</Id></Acct>'
        f"{''.join(entradas)}</{parte}></{raiz}></Document>"
    ).encode()


def entrada(dentro: str = "", *detalles: str, importe: str = '<Amt Ccy="EUR">10.00</Amt>',
            sentido: str = "DBIT", estado: str = "<Sts><Cd>BOOK</Cd></Sts>",
            fecha: str = "<Dt>2026-03-10</Dt>") -> str:  # fmt: skip
    cuerpo = "".join(f"<TxDtls>{d}</TxDtls>" for d in detalles)
    return (
        f"<Ntry>{importe}<CdtDbtInd>{sentido}</CdtDbtInd>{estado}<BookgDt>{fecha}</BookgDt>"
        f"<AcctSvcrRef>B1</AcctSvcrRef>{dentro}<NtryDtls>{cuerpo}</NtryDtls></Ntry>"
    )


REF = f"<Refs><EndToEndId>{PAGO}</EndToEndId></Refs>"
ENTRADAS = {
    "sencilla": entrada("", REF),
    "sin detalle": entrada(),
    "entra": entrada("", REF, sentido="CRDT"),
    "no dice": entrada("", REF, sentido="XXXX"),
    "en curso": entrada("", REF, estado="<Sts>PDNG</Sts>"),
    "estado de antes": entrada("", REF, estado="<Sts>BOOK</Sts>"),
    "hora": entrada("", REF, fecha="<DtTm>2026-03-10T11:12:13.5Z</DtTm>"),
    "fecha con zona": entrada("", REF, fecha="<Dt>2026-03-10+01:00</Dt>"),
    "fecha rara": entrada("", REF, fecha="<Dt>ayer</Dt>"),
    "dos detalles": entrada(
        "", REF + '<Amt Ccy="EUR">4</Amt>', "<AmtDtls><InstdAmt><Amt Ccy='EUR'>6</Amt></InstdAmt>"
        "</AmtDtls><CdtDbtInd>CRDT</CdtDbtInd>",
    ),
    "dos sin importe": entrada("", REF, REF),
    "uno con otro importe": entrada(
        "", REF + '<AmtDtls><TxAmt><Amt Ccy="USD">3.5</Amt></TxAmt></AmtDtls>'
    ),
    "sin importe": entrada("", REF, importe=""),
    "cero": entrada("", REF, importe='<Amt Ccy="EUR">0</Amt>'),
    "negativo": entrada("", REF, importe='<Amt Ccy="EUR">-1</Amt>'),
    "no es número": entrada("", REF, importe='<Amt Ccy="EUR">1e3</Amt>'),
    "enorme": entrada("", REF, importe='<Amt Ccy="EUR">99999999999.99</Amt>'),
    "más que enorme": entrada("", REF, importe='<Amt Ccy="EUR">100000000000</Amt>'),
    "decimales": entrada("", REF, importe='<Amt Ccy="EUR">1.001</Amt>'),
    "ceros": entrada("", REF, importe='<Amt Ccy="EUR">+01.5000</Amt>'),
    "moneda": entrada("", REF, importe='<Amt Ccy="XXX">1</Amt>'),
    "vuelve": entrada("", REF + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),
    "vuelve y lo dice": entrada(
        "", "<RtrInf><OrgnlEndToEndId>x</OrgnlEndToEndId><Rsn><Prtry>P</Prtry></Rsn>"
        "<AddtlInf> cerrada </AddtlInf></RtrInf>",
    ),
    "revierte": entrada("<RvslInd>true</RvslInd>", REF),
    "no revierte": entrada("<RvslInd>false</RvslInd>", REF),
    "de texto": entrada("", f"<RmtInf><Ustrd>Comisiones {PAGO.replace('_', '-')}</Ustrd></RmtInf>"),
    "de dos textos": entrada(
        "", f"<RmtInf><Ustrd>{PAGO}</Ustrd><Ustrd>{PAGO[:-1]}Z</Ustrd></RmtInf>"
    ),
    "sin referencia": entrada("", "<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"),
    "otra referencia": entrada("", "<Refs><EndToEndId> a b </EndToEndId></Refs>"),
    "su número": entrada("", REF + "<Refs><AcctSvcrRef>B2</AcctSvcrRef></Refs>"),
    "cargos": entrada(
        "", REF + '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.30</TtlChrgsAndTaxAmt></Chrgs>'
    ),
    "cargos sueltos": entrada(
        "", REF + '<Chrgs><Rcrd><Amt Ccy="EUR">0.30</Amt></Rcrd><Rcrd><Amt Ccy="EUR">0.10</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd></Rcrd><Rcrd/></Chrgs>",
    ),
    "cargos de antes": entrada("", REF + '<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs>'),
    "cargos en otra": entrada("", REF + '<Chrgs><Amt Ccy="USD"> 0.30</Amt></Chrgs>'),
    "cargos ilegibles": entrada("", REF + '<Chrgs><Amt Ccy="EUR">x</Amt></Chrgs>'),
    "cargos del apunte": entrada('<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs>', REF),
    "cargos de dos": entrada('<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs>', REF, REF),
    "cargos de ambos": entrada(
        '<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs>', REF + '<Chrgs><Amt Ccy="EUR">0.20</Amt></Chrgs>'
    ),
    "cargos sin detalle": entrada('<Chrgs><Amt Ccy="EUR">0.30</Amt></Chrgs>'),
    "cargos enormes": entrada(
        "", REF + '<Chrgs><Amt Ccy="EUR">99999999999.99</Amt></Chrgs>'
        '<Chrgs><Amt Ccy="EUR">0.01</Amt></Chrgs>',
    ),
}  # fmt: skip


def test_lee_camt(hoja: Hoja) -> None:
    for que, una in ENTRADAS.items():
        hoja.dice(
            que,
            lambda una=una: [
                {k: v for k, v in asdict(m).items() if v not in ("", "DE1", "2026-03-10")}
                for m in camt.leer(extracto(una)).movimientos
            ],
        )
    for que, contenido in (
        ("vacío", b""), ("roto", b"<a>"), ("otra cosa", b"<a/>"),
        ("entidad", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        ("sin cuenta", extracto(cuenta="")),
        ("otra cuenta", extracto(cuenta="<Othr><Id>a b</Id></Othr>")),
        ("camt.054", extracto(raiz="BkToCstmrDbtCdtNtfctn", parte="Ntfctn")),
        ("parte de otro", extracto(parte="Ntfctn")), ("BOM", b"\xef\xbb\xbf \n" + extracto()),
        ("UTF-16", extracto().decode().encode("utf-16")), ("con nota", b"<!-- x -->" + extracto()),
    ):  # fmt: skip
        hoja.dice(que, lambda c=contenido: sorted(camt.leer(c).cuentas))
    for texto in ("10.50", "+1.50", ".50", "1.", "007", " 1\n", "1,5", "", "-", "1e3", "٣"):
        hoja.dice(f"decimal {texto!r}", lambda t=texto: formas.decimal(t))
    for texto in ("true", "1", " true\n", "false", "0", "TRUE", ""):
        hoja.dice(f"booleano {texto!r}", lambda t=texto: formas.booleano(t))
    for texto in ("2026-03-10", "2026-03-10Z", "2026-03-10T01:02:03.4+05:00", "2026-03-10T01:02:03",
                  "2026-3-10", " 2026-03-10 ", "-0044-03-15"):  # fmt: skip
        hoja.dice(f"fecha {texto!r}", lambda t=texto: formas.fecha(t))


def test_lee_referencias(hoja: Hoja) -> None:
    suyo = PAGO.removeprefix("pago_")
    for texto in (
        PAGO, f"pago-{suyo}", f"PAGO{suyo}", f"pago {suyo.lower()}", f" {PAGO[:12]} {PAGO[12:]} ",
        f"x{PAGO}", f"{PAGO}0", "pago_I", "", " otra cosa ", f"{PAGO} y {PAGO}",
        f"{PAGO} y {PAGO[:-1]}Z", f"Comisiones {PAGO}, gracias",
    ):  # fmt: skip
        hoja.dice(f"{texto!r}", lambda t=texto: [
            referencias.del_banco(t), referencias.nombrado_en(t), referencias.para_el_banco(t),
        ])  # fmt: skip
    for que, previos in {
        "nada": [],
        "salió": [Hecho(True, "B", "1", 1)],
        "volvió": [Hecho(False, "B", "1", 1)],
        "salió y volvió": [Hecho(True, "B", "1", 1), Hecho(False, "C", "2", 1)],
        "salió dos veces": [Hecho(True, "B", "1", 1), Hecho(True, "C", "1", 1)],
        "dos extractos": [Hecho(True, "B", "1", 1), Hecho(True, "", "1", 2)],
        "sin banco": [Hecho(True, "", "1", 1), Hecho(True, "C", "1", 2), Hecho(True, "C", "2", 3)],
        "repetido": [Hecho(True, "B", "1", 1, repetido=True)],
    }.items():
        hoja.dice(f"{que} son", lambda p=previos: [
            [s.sale, s.banco, s.dia, sorted(s.extractos)] for s in distintos(p)
        ] + [neto(distintos(p))])  # fmt: skip
        for estado in ("pagado", "devuelto", "fallido", "incierto", "enviando"):
            hoja.dice(f"{que}, {estado}", lambda p=previos, e=estado: [
                que_significa(e, p, Hecho(sale, banco, dia, n)) for sale in (True, False)
                for banco, dia, n in (("B", "9", 1), ("B", "9", 5), ("", "1", 5), ("Z", "1", 5))
            ])  # fmt: skip


def test_lee_avisos(hoja: Hoja, settings: Any) -> None:
    settings.STRIPE_SECRETO_AVISOS = "whsec"
    ahora = int(datetime.now(UTC).timestamp())
    transferencia = {
        "id": "tr_1", "currency": "usd", "amount": 1050, "amount_reversed": 0,
        "transfer_group": PAGO, "destination": "acct_1",
    }  # fmt: skip

    def interpretado(cuerpo: bytes, hace: int = 0, secreto: str = "whsec") -> Any:
        firmado = f"{ahora - hace}.".encode() + cuerpo
        v1 = hmac.new(secreto.encode(), firmado, hashlib.sha256).hexdigest()
        firma = f"t={ahora - hace},v1={v1}"
        return dicho(stripe.PasarelaStripe().interpretar_aviso, cuerpo, firma)

    def aviso(tipo: str = "transfer.created", mas: Any = None, **cambios: Any) -> bytes:
        objeto = {**transferencia, **cambios}
        todo = {"id": "e", "type": tipo, "data": {"object": objeto}, **(mas or {})}
        return json.dumps(todo).encode()

    for que, cuerpo in {
        "salió": aviso(), "volvió": aviso("transfer.reversed", amount_reversed=1050),
        "en parte": aviso("transfer.reversed", amount_reversed=1049),
        "yenes": aviso(currency="jpy", amount=5), "dinares": aviso(currency="kwd", amount=1500),
        "sin grupo": aviso(transfer_group=None, destination=None),
        "otro": aviso("transfer.updated"),
        "de otra cuenta": aviso(mas={"account": "acct_2"}), "sin id": aviso(id=None),
        "sin importe": aviso(amount=None), "roto": b"{", "lista": b"[]",
    }.items():  # fmt: skip
        hoja.dice(que, lambda c=cuerpo: interpretado(c))
    hoja.dice("a tiempo", lambda: interpretado(aviso(), 290) is not None)
    hoja.dice("tarde", lambda: interpretado(aviso(), 302))
    hoja.dice("otro secreto", lambda: interpretado(aviso(), secreto="x"))
    hoja.dice("no es ASCII", lambda: dicho(stripe.PasarelaStripe().interpretar_aviso, b"", "ñ"))
    for importe, moneda in (
        ("10.5", "USD"), ("10.501", "USD"), ("7", "JPY"), ("1.230", "KWD"), ("1.234", "KWD"),
        ("5", "ISK"), ("12", "UGX"), ("3", "CLP"), ("0.01", "EUR"),
    ):  # fmt: skip
        hoja.dice(
            f"{importe} {moneda}", lambda i=importe, m=moneda: dicho(stripe.unidades, D(i), m)
        )


def test_escribe_ficheros(hoja: Hoja) -> None:
    quien = pain001.Ordenante("Alpes Ñandú & Cía", "DE89370400440532013000", "COBADEFFXXX")
    suyas = [
        pain001.Transferencia(PAGO, "Íñigo <Hijos>", IBAN, "CAIXESBB", D("10.05")),
        pain001.Transferencia(PAGO[:-1] + "Z", "Ада", "FR1420041010050500013M02606", "", D("0.01")),
    ]  # fmt: skip
    momento = datetime(2026, 3, 10, 9, 8, 7, tzinfo=UTC)

    def redactado(**cambios: Any) -> Any:
        datos = {"lote": "lote_1", "ordenante": quien, "transferencias": suyas, "momento": momento}
        texto = dicho(lambda: pain001.redactar(**{**datos, **cambios}).decode())
        return texto.replace("><", ">\n<")

    hoja.dice("dos", redactado)
    hoja.dice("sin BIC", lambda: redactado(
        ordenante=pain001.Ordenante("A", quien.iban, ""), transferencias=suyas[1:]))  # fmt: skip
    decimales = pain001.Transferencia(PAGO, "A", suyas[0].iban, "", D("1.001"))
    for que, malas in {
        "decimales": [decimales],
        "sin nombre": [pain001.Transferencia(PAGO, "", IBAN, "", D(1))],
    }.items():  # fmt: skip
        hoja.dice(que, lambda m=malas: redactado(transferencias=m))
    fichero = pain001.redactar(
        lote="lote_1", ordenante=quien, transferencias=suyas, momento=momento
    )
    for que, otras in {
        "las mismas": suyas, "una menos": suyas[:1], "al revés": suyas[::-1],
        "otro importe": [suyas[0], replace(suyas[1], importe=D(1))],
    }.items():  # fmt: skip
        hoja.dice(f"comprobar {que}", lambda o=otras: pain001.comprobar(fichero, o))
    orden = Orden("k", PAGO, "af_1", "=Ada", D("10.5"), "USD", "2026-03-10", "archivo")
    suyo = archivo.contenido(orden)
    hoja.dice("archivo", lambda: suyo.decode())
    hoja.dice("huella", lambda: [orden.huella, Orden(
        "k", PAGO, "af_1", "Bea", D("10.50"), "USD", "x", destino="acct_1").huella])  # fmt: skip
    for que, otro in {
        "el mismo": suyo, "otro nombre": suyo.replace(b"Ada", b"Bea"),
        "otro importe": suyo.replace(b"10.50", b"10.51"),
        "otra moneda": suyo.replace(b"USD", b"EUR"),
        "nada": b"", "no es texto": b"\xff",
    }.items():  # fmt: skip
        hoja.dice(que, lambda o=otro: archivo._es_el_mismo(o, suyo))


def test_lee_cuentas(hoja: Hoja) -> None:
    for pais, bic in (
        ("ES", ""),
        ("FR", "XXXXNCXX"),
        ("FR", "XXXXREXX"),
        ("US", ""),
        ("GB", "XXXXGGXX"),
    ):
        hoja.dice(f"{pais} {bic} en zona", lambda p=pais, b=bic: sepa.en_zona(p, b))
    for bic, pais in (
        ("CAIXESBB", "ES"), ("COBADEFF", "ES"), ("XXXXREXX", "FR"), ("XXXXNCXX", "FR"),
        ("XXXXNCXX", "ES"), ("CHASUS33", "ES"), ("CHASUS33", "US"), ("XXXXREXX", "ES"),
        ("COBADEFF", "US"),
    ):  # fmt: skip
        hoja.dice(f"{bic} de {pais}", lambda b=bic, p=pais: sepa.puede_ser_de(b, p))
    tabla = "".join(sorted(sepa._TABLA))
    hoja.dice("tabla", lambda: sepa.texto_sepa(tabla, 1000))
    hoja.dice("dentro y fuera", lambda: [sorted(sepa._DENTRO.items()), sorted(sepa._FUERA.items())])
    hoja.dice("países", lambda: sorted(sepa.PAISES))
    for texto in (
        " a  b ", "Íñigo", "e\u0301", "a\u200bb", "ﬁ", "日本", "a" * 71, "á" * 70, "·", "½", "",
        f"{'a' * 69} b", "\u00a0x", "\u0301",
    ):  # fmt: skip
        hoja.dice(f"{texto!r}", lambda t=texto: [sepa.texto_sepa(t, 70), sepa.nombre_sepa(t)])
        for tipo in TipoCuenta:
            hoja.dice(f"{texto!r} {tipo}", lambda t=texto, k=tipo: dicho(titular_valido, t, k))
        hoja.dice(f"{texto!r} titular", lambda t=texto: titular_normal(t))
    for texto in ("a\x00b", "a\u2028b", "a\nb", "A\u00ad B", "ＡＢ"):
        hoja.dice(f"{texto!r}", lambda t=texto: [
            dicho(titular_valido, t, TipoCuenta.STRIPE), titular_normal(t)
        ])  # fmt: skip
    for iban in (IBAN, " es91 2100 0418 4502 0005 1332", f"{IBAN[:-1]}3", "", "x"):
        hoja.dice(iban, lambda i=iban: dicho(iban_valido, i))
    for bic, pais in (("", "ES"), (" ", "ES"), ("caixesbb", "ES"), ("x", "ES"), ("CHASUS33", "ES")):
        hoja.dice(f"BIC {bic!r} {pais}", lambda b=bic, p=pais: dicho(bic_valido, b, p))


def test_lee_ventas(hoja: Hoja) -> None:
    lineas: list[dict[str, Any]] = [
        {}, {"id": "a"}, {"sku": "s", "id": "i", "producto_id": "p"}, {"id": "", "sku": "s"},
        {"id": 5}, {"id": True}, {"id": ["x"]}, {"id": "x" * 64}, {"id": "x" * 65}, {"id": " y "},
        {"cantidad": 2}, {"cantidad": "2.0"}, {"cantidad": "2.5"}, {"cantidad": 0}, {"cantidad": 1},
        {"cantidad": "100000"}, {"cantidad": 100_001}, {"cantidad": True}, {"cantidad": None},
        {"cantidad": D("3.0")}, {"cantidad": "1" * 10}, {"cantidad": 1.5},
        {"importe": "10"}, {"importe": "-0.01"}, {"importe": "0"}, {"importe": "x"},
        {"importe": "99999999999.9999"}, {"importe": "100000000000"}, {"importe": 1.5},
        {"precio": "3.333", "cantidad": 3}, {"precio": "3.335"}, {"precio": "2", "importe": "2.00"},
        {"precio": "2", "importe": "2.01"}, {"precio": "2", "cantidad": "0.5"},
        {"precio": "2", "cantidad": 0}, {"precio": "2", "cantidad": -1}, {"precio": "-2"},
        {"precio": "99999999999", "cantidad": 2}, {"precio": "0"},
    ]  # fmt: skip
    for linea in lineas:
        hoja.dice(f"{linea}", lambda una=linea: [
            [x.producto, x.cantidad, x.importe] for x in lineas_de([una], "USD")
        ])  # fmt: skip
        hoja.dice(" se registra", lambda una=linea: dicho(exigir_productos, [{}, una]))
    hoja.dice("otra cosa", lambda: [lineas_de({}, "USD"), lineas_de(["x", 1], "USD")])
    for valor in ("5", "0", "-0.01", None, "x", "99999999999.9999", "100000000000", True):
        hoja.dice(f"envío {valor!r}", lambda v=valor: [
            monto_de({"envio": v}, "envio"), dicho(exigir_metadatos, {"envio": v}),
            dicho(exigir_metadatos, {"descuento": v}), dicho(exigir_metadatos, {"impuesto": v}),
        ])  # fmt: skip
    for causa, nota in (("fraude", ""), ("prueba", " ojo "), ("otra", "x"), ("fraude", "n" * 493)):
        hoja.dice(f"por {causa} {nota[:5]}", lambda c=causa, n=nota: dicho(motivo_de, c, n))
    hoja.dice("sin metadatos", lambda: [monto_de(None, "envio"), monto_de({}, "envio")])
    parte = ParteDevuelta(concepto="envio", monto=D("1.5"))
    otra = ParteDevuelta(concepto="producto", monto=D("2"), producto_id="a")
    for partes, monto, moneda in (
        ((), D(5), "USD"), ((), None, None), ((parte, otra), D("3.5"), "USD"),
        ((parte, otra), None, None), ((parte,), D("1.49"), "USD"), ((parte,), None, "JPY"),
        ((ParteDevuelta(concepto="otro", monto=D(1)),), None, "USD"),
        ((ParteDevuelta(concepto="envio", monto=D(0)),), None, "USD"),
        ((ParteDevuelta(concepto="envio", monto=D(1), producto_id="a"),), None, "USD"),
    ):  # fmt: skip
        hoja.dice(
            f"{[p.a_json(moneda) for p in partes]} {monto} {moneda}",
            lambda p=partes, m=monto, k=moneda: dicho(comprobar_partes, p, m, k),
        )


def test_turnos(hoja: Hoja) -> None:
    """Which turns a part takes, by the terms of each of its lines."""
    suelta, escala = N(acumula=False, topes_gasto=None), N(acumula=True, topes_gasto=())
    de_campana, de_afiliado = (
        N(acumula=False, topes_gasto=[N(ambito=ambito)])
        for ambito in (AmbitoTope.CAMPANA, AmbitoTope.AFILIADO)
    )
    for que, todos in (
        ("ninguna", [suelta]), ("escala", [escala]), ("una de dos", [suelta, escala]),
        ("campaña", [de_campana, suelta]), ("afiliado", [suelta, de_afiliado]),
        ("todo", [escala, de_campana, de_afiliado]),
    ):  # fmt: skip
        parte: Any = N(
            aplicable=N(todas=[N(terminos=t) for t in todos]), afiliado=N(pk=7),
            conversion=N(campana_id=9),
        )  # fmt: skip
        hoja.dice(que, lambda p=parte: list(turnos._claves(p)))
    sin_regla: Any = N(aplicable=None)
    hoja.dice("sin regla", lambda: list(turnos._claves(sin_regla)))
