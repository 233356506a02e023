// Says how an amount was read, as it is typed: the same rules as comun/admin/numeros.py.
(() => {
  const idioma = document.documentElement.lang || "es";
  const leer = (texto) => {
    let t = texto.trim();
    if (/^[+\-−]?\d{1,3}([   ']\d{3})+([.,]\d+)?$/.test(t)) t = t.replace(/[   ']/g, "");
    const m = t.match(/^([+\-−]?)(\d[\d.,]*|[.,]\d+)$/);
    if (!m) return null;
    const marcas = [...m[2]].filter((c) => c === "." || c === ",");
    const menos = m[1] && m[1] !== "+" ? "-" : "";
    if (!marcas.length) return menos + m[2];
    const decimal = marcas[marcas.length - 1];
    const unica = marcas.every((c) => c === decimal);
    const i = m[2].lastIndexOf(decimal);
    const entero = m[2].slice(0, i), resto = m[2].slice(i + 1);
    const unir = (g) => /^\d{1,3}$/.test(g[0]) && g.slice(1).every((x) => x.length === 3) ? g.join("") : null;
    if (unica && marcas.length > 1) { const u = unir(m[2].split(decimal)); return u && menos + u; }
    if (unica && /^[1-9]\d{0,2}$/.test(entero) && resto.length === 3) return null;
    if (entero.includes(decimal) || !resto) return null;
    const miles = decimal === "." ? "," : ".";
    const e = entero.includes(miles) ? unir(entero.split(miles)) : entero || "0";
    return e === null ? null : `${menos}${e}.${resto}`;
  };
  const eco = (caja) => {
    let dicho = caja.parentElement.querySelector(".ap-eco");
    if (!dicho) {
      dicho = document.createElement("output");
      dicho.className = "ap-eco ap-tenue";
      caja.after(dicho);
    }
    const leido = caja.value.trim() ? leer(caja.value) : "";
    caja.setAttribute("aria-invalid", String(leido === null));
    dicho.textContent = leido === null ? "≠ 1 234,50" : leido && `= ${new Intl.NumberFormat(idioma, {
      useGrouping: "always", maximumFractionDigits: 4, minimumFractionDigits: (leido.split(".")[1] || "").length,
    }).format(leido)}`;
  };
  const preparar = () => document.querySelectorAll("input[data-numero]").forEach((caja) => {
    caja.addEventListener("input", () => eco(caja));
    if (caja.value) eco(caja);
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", preparar);
  else preparar();
})();
