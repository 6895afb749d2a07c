// Everything works without this file; it only improves.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();
