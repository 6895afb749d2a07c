// Names that a telephone kept for a day that is over go, whoever opens this page.
import { forgetOldLists } from "./door_store.js";

forgetOldLists().catch(() => undefined);
