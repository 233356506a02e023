// Draws again what a form would do while it is being written (without it, its button does).
"use strict";
(() => {
  const lugar = document.querySelector("[data-previa-url]");
  const formulario = lugar && lugar.closest("form");
  if (!formulario) return;
  const ESPERA = 300;
  let cita = 0;
  let turno = 0;

  async function pedir() {
    const mio = (turno += 1);
    let respuesta;
    try {
      respuesta = await fetch(lugar.dataset.previaUrl, {
        method: "POST",
        body: new FormData(formulario),
        credentials: "same-origin",
        redirect: "manual",
      });
    } catch {
      return;
    }
    // A slower answer to an older question must not overwrite a newer one.
    if (!respuesta.ok || mio !== turno) return;
    const pagina = new DOMParser().parseFromString(await respuesta.text(), "text/html");
    const nueva = pagina.querySelector("[data-previa]");
    if (nueva) document.querySelector("[data-previa]").replaceWith(nueva);
  }

  function citar() {
    clearTimeout(cita);
    cita = setTimeout(pedir, ESPERA);
  }

  formulario.addEventListener("input", citar);
  formulario.addEventListener("change", citar);
  // It starts from something written: what that does is there to be seen.
  if ("empezada" in lugar.dataset) pedir();
})();
