// Everything works without this file; it only improves.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Beside a time on the programme's clock, the same moment on the clock of a reader who is elsewhere.
for (const time of document.querySelectorAll("time[data-own-time]")) {
  const look = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", hour12: true };
  const face = (more) => new Intl.DateTimeFormat("en-GB", { ...look, ...more }).format(new Date(time.dateTime));
  if (face({}) !== face({ timeZone: time.dataset.zone })) {
    const own = document.createElement("span");
    own.textContent = `${time.dataset.ownTime} ${face({ timeZoneName: "short" }).replaceAll("-", "\u2011")}`;
    time.after(document.createElement("br"), own);
  }
}
