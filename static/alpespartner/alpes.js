// AlpesPartner on a shop's page: docs/rastreo.md says how to use it. No cookie before consent.
(() => {
  "use strict";
  const guion = document.currentScript, datos = guion.dataset, casa = new URL(guion.src).origin;
  const COOKIE = "alpes_clic", dias = Number(datos.dias || 30);
  const leer = () => (document.cookie.match(/(?:^|; )alpes_clic=(clic_\w{26})/) || [])[1] || null;
  const poner = (valor, edad) => {
    const segura = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${COOKIE}=${valor}; Max-Age=${edad}; Path=/; SameSite=Lax${segura}`;
  };
  const guardar = (clic, edad) => {
    if (!(leer() && "primero" in datos)) poner(clic, edad);
  };
  async function recoger() {
    const aqui = new URL(location.href), clic = aqui.searchParams.get(COOKIE);
    if (/^clic_\w{26}$/.test(clic || "")) {
      guardar(clic, dias * 86400);
      aqui.searchParams.delete(COOKIE);
      history.replaceState(history.state, "", aqui);
      return;
    }
    const nombres = (datos.parametros || "via,ref,fpr,aff,a_aid,rfsn").split(",");
    const codigo = nombres.map((n) => aqui.searchParams.get(n.trim())).find(Boolean);
    if (!codigo || sessionStorage.getItem(COOKIE) === codigo) return;
    const consulta = new URLSearchParams(aqui.search);
    consulta.delete("destino");
    consulta.set("cons", "1");
    consulta.set(COOKIE, leer() || "");
    const url = `${casa}/r/${encodeURIComponent(codigo)}?${consulta}`;
    const dicho = await (await fetch(url, { method: "POST" })).json();
    sessionStorage.setItem(COOKIE, codigo);
    if (dicho.clic && dicho.edad) poner(dicho.clic, dicho.edad);
  }
  window.alpes = {
    clic: leer,
    consentir: (si) => (si ? recoger().catch(() => {}) : Promise.resolve(poner("", 0))),
  };
  if ("consentido" in datos) window.alpes.consentir(true);
})();
