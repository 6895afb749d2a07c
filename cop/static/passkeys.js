// Passkeys live in the browser and need this file; without it, codes of an app do the same.
const FAILED_ELSEWHERE = "SecurityError";

const bytes = (text) => {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
};

const words = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function asked(form) {
  const answer = await fetch(form.dataset.passkey, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrf_token.value },
  });
  if (!answer.ok || answer.redirected) {
    window.location.reload(); // signed out meanwhile, or the second factor is wanted again: the page itself says so
    return null;
  }
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  options.excludeCredentials = named(options.excludeCredentials);
  options.allowCredentials = named(options.allowCredentials);
  return options;
}

async function made(options) {
  options.user.id = bytes(options.user.id);
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey: options });
  const transports = response.getTransports ? response.getTransports() : [];
  return {
    id,
    rawId: words(rawId),
    type,
    response: {
      clientDataJSON: words(response.clientDataJSON),
      attestationObject: words(response.attestationObject),
      transports,
    },
  };
}

async function given(options) {
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey: options });
  return {
    id,
    rawId: words(rawId),
    type,
    response: {
      clientDataJSON: words(response.clientDataJSON),
      authenticatorData: words(response.authenticatorData),
      signature: words(response.signature),
      userHandle: response.userHandle ? words(response.userHandle) : null,
    },
  };
}

function say(form, kind) {
  for (const line of form.querySelectorAll("[data-said]")) {
    line.hidden = line.dataset.said !== kind;
  }
}

async function ask(form) {
  say(form, "waiting");
  try {
    const options = await asked(form);
    if (options === null) {
      return;
    }
    const answer = form.dataset.kind === "make" ? await made(options) : await given(options);
    form.elements.answer.value = JSON.stringify(answer);
    form.submit();
  } catch (error) {
    say(form, error.name === FAILED_ELSEWHERE ? "elsewhere" : "failed");
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  for (const line of document.querySelectorAll("[data-without-passkeys]")) {
    line.hidden = true;
  }
}
