// The door on a telephone: presses are written down here first, and sent as soon as there is a connection.
import * as store from "./door_store.js";

const AGAIN = 15_000;
const SHOWN = 50;
const AT_ONCE = 100;

const page = document.querySelector("[data-door]");
const { door, list: listAddress, presses: pressesAddress, worker: workerAddress } = page.dataset;
const say = Object.fromEntries([...page.querySelectorAll("[data-say]")].map((said) => [said.dataset.say, said.textContent]));
const [words, chosen] = [page.querySelector("#q"), page.querySelector("#part")];
const [roster, rowOf] = [page.querySelector("[data-roster]"), page.querySelector("[data-row]")];

const told = new Map(); // what the service did not take, by seat, until the page is left
let list;
let waiting = [];
let [sending, again] = [false, false];
let problem = "";

const inWords = (sentence, values) => sentence.replace(/%(\w+)%/g, (_, name) => values[name]);
const partNow = () => list.parts.find((part) => String(part.id) === chosen.value) ?? list.parts[0];
const nameOf = (guest) => guest.name ?? inWords(say.guest, { name: guest.booker });

// The newest press decides; without one, what the service said last.
function isHere(part, guest) {
  const pressed = waiting.filter((press) => press.part === part.id && press.seat === guest.seat).at(-1);
  return pressed ? pressed.status !== "" : guest.here;
}

function fits(guest) {
  const text = [nameOf(guest), guest.booker, guest.organisation].join(" ").toLowerCase();
  return words.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function row(part, guest) {
  const item = rowOf.cloneNode(true);
  const [button, here] = [item.querySelector("button"), isHere(part, guest)];
  item.id = `seat-${guest.seat}`;
  item.querySelector("strong").textContent = nameOf(guest);
  const notes = [guest.organisation, here && say.here, told.get(guest.seat)];
  item.querySelector("[data-notes]").textContent = notes.filter(Boolean).join(" · ");
  button.firstChild.textContent = here ? say.undo : say.press;
  button.querySelector("span").textContent = `: ${nameOf(guest)}`;
  button.classList.toggle("govuk-button--secondary", here);
  button.addEventListener("click", () => press(part, guest, here ? "" : "attended"));
  return item;
}

function draw() {
  const part = list?.parts.length ? partNow() : undefined;
  const mine = list ? waiting.filter((press) => press.by === list.by) : waiting;
  const count = waiting.length;
  const state = count === 0 ? say.sent : count === 1 ? say.one : inWords(say.many, { count });
  page.querySelector("[data-state]").textContent = mine.length < count ? `${state} ${say.others}` : state;
  page.querySelector("[data-problem]").textContent = problem;
  page.querySelector("[data-sign-in]").hidden = problem !== say.signIn;
  page.querySelector("[data-empty]").hidden = part !== undefined || !list;
  page.querySelector("[data-list-part]").hidden = part === undefined;
  if (!part) return;
  const at = new Date(list.at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true }).replace(/\s/, "");
  page.querySelector("[data-age]").textContent = inWords(say.age, { at });
  const here = part.guests.filter((guest) => isHere(part, guest)).length;
  page.querySelector("[data-tally]").textContent = inWords(say.tally, { here, expected: part.guests.length });
  const found = part.guests.filter(fits);
  const held = document.activeElement.closest("li")?.id;
  roster.replaceChildren(...found.slice(0, SHOWN).map((guest) => row(part, guest)));
  page.querySelector("[data-more]").hidden = found.length <= SHOWN;
  page.querySelector("[data-none]").hidden = found.length > 0;
  if (held) document.querySelector(`#${held} button`)?.focus();
}

function offerParts() {
  const before = chosen.value;
  chosen.replaceChildren(...list.parts.map((part) => new Option(part.title, part.id)));
  if (list.parts.some((part) => String(part.id) === before)) chosen.value = before;
  chosen.closest("div").hidden = list.parts.length < 2;
}

async function press(part, guest, status) {
  const noted = { id: crypto.randomUUID(), door, by: list.by, part: part.id, seat: guest.seat, status, at: Date.now() };
  await store.keepPress(noted); // only what is written down shows
  told.delete(guest.seat);
  waiting.push(noted);
  draw();
  send();
}

async function ask() {
  const answer = await fetch(listAddress, { cache: "no-store" });
  if (answer.status === 404) {
    await store.forgetList(door);
    list = undefined;
    throw new Error(say.notYours);
  }
  if (answer.redirected || !answer.ok) throw new Error(answer.redirected ? say.signIn : say.unwell);
  const { keep, token, ...rest } = await answer.json();
  const now = Date.now();
  list = { ...rest, door, at: now, until: now + keep * 1_000 };
  await store.keepList(list);
  offerParts();
  return token;
}

async function give(token, some) {
  const presses = some.map(({ id, part, seat, status, at }) => ({
    id,
    part,
    seat,
    status,
    ago: Math.max(0, Date.now() - at),
  }));
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(pressesAddress, { method: "POST", headers, body: JSON.stringify({ presses }) });
  if (answer.redirected || !answer.ok) throw new Error(answer.redirected ? say.signIn : say.unwell);
  const { outcomes } = await answer.json();
  for (const each of some) {
    if (say[outcomes[each.id]]) told.set(each.seat, say[outcomes[each.id]]);
  }
  await store.dropPresses(Object.keys(outcomes));
}

async function send() {
  again = sending; // whoever asks meanwhile may know of a connection or a press that came too late for this time
  if (sending) return;
  sending = true;
  try {
    let token = await ask();
    for (;;) {
      const some = (await store.pressesOf(door)).filter((each) => each.by === list.by).slice(0, AT_ONCE);
      if (!some.length) break;
      await give(token, some);
      token = await ask();
    }
    problem = "";
    await prepare();
  } catch (error) {
    problem = error instanceof TypeError ? say.noConnection : error.message;
  } finally {
    sending = false;
  }
  waiting = await store.pressesOf(door);
  draw();
  if (again) await send();
}

async function begin() {
  await store.forgetOldLists();
  list = await store.listOf(door);
  waiting = await store.pressesOf(door);
  page.hidden = false;
  if (list) offerParts();
  draw();
  await send();
}

// The page and what it needs, for when there is no connection; tried until it is done.
async function prepare() {
  if (!navigator.serviceWorker || !page.querySelector("[data-ready]").hidden) return;
  await navigator.serviceWorker.register(workerAddress, { scope: page.dataset.scope });
  const used = performance.getEntriesByType("resource").map((entry) => entry.name);
  const ours = used.filter((address) => address.startsWith(`${window.location.origin}/static/`));
  await store.keepPages([`${page.dataset.scope}/offline`, ...new Set(ours)]);
  page.querySelector("[data-ready]").hidden = false;
}

words.addEventListener("input", draw);
chosen.addEventListener("input", draw);
page.querySelector("[data-send]").addEventListener("click", send);
window.addEventListener("online", send);
setInterval(send, AGAIN);
begin();
