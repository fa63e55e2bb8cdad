// An admin interface with invented numbers, to look at the dashboard without an
// engine:  node tests/web/mock_admin.mjs BUILD/web/page.cpp [PORT] [SCENE]
// Scenes: busy (default), empty, hostile, trouble, token (the token is "open
// sesame"), mute (the stream breaks after 2 s, and nothing answers any more).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [source, port = "9796", scene = "busy"] = process.argv.slice(2);
const generated = readFileSync(source, "utf8");
const page = /R"page\((.*)\)page"/s.exec(generated)[1];
const policy = /return "(default-src.*)";/.exec(generated)[1];

const start = Date.now();
const age = () => (Date.now() - start) / 1000;
const busy = scene !== "empty";
const BAD = "<img src=x onerror=document.body.remove()><script>alert(1)</script>";
const LONG = "a-name-that-does-not-end-".repeat(40);
const RTL = "\u202Eمستخدم\u2066 שלום";

const people = ["goran", "mia", "joe", "testuser1", "svc_reload", "ann.lindqvist"];
const apps = [
  ["d5a2b1c0-3f51-4a43-9f0e-6c1b7f9d2a10", "Sales by region"],
  ["77aa0c14-12de-49f2-8a3b-0f6de2b7c911", "Inventory, northern warehouses"],
  ["0b9ce7f3-95b3-4d1a-b8de-3a4ff0cf2277", ""],
];
const kinds = [
  ["connection_open", "Open connection"], ["session_start", "Start session"],
  ["connection_close", "Close connection"], ["session_stop", "Stop session"],
  ["connection_open", "Open connection"], ["other", "License denied"],
];

function event(n) {
  const [kind, command] = kinds[n % kinds.length];
  const [id, name] = apps[(n * 7) % apps.length];
  const x = {
    kind, command, host: n % 5 ? "pro2-win1" : "pro2-win2",
    user: { directory: n % 9 ? "LAB" : "INTERNAL", id: people[(n * 5) % people.length] },
    origin: "AppAccess", context: `/app/${id}`, time: new Date().toISOString(),
    id: `0193a4c2-7d11-7c3e-9f00-${String(n).padStart(12, "0")}`,
    ...(kind.startsWith("connection") ? { app: { id, name } } : { message: "Session of a browser" }),
    attributes: { browser: "Chrome 119", os: "Windows 10" },
  };
  if (scene !== "hostile")
    return x;
  const text = [BAD, LONG, RTL, "", "\u0000\u0007"][n % 5];
  return { ...x, kind: n % 3 ? kind : BAD, command: text, host: text, message: text,
    user: { directory: text, id: text }, app: { id: text, name: text },
    time: n % 2 ? "not a time" : x.time, "__proto__x": text };
}

let sent = 0;

function ledger() {
  const n = busy ? 128_412 + sent : 0;
  const terms = (delivered, more = {}) => ({ not_matched: 0, delivered, folded: 0,
    dead_lettered: 0, expired: 0, dropped: 0, waiting: 0, in_flight: 0, ...more });
  const trouble = scene === "trouble" || scene === "hostile";
  return {
    balanced: scene !== "trouble",
    ingest: { received: n && n + 9, kernel_dropped: trouble ? 1234 : 0, parsed: n,
      rejected: { malformed: n ? 7 : 0, oversized: 0, source: n ? 2 : 0, encoding: 0 } },
    events: { parsed: n, excluded: n ? 3120 : 0, duplicate: n ? 41 : 0, limited: 0,
      journaled: n && n - 3161, shed: trouble ? 17 : 0 },
    destinations: n === 0 ? { console: terms(0) } : {
      "ops-slack": terms(4210, { not_matched: 118_020, folded: n - 125_471, in_flight: 1, waiting: 79 }),
      broker: terms(n - 3162, { in_flight: 1 }),
      archive: terms(n - 3161),
      ...(trouble ? { hook: terms(0, { waiting: 20_311_000_000, dead_lettered: 4, expired: 12, dropped: 9 }) } : {}),
      ...(scene === "hostile" ? { [BAD]: terms(1), [LONG]: terms(2), [RTL]: terms(3) } : {}),
    },
  };
}

function destinations() {
  const x = (name, kind, more = {}) => ({ name, kind, state: "ok", breaker: "closed",
    waiting: 0, in_flight: 0, oldest_age_s: 0, last_error: "", rate: 1, delivered: 0,
    retry_in_s: 0, ...more });
  if (!busy)
    return [x("console", "console", { state: "idle" })];
  const list = [
    x("ops-slack", "slack", { delivered: 4210, waiting: 79, in_flight: 1, oldest_age_s: 42.5 }),
    x("broker", "mqtt", { delivered: 125_250 + sent, in_flight: 1 }),
    x("archive", "file", { delivered: 125_251 + sent }),
  ];
  if (scene === "trouble" || scene === "hostile")
    list.push(
      x("hook", "webhook", { dead_lettered: 4, state: "retrying", waiting: 20_311, oldest_age_s: 4000, retry_in_s: 12.3,
        last_error: "automation.example: HTTP 503 Service Unavailable" }),
      x("sales-teams", "teams", { state: "open", breaker: "open", waiting: 3, oldest_age_s: 190,
        retry_in_s: 30, last_error: "The webhook was removed (404). Make a new one in Teams, then set url." }),
      x("old-broker", "mqtt", { state: "disabled" }));
  if (scene === "hostile")
    for (const text of [BAD, LONG, RTL])
      list.push(x(text, text, { state: "retrying", last_error: text, dead_lettered: 1 }));
  return list;
}

function lights() {
  const step = Math.floor(age() / 3) % 4;
  const look = [
    { show: "pulse", color: "#00ff00", brightness: 1, period_ms: 1000 },
    { show: "off", color: "#000000", brightness: 1, period_ms: 0 },
    { show: "pulse", color: "#ff0000", brightness: 1, period_ms: 1000 },
    { show: "on", color: "#ffa757", brightness: 0.5, period_ms: 0 },
  ][busy ? step : 1];
  const x = (name, shows, more = {}) => ({ name, driver: "virtual",
    wish: { ...shows, for_ms: 2000, priority: 20 }, shows, state: "up",
    events: busy ? 1200 + sent : 0, commands: busy ? 311 : 1, coalesced: 889, errors: 0, ...more });
  if (scene === "trouble")
    return [x("desk", look), x("hall", { show: "blink", color: "#ff0000", brightness: 1, period_ms: 800 },
      { state: "degraded", errors: 12 })];
  if (scene === "hostile")
    return [x(LONG, { ...look, color: "red;background:url(//evil.example)" }), x(BAD, look), x(RTL, { show: BAD })];
  return [x("desk", look)];
}

function sessions() {
  if (!busy)
    return { total: 0, servers: {}, users: [] };
  const user = (directory, id, servers, hours) => ({ directory, id, servers,
    sessions: servers.length, connections: 1,
    since: new Date(start - hours * 3.6e6).toISOString() });
  const users = people.map((x, i) => user("LAB", x,
    i % 3 ? ["pro2-win1"] : ["pro2-win1", "pro2-win2"], i * i));
  if (scene === "hostile")
    for (const x of [BAD, LONG, RTL])
      users.push({ ...user(x, x, [x, x], 1), since: x });
  return { total: users.length + 17, users,
    servers: { "pro2-win1": 6, "pro2-win2": 2, ...(scene === "hostile" ? { [BAD]: 1, [LONG]: 2, [RTL]: 3 } : {}) } };
}

function stream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(": hello\n\n");
  const send = (type, x) => response.write(
    `${type ? `event: ${type}\n` : ""}data: ${JSON.stringify(x)}\n\n`);
  const timers = [setInterval(() => send("light", { lights: lights() }), 250)];
  if (busy) {
    for (let i = 0; i < 14; ++i)
      send("", event(sent++));
    timers.push(setInterval(() => send("", event(sent++)), 700));
  }
  if (scene === "hostile") {
    response.write("data: this is no JSON\n\nnonsense\n\nevent: unknown\ndata: {}\n\n");
    send("skipped", { events: 1713 });
  }
  if (scene === "mute")
    setTimeout(() => response.destroy(), 2000);
  response.on("close", () => timers.forEach(clearInterval));
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/") {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" });
    return response.end(page);
  }
  if (scene === "mute" && age() > 3)
    return request.destroy();
  if (scene === "token" && request.headers.authorization !== "Bearer open sesame")
    return response.writeHead(401).end();
  const answers = {
    "/api/ledger": ledger, "/api/destinations": () => ({ destinations: destinations() }),
    "/api/lights": () => ({ lights: lights() }),
    "/api/sessions": sessions,
    "/api/dead-letters": () => ({ total: 4, letters: [] }),
    "/api/dead-letters/retry": () => ({ letters: 4 }),
  };
  if (pathname === "/api/events")
    return stream(response);
  if (!Object.hasOwn(answers, pathname))
    return response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": "application/json" });
  return response.end(JSON.stringify(answers[pathname]()));
}).listen(Number(port), "127.0.0.1");
