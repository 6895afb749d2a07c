// Stands in for the service at the door of one event while there is no connection, and never otherwise.
const PATIENCE = 5_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const moves = request.mode === "navigate";
  try {
    return await (moves ? inTime(fetch(request)) : fetch(request));
  } catch (error) {
    const door = new URL(self.registration.scope).pathname;
    const kept = await (await caches.open("door")).match(moves ? `${door}/offline` : request);
    if (kept) return kept;
    throw error;
  }
}

// A connection that is there and gives nothing is none.
function inTime(fetched) {
  const late = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer")), PATIENCE);
  });
  return Promise.race([fetched, late]);
}
