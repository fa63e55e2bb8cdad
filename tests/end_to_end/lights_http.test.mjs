// Lamps that speak HTTP, one table for all: each fake is written from its
// maker's documentation, refuses what that does not allow, and says what its
// lamp shows.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { test } from "node:test";
import * as h from "./harness.mjs";

/** A lamp that can be switched off at the wall: the same port when it is back. */
async function lamp(answer) {
  const x = { shown: [], requests: 0 };
  const serve = (request, response) => {
    let body = "";
    request.on("data", (d) => (body += d));
    request.on("end", () => {
      ++x.requests;
      const got = { request, body, url: new URL(request.url, "http://h") };
      const { status, text = "", headers = {}, shows } = answer(got);
      if (shows !== undefined) x.shown.push(shows);
      response.writeHead(status, headers).end(text);
    });
  };
  let port = 0;
  x.up = async () => {
    x.server = http.createServer(serve).listen(port, "127.0.0.1");
    await once(x.server, "listening");
    port = x.server.address().port;
  };
  x.down = () =>
    new Promise((done) => {
      x.server.close(done);
      x.server.closeAllConnections();
    });
  await x.up();
  h.atEnd(() => x.server.listening && x.down());
  x.url = `http://127.0.0.1:${port}`;
  return x;
}

const json = { "content-type": "application/json" };
const hex = (r, g, b) =>
  "#" + [r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("");
const isByte = (v) => Number.isInteger(v) && v >= 0 && v <= 255;
const within = (v, low, high) => typeof v === "number" && v >= low && v <= high;
const onlyHas = (x, ...keys) => Object.keys(x).every((k) => keys.includes(k));

function homeAssistant({ request, body, url }) {
  if (request.headers.authorization !== "Bearer sesame")
    return { status: 401, text: "401: Unauthorized" };
  const service = /^\/api\/services\/light\/(turn_on|turn_off)$/.exec(url.pathname);
  if (request.method !== "POST" || !service) return { status: 404 };
  const x = JSON.parse(body);
  if (x.entity_id !== "light.desk") return { status: 200, headers: json, text: "[]" };
  if (service[1] === "turn_off")
    return { status: onlyHas(x, "entity_id", "transition") ? 200 : 400, text: "[{}]", shows: "off" };
  const good =
    onlyHas(x, "entity_id", "rgb_color", "brightness_pct", "transition") &&
    x.rgb_color?.length === 3 && x.rgb_color.every(isByte) &&
    within(x.brightness_pct, 0, 100) && within(x.transition, 0, 6553);
  if (!good) return { status: 400, text: '{"message":"extra keys not allowed"}' };
  return { status: 200, headers: json, text: '[{"state":"on"}]', shows: hex(...x.rgb_color) };
}

const sha256 = (x) => createHash("sha256").update(x).digest("hex");

/** RFC 7616 as Shelly does it: SHA-256, qop "auth", user "admin". */
function shelly() {
  const realm = "shellyplusrgbwpm-1";
  const nonce = randomBytes(8).toString("hex");
  const ha1 = sha256(`admin:${realm}:sesame`);
  return ({ request, body, url }) => {
    const given = Object.fromEntries(
      [...(request.headers.authorization ?? "").matchAll(/(\w+)="?([^",]*)"?/g)].map((m) => [m[1], m[2]]),
    );
    const ha2 = sha256(`${request.method}:${url.pathname}`);
    const expected = sha256(`${ha1}:${nonce}:${given.nc}:${given.cnonce}:auth:${ha2}`);
    if (given.response !== expected || given.algorithm !== "SHA-256")
      return {
        status: 401,
        headers: {
          "www-authenticate": `Digest qop="auth", realm="${realm}", nonce="${nonce}", algorithm=SHA-256`,
        },
      };
    if (request.method !== "POST" || url.pathname !== "/rpc") return { status: 404 };
    const { id, method, params: p } = JSON.parse(body);
    const reply = (x) => ({ status: 200, headers: json, text: JSON.stringify({ id, src: realm, ...x }) });
    const fail = (code, message) => reply({ error: { code, message } });
    if (method !== "RGB.Set") return fail(404, `No handler for ${method}`);
    if (p.id !== 0) return fail(-105, "Argument 'id', value 1 not found!");
    if (typeof p.on !== "boolean") return fail(-103, "Missing or bad argument 'on'!");
    if (!p.on) return { ...reply({ result: null }), shows: "off" };
    if (!p.rgb?.every(isByte) || !within(p.brightness, 1, 100)) return fail(-103, "Invalid argument 'rgb'");
    return { ...reply({ result: null }), shows: hex(...p.rgb) };
  };
}

function nanoleaf({ request, body, url }) {
  const path = /^\/api\/v1\/(\w+)\/state$/.exec(url.pathname);
  if (request.method !== "PUT" || !path) return { status: 404, text: `Cannot ${request.method} ${url.pathname}` };
  if (path[1] !== "sesame") return { status: 401, text: `Not authorized: ${url.pathname}` };
  const x = JSON.parse(body);
  if (x.on?.value === false) return { status: 204, shows: "off" };
  const whole = (v, high) => Number.isInteger(v) && within(v, 0, high);
  if (!x.on?.value || !whole(x.hue?.value, 360) || !whole(x.sat?.value, 100) || !whole(x.brightness?.value, 100))
    return { status: 422 };
  assert.equal(x.sat.value, 100);
  return { status: 204, shows: { 0: "#ff0000", 120: "#00ff00", 240: "#0000ff" }[x.hue.value] };
}

function tasmota({ request, url }) {
  if (request.method !== "GET" || url.pathname !== "/cm") return { status: 404 };
  const q = url.searchParams;
  if (q.get("user") !== "admin" || q.get("password") !== "sesame")
    return { status: 200, headers: json, text: '{"WARNING":"Need user=<username>&password=<password>"}' };
  const x = /^Backlog0 (?:Power (OFF)|Color1 (#[0-9a-f]{6});Power ON)$/.exec(q.get("cmnd"));
  if (!x) return { status: 200, headers: json, text: '{"Command":"Unknown"}' };
  return { status: 200, headers: json, text: "{}", shows: x[1] ? "off" : x[2] };
}

function anyLamp({ request, body, url }) {
  if (request.headers["x-key"] !== "sesame") return { status: 403, text: "no entry" };
  if (request.method !== "GET" || body) return { status: 405 };
  return { status: 200, shows: url.searchParams.get("on") === "1" ? url.searchParams.get("c") : "off" };
}

const drivers = [
  {
    driver: "webhook",
    fake: () => anyLamp,
    keys: (url, key) => `
      url = "${url}/set?c={{hex}}&on={{#on}}1{{/on}}{{^on}}0{{/on}}"
      method = "GET"
      headers = { X-Key = "${key}" }`,
    cure: /HTTP 403; check url and headers/,
  },
  {
    driver: "home_assistant",
    fake: () => homeAssistant,
    keys: (url, key) => `url = "${url}"\ntoken = "${key}"\nentity = "light.desk"`,
    cure: /does not know this token .* make a long-lived access token/,
  },
  {
    driver: "shelly",
    fake: shelly,
    keys: (url, key) => `url = "${url}"\npassword = "${key}"`,
    cure: /refuses this password .* set user .* and password/,
  },
  {
    driver: "nanoleaf",
    fake: () => nanoleaf,
    keys: (url, key) => `url = "${url}"\ntoken = "${key}"`,
    cure: /does not know this token \(HTTP 401\): pair again/,
  },
  {
    driver: "tasmota",
    fake: () => tasmota,
    keys: (url, key) => `url = "${url}"\npassword = "${key}"`,
    cure: /refuses user and password: set them/,
  },
];

/** The lamp under test and, beside it, one that must not care. */
const both = (driver, keys, lasts = "") => `
  [[light]]
  name = "desk"
  driver = "${driver}"
  ${keys}
  ${rules(lasts)}
  [[light]]
  name = "other"
  driver = "virtual"
  ${rules(lasts)}`;
const rules = (lasts) =>
  ["open", "close"].map((x, i) => `
  [[light.on]]
  match  = { kind = "connection_${x}" }
  effect = { color = "${["green", "red"][i]}"${lasts} }`).join("");

const open = h.g2();
const close = h.g2({ command: "Close connection" });

async function lampsOf(e) {
  const { lights } = await e.get("/api/lights");
  return Object.fromEntries(lights.map((x) => [x.name, x]));
}

const warnings = (e) =>
  e.stderr.split("\n").filter((line) => / warning | error /.test(line));

for (const { driver, fake, keys, cure } of drivers) {
  test(`${driver}: green when someone comes, and dark again`, async () => {
    const it = await lamp(fake());
    const e = await h.engine(both(driver, keys(it.url, "sesame"), ', for = "300ms"'));
    await h.send(e.ports[0], open);
    await h.until(() => it.shown.length === 3, `${it.shown}`);
    await e.stop();
    // Dark at the start, for nobody knows what it showed before.
    assert.deepEqual(it.shown, ["off", "#00ff00", "off"]);
    assert.deepEqual(warnings(e), []);
  });

  test(`${driver}: a wrong key is one line that names the lamp and the cure`, async () => {
    const it = await lamp(fake());
    const e = await h.engine(both(driver, keys(it.url, "wrong1")));
    await h.send(e.ports[0], open);
    const lamps = await h.until(async () => {
      const x = await lampsOf(e);
      return x.desk.state === "misconfigured" && x.other.shows.color === "#00ff00" && x;
    }, "the lamp to be misconfigured, and the other one to be green");
    assert.equal(lamps.other.state, "up");
    assert.match(lamps.desk.last_error, cure);
    await e.stop();
    assert.deepEqual(it.shown, []);
    const lines = warnings(e);
    assert.equal(lines.length, 1, e.stderr);
    assert.match(lines[0], new RegExp(`lamp 'desk' \\(${driver}\\): .*`));
    assert.match(lines[0], cure);
    assert.doesNotMatch(e.stderr, /wrong1/);
  });

  test(`${driver}: a lamp that was away is told the present wish, once`, async () => {
    const it = await lamp(fake());
    const e = await h.engine(both(driver, keys(it.url, "sesame")));
    await h.until(() => it.shown.length === 1, "the lamp to be dark");
    await it.down();
    await h.send(e.ports[0], open);
    await h.until(async () => (await lampsOf(e)).desk.errors > 0, "a failure");
    await h.send(e.ports[0], close);
    const lamps = await h.until(async () => {
      const x = await lampsOf(e);
      return x.other.shows.color === "#ff0000" && x;
    }, "the other lamp to be red");
    assert.equal(lamps.other.errors, 0);
    await it.up();
    await h.until(() => it.shown.length > 1, "the lamp to be back");
    await h.until(async () => (await lampsOf(e)).desk.state === "up", "it to be up");
    await e.stop();
    assert.deepEqual(it.shown, ["off", "#ff0000", "off"]);
    assert.match(e.stderr, /lamp 'desk' works again/);
    // "Reset" and "refused" may be two lines, but retries are none.
    const lines = warnings(e);
    assert.ok(lines.length === 1 || lines.length === 2, e.stderr);
    for (const line of lines) assert.match(line, /lamp 'desk'/);
  });
}

test("a Shelly without that component says so", async () => {
  const it = await lamp(shelly());
  const e = await h.engine(both("shelly", `url = "${it.url}"\npassword = "sesame"\ncomponent = "rgb:1"`));
  await h.until(async () => (await lampsOf(e)).desk.errors > 0, "the fault");
  assert.match(
    (await lampsOf(e)).desk.last_error,
    /the Shelly has no rgb:1 \(error -105, Argument 'id', value 1 not found!\): set component/,
  );
});

test("a Shelly that asks for no password takes commands all the same", async () => {
  const shown = [];
  const it = await lamp(({ body }) => {
    // What libcurl asks first, without a body, to hear of the digest.
    if (!body) return { status: 200, headers: json, text: '{"id":null,"error":{"code":-103,"message":"no"}}' };
    shown.push(JSON.parse(body).params.on);
    return { status: 200, headers: json, text: '{"id":1,"result":null}' };
  });
  const e = await h.engine(both("shelly", `url = "${it.url}"\npassword = "sesame"`));
  await h.until(async () => (await lampsOf(e)).desk.commands > 0 && shown.length > 0, "a command");
  await e.stop();
  assert.deepEqual(warnings(e), []);
});
