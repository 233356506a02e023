// The form of an action that opens is written in at once: the cursor goes to what it has to say, or
// else to its button.
"use strict";
(() => {
  const entrar = (formulario) => (formulario.querySelector("select[required], textarea[required]")
    || formulario.querySelector("[type=submit]"))?.focus();
  document.querySelectorAll("details[name=accion]").forEach((hoja) => {
    hoja.addEventListener("toggle", () => { if (hoja.open) entrar(hoja); });
  });
  const abierta = document.querySelector(".ap-suelta, details[name=accion][open]");
  if (abierta) entrar(abierta);
})();
