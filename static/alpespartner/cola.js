// The review queue by its keys: a row's panel, decisions in the row, and what is selected adds up to.
// Without it every row leads to its own page.
"use strict";
(() => {
  const cola = document.getElementById("cola");
  const tabla = document.getElementById("result_list");
  if (!cola || !tabla) return;
  const { base, miles, decimal, sinRed, fin } = cola.dataset;
  const panel = document.getElementById("cola-panel");
  const lugar = panel.querySelector("[data-panel-lugar]");
  const dicho = document.getElementById("cola-dicho");
  const ayuda = document.getElementById("cola-ayuda");
  const filas = [...tabla.querySelectorAll("tr")].filter((f) => f.querySelector("[data-fila]"));
  const datos = (fila) => fila.querySelector("[data-fila]").dataset;
  const enlace = (fila) => fila.querySelector("[data-fila]").closest("a");
  const busqueda = location.search.slice(1);
  const filtro = busqueda ? `?_changelist_filters=${encodeURIComponent(busqueda)}` : "";
  const decisiones = {};
  ayuda.querySelectorAll("[data-tecla]").forEach((t) => { decisiones[t.dataset.tecla] = t.dataset.accion; });
  const enMasa = {};
  ayuda.querySelectorAll("[data-en-masa]").forEach((t) => { enMasa[t.textContent] = t.dataset.enMasa; });
  let actual = -1;
  let turno = 0;

  // Rows
  function ir(n) {
    if (n < 0 || n >= filas.length) return;
    marcar(n);
    enlace(filas[n]).focus({ preventScroll: true });
    filas[n].scrollIntoView({ block: "nearest" });
    if (!panel.hidden) abrir(n);
  }

  function marcar(n) {
    if (filas[actual]) filas[actual].classList.remove("ap-actual");
    actual = n;
    filas[n].classList.add("ap-actual");
  }

  tabla.addEventListener("focusin", (e) => {
    const n = filas.indexOf(e.target.closest("tr"));
    if (n >= 0) marcar(n);
  });
  tabla.addEventListener("click", (e) => {
    const n = filas.indexOf(e.target.closest("tr"));
    if (n < 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    const pulsado = e.target.closest("a, button, input, label, select, .action-checkbox");
    if (pulsado && pulsado !== enlace(filas[n])) return;
    if (!pulsado && String(getSelection())) return;
    e.preventDefault();
    abrir(n);
  });

  // Panel
  async function abrir(n) {
    const mio = (turno += 1);
    const ficha = enlace(filas[n]).href;
    marcar(n);
    let respuesta;
    try {
      respuesta = await fetch(`${base}${datos(filas[n]).fila}/panel/${filtro}`, { credentials: "same-origin", redirect: "manual" });
    } catch {
      location.href = ficha;
      return;
    }
    if (mio !== turno) return;
    const dentro = respuesta.ok
      && new DOMParser().parseFromString(await respuesta.text(), "text/html").querySelector("[data-panel]");
    // Its own page says what happened: the session ended, or it may not be seen.
    if (!dentro) { location.href = ficha; return; }
    if (mio !== turno) return;
    lugar.replaceChildren(dentro);
    // What is seen now is what is decided about.
    datos(filas[n]).version = dentro.dataset.version;
    panel.hidden = false;
    document.body.classList.add("ap-con-panel");
    panel.scrollTop = 0;
    filas[n].scrollIntoView({ block: "nearest" });
    dentro.querySelector("h2").focus({ preventScroll: true });
  }

  function cerrar() {
    if (panel.hidden) return;
    turno += 1;
    panel.hidden = true;
    lugar.replaceChildren();
    document.body.classList.remove("ap-con-panel");
    if (filas[actual]) enlace(filas[actual]).focus();
  }

  panel.addEventListener("click", (e) => {
    if (e.target.closest("[data-cerrar-panel]")) cerrar();
    const boton = e.target.closest("[data-decidir]");
    if (boton) decidir(boton.dataset.decidir);
  });

  // Decisions
  function decidir(nombre) {
    const fila = filas[actual];
    if (!fila) return;
    const dialogo = document.getElementById(`decidir-${nombre}`);
    if (!dialogo) { enviar(fila, nombre, new URLSearchParams()); return; }
    const formulario = dialogo.querySelector("form");
    formulario.reset();
    formulario.onsubmit = (e) => {
      e.preventDefault();
      const campos = new URLSearchParams(new FormData(formulario));
      dialogo.close();
      enviar(fila, nombre, campos);
    };
    dialogo.querySelector("[data-de-quien]").textContent =
      fila.querySelector(".field-col_monto").innerText + " · " + fila.querySelector(".field-col_afiliado").innerText.replace(/\s*\n\s*/g, " · ");
    dialogo.showModal();
  }

  async function enviar(fila, nombre, campos) {
    if (fila.dataset.enviando) return;
    fila.dataset.enviando = "1";
    const url = `${base}${datos(fila).fila}/accion/${nombre}/${filtro}`;
    campos.set("vista", datos(fila).version);
    campos.set("csrfmiddlewaretoken", document.querySelector("#changelist-form [name=csrfmiddlewaretoken]").value);
    let respuesta;
    try {
      respuesta = await fetch(url, {
        method: "POST", body: campos, credentials: "same-origin", redirect: "manual", headers: { "X-Alpes-Fila": "1" },
      });
    } catch {
      contar(fila, sinRed, false);
      return;
    } finally {
      delete fila.dataset.enviando;
    }
    const tipo = respuesta.headers.get("Content-Type") || "";
    // It asks to confirm who it is, or the session ended: sent as a page, the answer is one.
    if (!respuesta.ok || !tipo.startsWith("application/json")) { comoPagina(url, campos); return; }
    const hecho = await respuesta.json();
    fila.querySelector(".field-col_estado").innerHTML = hecho.estado;
    datos(fila).version = hecho.version;
    contar(fila, hecho.mensaje, hecho.lograda);
    const n = filas.indexOf(fila);
    if (!hecho.lograda) { if (panel.hidden) ir(n); else abrir(n); return; }
    fila.classList.add("ap-decidida");
    const casilla = fila.querySelector(".action-select");
    if (casilla && casilla.checked) casilla.click();
    const otra = filas.findIndex((f, i) => i > n && !f.classList.contains("ap-decidida"));
    if (otra >= 0) { ir(otra); return; }
    dicho.textContent = `${hecho.mensaje} ${fin}`;
    cerrar();
    ir(n);
  }

  function contar(fila, mensaje, bien) {
    dicho.textContent = mensaje;
    fila.parentElement.querySelectorAll(".ap-dicho").forEach((d) => d.remove());
    const debajo = document.createElement("tr");
    debajo.className = `ap-dicho ${bien ? "ap-dicho-bien" : "ap-dicho-mal"}`;
    const celda = document.createElement("td");
    celda.colSpan = fila.children.length;
    celda.textContent = mensaje;
    debajo.append(celda);
    fila.after(debajo);
  }

  function comoPagina(url, campos) {
    const formulario = document.createElement("form");
    formulario.method = "post";
    formulario.action = url;
    for (const [nombre, valor] of campos) {
      const campo = document.createElement("input");
      campo.type = "hidden";
      campo.name = nombre;
      campo.value = valor;
      formulario.append(campo);
    }
    document.body.append(formulario);
    formulario.submit();
  }

  // Keys
  const escribe = (donde) => donde.isContentEditable || donde.matches(
    "textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), [role=combobox], [role=searchbox], [role=textbox]",
  );
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || escribe(e.target) || document.querySelector("dialog[open]")) return;
    const fila = filas[actual];
    if (e.key === "j") ir(actual + 1);
    else if (e.key === "k") ir(actual - 1);
    else if (e.key === "Escape") cerrar();
    else if (e.key === "?") ayuda.showModal();
    else if (e.key === "o" && fila) abrir(actual);
    else if (e.key === "x" && fila) fila.querySelector(".action-select")?.click();
    else if (e.key === "X") elegirMas();
    else if (enMasa[e.key] && !e.repeat) conLasElegidas(enMasa[e.key]);
    else if (decisiones[e.key] && fila && !e.repeat) decidir(decisiones[e.key]);
    else return;
    e.preventDefault();
  });
  cola.addEventListener("click", (e) => {
    if (e.target.closest("[data-cerrar-dialogo]")) e.target.closest("dialog").close();
  });
  document.querySelectorAll("[data-abrir-ayuda]").forEach((boton) => {
    boton.hidden = false;
    boton.addEventListener("click", () => ayuda.showModal());
  });

  // Many at once: those of the page, all that the filter gives, and what to do with them.
  const toda = document.getElementById("action-toggle");
  const pregunta = () => document.querySelector(".actions .question:not(.hidden) a");
  const deTodoElFiltro = () => document.querySelector(".actions input.select-across")?.value === "1";

  function elegirMas() {
    if (!toda) return;
    if (!toda.checked) toda.click();
    else if (pregunta()) pregunta().click();
    else if (deTodoElFiltro()) document.querySelector(".actions .clear a").click();
    else toda.click();
  }

  function conLasElegidas(accion) {
    const boton = document.querySelector(`.ap-en-masa [value=${accion}]`);
    if (boton && filas.some((f) => f.querySelector(".action-select")?.checked)) boton.click();
  }

  document.querySelectorAll("[data-elegir-todas]").forEach((boton) => {
    boton.hidden = !toda || !filas.length;
    boton.addEventListener("click", () => {
      if (!toda.checked) toda.click();
      pregunta()?.click();
    });
  });

  // What is selected adds up to, in whole ten-thousandths: no fraction is lost.
  const suma = document.createElement("output");
  suma.className = "ap-seleccion";
  const contador = document.querySelector(".action-counter");
  if (contador) contador.after(suma);

  function escribirImporte(diezmilesimas, decimales) {
    const signo = diezmilesimas < 0n ? "-" : "";
    const cifras = String(signo ? -diezmilesimas : diezmilesimas).padStart(5, "0");
    const entero = cifras.slice(0, -4).replace(/\B(?=(\d{3})+$)/g, miles);
    const resto = cifras.slice(-4).replace(/0+$/, "").padEnd(decimales, "0");
    return signo + entero + (resto ? decimal + resto : "");
  }

  function sumar() {
    const total = new Map();
    // Of all that the filter gives the page's sum would be too little: the line above has theirs.
    if (deTodoElFiltro()) { suma.textContent = ""; return; }
    for (const fila of filas) {
      const casilla = fila.querySelector(".action-select");
      if (!casilla || !casilla.checked) continue;
      const { moneda, monto, decimales } = datos(fila);
      const antes = total.get(moneda) || { monto: 0n, decimales: Number(decimales) };
      total.set(moneda, { ...antes, monto: antes.monto + BigInt(monto) });
    }
    suma.textContent = [...total].sort().map(([moneda, t]) => `${escribirImporte(t.monto, t.decimales)} ${moneda}`).join(" · ");
  }
  // The box of all of them changes the others without telling.
  document.addEventListener("change", () => setTimeout(sumar));
  document.addEventListener("click", () => setTimeout(sumar));
  sumar();
})();
