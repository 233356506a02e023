// Follows a batch that is being paid; when its state changes, the page is read again.
"use strict";
(() => {
  const zona = document.querySelector("[data-progreso]");
  if (!zona) return;
  const PAUSA_MS = 2000;

  async function preguntar() {
    try {
      const respuesta = await fetch(zona.dataset.progreso, { credentials: "same-origin" });
      if (!respuesta.ok) return;
      const dicho = await respuesta.json();
      zona.querySelector("[data-hechos]").textContent = dicho.hechos;
      zona.querySelector("[data-total]").textContent = dicho.total;
      const barra = zona.querySelector("progress");
      barra.max = dicho.total;
      barra.value = dicho.hechos;
      if (dicho.estado !== zona.dataset.estado) {
        window.location.reload();
        return;
      }
      if (!dicho.sigue) return;
    } catch {
      // The network comes back, or the person reloads.
    }
    setTimeout(preguntar, PAUSA_MS);
  }

  setTimeout(preguntar, PAUSA_MS);
})();
