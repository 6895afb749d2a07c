// What a telephone keeps for the door: today's names, and presses that the service has not taken yet.
// A press holds numbers only. Names go when the day is over, and when somebody signs out.
const CACHE = "door";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("door", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("lists", { keyPath: "door" });
      asked.result.createObjectStore("presses", { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(name, mode, act) {
  const database = await open();
  try {
    const change = database.transaction(name, mode);
    const asked = act(change.objectStore(name));
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onabort = change.onerror = () => reject(change.error);
    });
    return asked?.result;
  } finally {
    database.close();
  }
}

export const listOf = (door) => within("lists", "readonly", (store) => store.get(door));
export const keepList = (list) => within("lists", "readwrite", (store) => store.put(list));
export const keepPress = (press) => within("presses", "readwrite", (store) => store.add(press));
export const dropPresses = (ids) =>
  within("presses", "readwrite", (store) => {
    for (const id of ids) store.delete(id);
  });

export async function pressesOf(door) {
  const all = await within("presses", "readonly", (store) => store.getAll());
  return all.filter((press) => press.door === door).sort((one, other) => one.at - other.at);
}

export const keepPages = async (addresses) => (await caches.open(CACHE)).addAll(addresses);

export const forgetList = (door) => within("lists", "readwrite", (store) => store.delete(door));

// Whether anything was ever kept here: whoever is no host gets no empty store either.
const isUsed = async () => !indexedDB.databases || (await indexedDB.databases()).some((found) => found.name === "door");

export async function forgetOldLists() {
  if (!(await isUsed())) return;
  for (const list of await within("lists", "readonly", (store) => store.getAll())) {
    if (list.until <= Date.now()) await forgetList(list.door);
  }
}

// Everything but presses, which are sent when the same person comes back.
export async function forgetEverything() {
  if (!(await isUsed())) return;
  await within("lists", "readwrite", (store) => store.clear());
  await caches.delete(CACHE);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}
