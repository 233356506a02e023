// Asks how all is while somebody looks, draws it, and puts the new events before the others.
"use strict";
(() => {
  const lugar = document.querySelector("[data-monitor]");
  if (!lugar) return;
  const PAUSA = 3000, PUNTOS = 100, FILAS = 200;
  const boton = lugar.querySelector("[data-pausa]");
  const dicho = lugar.querySelector("[data-dicho]");
  const voz = lugar.querySelector("[data-voz]");
  const cola = lugar.querySelector("[data-cola]");
  const filtros = lugar.querySelector("[data-filtros]");
  const series = new Map([...lugar.querySelectorAll("[data-serie]")].map((f) => [f, []]));
  let pausado = false, turno = 0;

  // As the page writes numbers.
  const cifra = (n) => n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });

  function decir(que) {
    const texto = dicho.dataset[que];
    if (dicho.textContent !== texto) dicho.textContent = texto;
  }

  function dibujar() {
    const leido = lugar.querySelector("[data-series]").dataset;
    for (const [figura, valores] of series) {
      valores.push(Number(leido[figura.dataset.serie]));
      if (valores.length > PUNTOS) valores.shift();
      const techo = Math.max(...valores);
      const paso = 300 / (PUNTOS - 1);
      figura.querySelector("polyline").setAttribute("points", valores.map((v, i) =>
        `${((PUNTOS - valores.length + i) * paso).toFixed(1)},${(58 - (techo ? v / techo : 0) * 54).toFixed(1)}`).join(" "));
      figura.querySelector("[data-ultimo]").textContent = cifra(valores.at(-1));
      const maximo = figura.querySelector("[data-maximo]");
      maximo.textContent = `${maximo.dataset.dice} ${cifra(techo)}`;
    }
  }

  function poner(pagina, deNuevo) {
    const ahora = lugar.querySelector("[data-ahora]");
    // Whoever opened or closed the table finds it so.
    const tabla = ahora.querySelector("[data-suscripciones]");
    const abierta = tabla && tabla.open;
    const conFoco = ahora.contains(document.activeElement);
    ahora.replaceChildren(...pagina.querySelector("[data-ahora]").childNodes);
    const nueva = ahora.querySelector("[data-suscripciones]");
    if (tabla && nueva) nueva.open = abierta;
    if (conFoco && nueva) nueva.querySelector("summary").focus();
    // What is wrong is also said, once.
    const mal = [...ahora.querySelectorAll(".ap-nota-mal strong")].map((n) => n.textContent).join(". ");
    if (voz.textContent !== mal) voz.textContent = mal;
    dibujar();
    const otra = pagina.querySelector("[data-cola]");
    if (!cola || !otra) return;
    if (deNuevo) cola.replaceChildren();
    cola.prepend(...otra.children);
    while (cola.children.length > FILAS) cola.lastElementChild.remove();
    cola.dataset.hasta = otra.dataset.hasta;
    lugar.querySelector("[data-nada]").hidden = cola.children.length > 0;
  }

  async function mirar(deNuevo = false) {
    const mio = ++turno;
    const pide = new URLSearchParams(filtros ? new FormData(filtros) : undefined);
    if (cola && !deNuevo) pide.set("desde", cola.dataset.hasta);
    try {
      const respuesta = await fetch(`${lugar.dataset.url}?${pide}`, { credentials: "same-origin", redirect: "error" });
      if (!respuesta.ok) throw new Error(respuesta.status);
      const texto = await respuesta.text();
      if (mio !== turno) return;
      poner(new DOMParser().parseFromString(texto, "text/html"), deNuevo);
      decir(pausado ? "pausado" : "vivo");
    } catch {
      if (mio !== turno) return;
      decir("perdido");
    }
    seguir();
  }

  function seguir() {
    const mio = turno;
    // A page that nobody sees asks for nothing.
    if (!pausado && !document.hidden) setTimeout(() => mio === turno && !pausado && !document.hidden && mirar(), PAUSA);
  }

  boton.addEventListener("click", () => {
    pausado = !pausado;
    boton.setAttribute("aria-pressed", pausado);
    boton.querySelector(".material-symbols-outlined").textContent = pausado ? "replay" : "pause_circle";
    const texto = boton.querySelector("[data-si]");
    texto.textContent = pausado ? texto.dataset.si : texto.dataset.no;
    decir(pausado ? "pausado" : "vivo");
    turno++;
    if (!pausado) mirar();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !pausado) mirar(); });
  if (filtros) {
    filtros.addEventListener("change", () => mirar(true));
    filtros.addEventListener("submit", (suceso) => suceso.preventDefault());
  }
  dibujar();
  seguir();
})();
