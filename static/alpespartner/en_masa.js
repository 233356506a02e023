// Sends a selection part after part and draws the progress. Without it the form still works, with
// a button between parts.
"use strict";
(() => {
  const formulario = document.querySelector("form[data-en-masa]");
  if (!formulario) return;
  const zona = document.querySelector("[data-resultado]");
  const ver = (nombre) => zona.querySelector(`[data-${nombre}]`);
  const textos = formulario.dataset;
  const titulo = document.querySelector(".ap-en-masa h2");
  const REINTENTOS = 3;

  const cuentas = { hechas: 0, ya: 0, fallidas: 0 };
  const fallos = [];
  let pendientes = [];
  let total = 0;

  function pintar() {
    const van = cuentas.hechas + cuentas.ya + cuentas.fallidas;
    ver("avance").textContent = textos.van
      .replace("%(hechas)s", van)
      .replace("%(total)s", total);
    ver("barra").max = total;
    ver("barra").value = van;
    ver("hechas").textContent = cuentas.hechas;
    ver("ya").textContent = cuentas.ya;
    ver("fallidas").textContent = cuentas.fallidas;
  }

  function anotarFallo(fallo) {
    fallos.push(fallo);
    const fila = ver("tabla").tBodies[0].insertRow();
    const celda = fila.insertCell();
    const id = document.createElement(fallo.url ? "a" : "span");
    if (fallo.url) {
      id.href = fallo.url;
      id.className = "ap-enlace ap-id";
    }
    id.textContent = fallo.id;
    celda.append(id);
    fila.insertCell().textContent = fallo.motivo;
    ver("tabla").hidden = false;
  }

  function detener(texto, puedeSeguir) {
    ver("aviso").textContent = texto;
    ver("aviso").hidden = false;
    ver("reanudar").hidden = !puedeSeguir;
    ver("volver").hidden = false;
  }

  async function enviar(claves) {
    const datos = new FormData(formulario);
    datos.set("ids", claves.join(","));
    datos.set("previo", "");
    for (let intento = 1; ; intento += 1) {
      try {
        return await fetch(formulario.action, {
          method: "POST",
          body: datos,
          headers: { Accept: "application/json" },
          credentials: "same-origin",
          redirect: "manual",
        });
      } catch (error) {
        // A part sent twice does no harm: what is done answers that it already was.
        if (intento === REINTENTOS) throw error;
        await new Promise((listo) => setTimeout(listo, 500 * intento));
      }
    }
  }

  async function trabajar() {
    ver("aviso").hidden = true;
    ver("reanudar").hidden = true;
    ver("volver").hidden = true;
    while (pendientes.length) {
      const claves = pendientes.slice(0, Number(textos.parte));
      let respuesta;
      try {
        respuesta = await enviar(claves);
      } catch {
        detener(textos.cortado, true);
        return;
      }
      if (respuesta.status === 400) {
        const cuerpo = await respuesta.json().catch(() => ({}));
        detener(cuerpo.error || textos.cortado, false);
        formulario.hidden = false;
        return;
      }
      if (respuesta.status === 401) {
        // It goes on from there, with what is left, once the person has shown who they are.
        window.onbeforeunload = null;
        formulario.elements.ids.value = pendientes.join(",");
        formulario.elements.previo.value = JSON.stringify({
          hechas: cuentas.hechas, ya: cuentas.ya, fallidas: fallos,
        });
        formulario.submit();
        return;
      }
      if (!respuesta.ok) {
        const denegado = respuesta.status === 403 || respuesta.type === "opaqueredirect";
        detener(denegado ? textos.denegado : textos.cortado, !denegado);
        return;
      }
      const parte = await respuesta.json();
      pendientes = pendientes.slice(claves.length);
      cuentas.hechas += parte.hechas;
      cuentas.ya += parte.ya;
      cuentas.fallidas += parte.fallidas.length;
      parte.fallidas.forEach(anotarFallo);
      pintar();
    }
    titulo.textContent = textos.terminado;
    ver("avance").hidden = true;
    ver("volver").hidden = false;
    window.onbeforeunload = null;
  }

  formulario.addEventListener("submit", (evento) => {
    if (formulario.elements.previo.value) return;
    evento.preventDefault();
    pendientes = formulario.elements.ids.value.split(",").filter(Boolean);
    total = pendientes.length;
    formulario.hidden = true;
    document.querySelectorAll(".ap-en-masa > .ap-tabla-corta, .ap-en-masa > .ap-nota").forEach((nodo) => {
      nodo.hidden = true;
    });
    zona.hidden = false;
    pintar();
    window.onbeforeunload = () => true;
    trabajar();
  });
  ver("reanudar").addEventListener("click", trabajar);
})();
