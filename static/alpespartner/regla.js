// Shows the fields of a version's type only; the server drops what a type does not use.
"use strict";
(() => {
  const formulario = document.querySelector("form[data-previa-url]");
  if (!formulario) return;
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

  formulario.elements.tipo.addEventListener("change", mostrar);
  mostrar();
})();
