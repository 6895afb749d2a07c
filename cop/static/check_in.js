// The door works without this file. With it, the list follows what is typed, and a press stays on the page.
const WAIT = 200;

// Without a connection, a telephone that was made ready goes on with the list that it keeps.
let leaving = false;
window.addEventListener("beforeunload", () => {
  leaving = true; // what the browser breaks off then is no lost connection
});

function withoutConnection() {
  if (leaving) return;
  if (navigator.serviceWorker?.controller) {
    window.location.assign(window.location.pathname);
  } else {
    document.getElementById("no-connection").hidden = false;
  }
}

// Draw a part of the page anew from an answer of the service; only the latest question counts.
let latest = 0;
async function draw(id, address, options) {
  const number = ++latest;
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    withoutConnection();
    return;
  }
  document.getElementById("no-connection").hidden = true;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(id);
  if (!fresh) {
    window.location.reload(); // signed out, or the page is gone
  } else if (number === latest) {
    document.getElementById(id).replaceWith(fresh);
  }
}

for (const form of document.querySelectorAll("form[data-filter]")) {
  const ask = () => {
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    window.history.replaceState(null, "", address);
    draw(form.dataset.filter, address);
  };
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    ask();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.press) return;
  event.preventDefault();
  const row = form.closest("li").id;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  await draw(form.dataset.press, form.action, { method: "POST", body });
  (document.querySelector(`#${row} button`) ?? document.getElementById("q")).focus();
});
