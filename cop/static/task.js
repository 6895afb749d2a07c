// The page of a task works without this file. With it, progress moves without the page being loaded again.
const WAIT = 2_000;
const LONGER = 15_000;

const card = document.querySelector("[data-task]");
const bar = card.querySelector("progress");
const words = card.querySelector("[role=status]");

async function look() {
  let wait = WAIT;
  try {
    const answer = await fetch(card.dataset.task, { cache: "no-cache" });
    if (!answer.ok || answer.redirected) {
      throw new Error(answer.statusText);
    }
    const state = await answer.json();
    if (state.ended) {
      window.location.reload();
      return;
    }
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
    }
    if (words.textContent !== state.text) {
      words.textContent = state.text; // said aloud by screen readers, so only where it is news
    }
  } catch {
    wait = LONGER;
  }
  setTimeout(look, wait);
}

setTimeout(look, WAIT);
