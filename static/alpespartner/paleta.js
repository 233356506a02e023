// The box that finds everything: Ctrl-K opens it, and hands stay on the keys.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const paleta = document.getElementById("ap-paleta");
  if (!paleta) return;
  const PAUSA = 120;
  const caja = paleta.querySelector("input");
  const lista = paleta.querySelector("[role=listbox]");
  const dicho = paleta.querySelector("output");
  let espera = 0, peticion = null, ira = null, mostrado = null;

  const opciones = () => [...lista.querySelectorAll("[role=option]")];
  const elegida = () => lista.querySelector("[aria-selected=true]");

  function elegir(opcion) {
    const antes = elegida();
    if (antes) antes.setAttribute("aria-selected", "false");
    if (!opcion) return caja.removeAttribute("aria-activedescendant");
    opcion.setAttribute("aria-selected", "true");
    caja.setAttribute("aria-activedescendant", opcion.id);
    opcion.scrollIntoView({ block: "nearest" });
  }

  function mover(pasos) {
    const todas = opciones();
    if (todas.length) elegir(todas[(todas.indexOf(elegida()) + pasos + todas.length) % todas.length]);
  }

  function abrir(opcion, aparte) {
    if (!opcion) return;
    if (aparte) return window.open(opcion.href, "_blank", "noopener");
    location.assign(opcion.href);
  }

  async function buscar() {
    clearTimeout(espera);
    if (peticion) peticion.abort();
    const esta = peticion = new AbortController();
    const termino = caja.value;
    let texto;
    try {
      const respuesta = await fetch(`${paleta.dataset.url}?q=${encodeURIComponent(termino)}`, {
        credentials: "same-origin", redirect: "manual", signal: esta.signal,
      });
      // The session ended: the page says how to go on.
      if (respuesta.type === "opaqueredirect") return location.reload();
      if (!respuesta.ok) throw new Error(respuesta.status);
      texto = await respuesta.text();
    } catch {
      if (!esta.signal.aborted) { ira = null; dicho.textContent = paleta.dataset.error; }
      return;
    }
    if (esta.signal.aborted) return;
    const pagina = new DOMParser().parseFromString(texto, "text/html");
    lista.replaceChildren(...pagina.body.childNodes);
    lista.scrollTop = 0;
    mostrado = termino;
    const todas = opciones();
    dicho.textContent = paleta.dataset.cuenta.replace("{n}", todas.length);
    elegir(todas[0]);
    if (ira) abrir(todas[0], ira.aparte);
    ira = null;
  }

  function mostrar() {
    if (paleta.open) return paleta.close();
    paleta.showModal();
    caja.select();
    buscar();
  }

  caja.addEventListener("input", () => {
    ira = null;
    clearTimeout(espera);
    espera = setTimeout(buscar, PAUSA);
  });
  caja.addEventListener("keydown", (tecla) => {
    if (tecla.isComposing) return;
    const aparte = tecla.ctrlKey || tecla.metaKey;
    if (tecla.key === "ArrowDown") mover(1);
    else if (tecla.key === "ArrowUp") mover(-1);
    else if (tecla.key !== "Enter") return;
    else if (mostrado === caja.value) abrir(elegida(), aparte);
    // Typed faster than it was found: it goes to the first one once it is there.
    else { ira = { aparte }; buscar(); }
    tecla.preventDefault();
  });
  lista.addEventListener("pointermove", (raton) => {
    const opcion = raton.target.closest("[role=option]");
    if (opcion && opcion !== elegida()) elegir(opcion);
  });
  paleta.addEventListener("close", () => {
    clearTimeout(espera);
    if (peticion) peticion.abort();
    ira = null;
  });
  // Outside of it, which is its backdrop.
  paleta.addEventListener("click", (clic) => { if (clic.target === paleta) paleta.close(); });
  paleta.querySelector(".ap-paleta-cerrar").addEventListener("click", () => paleta.close());
  document.querySelectorAll("[data-abrir-paleta]").forEach((boton) => boton.addEventListener("click", mostrar));
  document.addEventListener("keydown", (tecla) => {
    // A browser that fills a form in sends keys without a name.
    if ((tecla.key || "").toLowerCase() === "k" && (tecla.ctrlKey || tecla.metaKey) && !tecla.shiftKey && !tecla.altKey) {
      tecla.preventDefault();
      mostrar();
    }
    // In a list it is the list's own search.
    const escribe = document.activeElement?.closest("input, textarea, select, [contenteditable], dialog");
    if (tecla.key === "/" && !escribe && !document.getElementById("searchbar")) {
      tecla.preventDefault();
      mostrar();
    }
  });
});
