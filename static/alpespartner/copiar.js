"use strict";
document.querySelectorAll("[data-copiar]").forEach((boton) => {
  boton.addEventListener("click", async () => {
    const campo = document.getElementById(boton.dataset.copiar);
    campo.select();
    try {
      await navigator.clipboard.writeText(campo.value);
    } catch {
      document.execCommand("copy");
    }
    boton.textContent = boton.dataset.hecho;
  });
});
