// Writes the address of a known tracker, and chooses the states that it is told.
"use strict";
(() => {
  for (const boton of document.querySelectorAll("button[data-plantilla]")) {
    boton.addEventListener("click", () => {
      const { elements } = boton.form;
      const estados = boton.dataset.estados.split(",");
      for (const caja of boton.form.querySelectorAll('input[name="estados"]')) {
        caja.checked = estados.includes("*") || estados.includes(caja.value);
      }
      elements.url.value = boton.dataset.plantilla;
      elements.url.dispatchEvent(new Event("input", { bubbles: true }));
      elements.url.focus();
    });
  }
})();
