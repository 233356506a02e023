// Draws again what a version would pay while it is being written. Without it, the button does.
"use strict";
(() => {
  const formulario = document.querySelector("form[data-previa-url]");
  if (!formulario) return;
  const ESPERA = 300;
  let cita = 0;
  let turno = 0;

  async function pedir() {
    const mio = (turno += 1);
    let respuesta;
    try {
      respuesta = await fetch(formulario.dataset.previaUrl, {
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
})();
