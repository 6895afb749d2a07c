// Whoever signs out leaves no names on this telephone; presses that were not sent wait for them.
import { forgetEverything } from "./door_store.js";

document.querySelector("main form").addEventListener("submit", async (event) => {
  event.preventDefault();
  await forgetEverything().catch(() => undefined);
  event.target.submit();
});
