// Draws again what a version would pay while it is being written (without it, the button does) and
// shows the fields of its type only; the server drops what a type does not use.
"use strict";
(() => {
  const formulario = document.querySelector("form[data-previa-url]");
  if (!formulario) return;
  const ESPERA = 300;
  const SOLO_DE = {
    porcentaje: ["porcentual", "mixta"],
    monto_fijo: ["fija", "mixta"],
    por: ["fija", "mixta"],
    modo: ["escalonada"],
    metrica: ["escalonada"],
    periodo: ["escalonada"],
    tramos: ["escalonada"],
    porcentajes_red: ["red"],
    tope_red: ["red"],
    suspendido: ["red"],
  };
  const SIN_RED = ["moneda", "zona_horaria", "minimo", "tope", "base", "multiplicadores",
    "topes_gasto", "duracion_meses", "max_pagos", "afiliado", "tipo_afiliado", "producto",
    "cupon", "enlace", "nivel"];

  function mostrar() {
    const tipo = formulario.elements.tipo.value;
    const poner = (nombre, visible) => {
      const campo = formulario.elements[nombre];
      const caja = campo && campo.closest(".group");
      // What the server complains about stays in sight.
      if (caja) caja.hidden = !visible && !caja.classList.contains("errors");
    };
    for (const [nombre, tipos] of Object.entries(SOLO_DE)) poner(nombre, tipos.includes(tipo));
    for (const nombre of SIN_RED) poner(nombre, tipo !== "red");
  }

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

  formulario.elements.tipo.addEventListener("change", mostrar);
  mostrar();
  formulario.addEventListener("input", citar);
  formulario.addEventListener("change", citar);
  // It starts from other terms: what they pay is there to be seen.
  if ("empezada" in formulario.dataset) pedir();
})();
