// What makes the lamps of several tests shine.
import * as h from "./harness.mjs";

/** Green and red on app events, a blink in `color` on a new session. */
export const rules = (color) => `
  [[light.on]]
  match = { kind = "connection_open" }
  effect = { color = "green" }
  [[light.on]]
  match = { kind = "connection_close" }
  effect = { color = "red" }
  [[light.on]]
  match = { kind = "session_start" }
  effect = { show = "blink", color = "${color}", period = "1s" }
`;

export const opens = () => h.g2({ command: "Open connection" });
export const closes = () => h.g2({ command: "Close connection" });
export const starts = () => h.g2({ command: "Start session" });

/** How the first lamp is doing. */
export const lamp = (e) => e.get("/api/lights").then((x) => x.lights[0]);
