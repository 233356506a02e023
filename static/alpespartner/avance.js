// Draws the progress of long work while it lasts, and reads the whole page when its state changes.
"use strict";
(() => {
  const lugar = document.querySelector("[data-avance-url]");
  if (!lugar || !lugar.querySelector("[data-vivo]")) return;
  const PAUSA = 1500;

  async function mirar() {
    let respuesta;
    try {
      respuesta = await fetch(lugar.dataset.avanceUrl, { credentials: "same-origin", redirect: "manual" });
    } catch {
      return setTimeout(mirar, PAUSA * 4);
    }
    // The session ended, or the server is busy: the page as it is tells no lie.
    if (!respuesta.ok) return setTimeout(mirar, PAUSA * 4);
    const pagina = new DOMParser().parseFromString(await respuesta.text(), "text/html");
    const nuevo = pagina.querySelector("[data-avance]");
    const viejo = lugar.querySelector("[data-avance]");
    const sigue = nuevo && nuevo.hasAttribute("data-vivo");
    if (!sigue || nuevo.dataset.avance !== viejo.dataset.avance) return location.reload();
    viejo.replaceWith(nuevo);
    setTimeout(mirar, PAUSA);
  }

  setTimeout(mirar, PAUSA);
})();
