// What the parts of the admin that are not ours lack for who only has keys, or hears the page.
"use strict";
// Bars of the browser's own: the menu's script asks for these.
window.SimpleBar = { instances: new Map() };
document.addEventListener("DOMContentLoaded", () => {
  // An icon is a word to whoever hears it.
  document.querySelectorAll(".material-symbols-outlined:not([aria-hidden])").forEach((icono) => icono.setAttribute("aria-hidden", "true"));
  document.querySelectorAll("#nav-sidebar a.active").forEach((enlace) => {
    enlace.scrollIntoView({ block: "nearest" });
  });

  // The menu of a narrow window: the focus goes into it, and back.
  const abreMenu = document.querySelector("[data-abrir-menu]");
  const menu = document.getElementById("nav-sidebar");
  if (abreMenu && menu) {
    abreMenu.addEventListener("click", () => setTimeout(() => { if (abreMenu.ariaExpanded === "true") menu.querySelector("a, button").focus(); }, 50));
    menu.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && abreMenu.ariaExpanded === "true") abreMenu.click();
      if (e.key === "Escape" && abreMenu.offsetParent) abreMenu.focus();
    });
  }

  // The filters: likewise.
  const abreFiltros = document.querySelector("[data-abrir-filtros]");
  const filtros = document.getElementById("changelist-filter");
  if (abreFiltros && filtros) {
    abreFiltros.addEventListener("click", () => setTimeout(() => {
      const campos = [...filtros.querySelectorAll("a[href], button, input:not([type=hidden]), select, [tabindex='0']")];
      campos.find((campo) => campo.offsetParent)?.focus();
    }, 50));
    filtros.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !abreFiltros.offsetParent) return;
      filtros.querySelector("#changelist-filter-close").click();
      abreFiltros.focus();
    });
  }

  // A sheet under a button: Escape and «Cancelar» close it, and the focus goes back to the button.
  const cerrarHoja = (hoja) => { hoja.open = false; hoja.querySelector("summary").focus(); };
  document.addEventListener("keydown", (e) => {
    const hoja = e.key === "Escape" && (e.target.closest("details.ap-desplegable[open]") || document.querySelector("details.ap-desplegable[open]"));
    if (!hoja || document.querySelector("dialog[open]")) return;
    e.preventDefault();
    cerrarHoja(hoja);
  });
  document.addEventListener("click", (e) => {
    const cancelar = e.target.closest("[data-cerrar-hoja]");
    if (cancelar) cerrarHoja(cancelar.closest("details"));
  });
  document.querySelectorAll("details.ap-desplegable").forEach((hoja) => hoja.addEventListener("toggle", () => {
    if (hoja.open) hoja.querySelector(".ap-hoja :is(select, textarea, input:not([type=hidden]), button)")?.focus({ preventScroll: true });
  }));
});

// What is wider than its box can be moved with the keys, too.
function alcanzable() {
  document.querySelectorAll(".ap-bloque, .ap-extremos > div, .ap-json").forEach((caja) => {
    const dentro = caja.querySelector("a[href], button, input:not([type=hidden]), select, textarea, summary");
    if (caja.scrollWidth > caja.clientWidth + 1 && !dentro) caja.tabIndex = 0;
  });
}
window.addEventListener("load", alcanzable);
window.addEventListener("resize", alcanzable);

// What somebody asked to see, after Django put the focus on the first field.
window.addEventListener("load", () => setTimeout(() => document.querySelector("[data-ver-aqui]")?.focus()));

// The boxes of Django that look for a row, and those that move rows, are made by scripts.
window.addEventListener("load", () => setTimeout(() => {
  document.querySelectorAll(".help-tooltip[aria-label]").forEach((ayuda) => ayuda.setAttribute("role", "img"));
  const nombre = (campo) => campo.labels?.[0]?.textContent.replace("*", "").trim() || campo.getAttribute("aria-label") || campo.name;
  document.querySelectorAll("select[class*=select2-hidden]").forEach((campo) => {
    const caja = campo.nextElementSibling;
    if (!caja) return;
    caja.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]").forEach((parte) => {
      parte.removeAttribute("aria-labelledby");
      parte.setAttribute("aria-label", nombre(campo));
    });
  });
  const jq = window.django && window.django.jQuery;
  if (jq) jq(document).on("select2:open", (e) => document.querySelector(".select2-search__field")?.setAttribute("aria-label", nombre(e.target)));
}));
