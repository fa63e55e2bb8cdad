// The new interface, against Prism, which holds every request to the OpenHue
// description of it and answers from that.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import * as h from "../../end_to_end/harness.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const shared = process.env.SIGNALBOX_SHARED ?? join(folder, "../../../../shared");
const description = join(shared, "data/openhue.yaml");
const skip = existsSync(description)
  ? false
  : `there is no ${description}: SIGNALBOX_SHARED names the folder that holds data/openhue.yaml`;

const id = "3883f8bf-30a3-445b-ac06-b047d50599df";
const key = "s3cretKey";

let prism;
before(async () => {
  if (skip) return;
  const port = await h.freePort();
  const x = h.start(process.execPath, [
    join(folder, "node_modules/@stoplight/prism-cli/dist/index.js"),
    ...["mock", "-h", "127.0.0.1", "-p", String(port), "--errors", description],
  ]);
  await h.until(
    () => {
      if (x.child.exitCode !== null) throw new Error(x.stderr + x.stdout);
      return h.reachable(port);
    },
    "Prism to listen",
    90_000, // It reads 300 KB of YAML.
  );
  prism = `http://127.0.0.1:${port}`;
});

/**
 * A bridge in front of Prism, which keeps what it said. `prefer` asks for an
 * answer other than success: "code=429".
 */
async function bridge() {
  const x = { seen: [], prefer: undefined };
  const front = await h.receiver(async (request, response) => {
    const headers = { "content-type": request.headers["content-type"] };
    const mine = request.headers["hue-application-key"];
    if (mine) headers["hue-application-key"] = mine;
    if (x.prefer) headers.prefer = x.prefer;
    const answer = await fetch(prism + request.path, {
      ...{ method: request.method, headers, body: request.body },
    });
    const text = await answer.text();
    x.seen.push({ ...request, status: answer.status, said: text });
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(text);
  });
  x.url = front.url;
  return x;
}

const lamp = (name, url, keys, rules) => `
  [[light]]
  name = "${name}"
  driver = "hue"
  url = "${url}"
  key = "${key}"
  ${keys}
  ${rules}
`;

const on = (kind, effect) => `
  [[light.on]]
  match = { kind = "${kind}" }
  effect = { ${effect}, for = "60s" }
`;

const light = async (e, name) =>
  (await e.get("/api/lights")).lights.find((x) => x.name === name);

const warnings = (e) =>
  e.stderr.split("\n").filter((x) => x.includes("lamp 'door' (hue): "));

test("every command passes the description", { skip }, async () => {
  const b = await bridge();
  const rules =
    on("session_start", 'color = "green"') +
    on("connection_open", 'show = "fade", color = "2700K", brightness = 0.3') +
    on("connection_close", 'color = "xy(0.4, 0.4)", brightness = 0.001') +
    on("session_stop", 'color = "off"');
  const e = await h.engine(
    lamp("door", b.url, `light = "${id}"`, rules) +
      lamp("room", b.url, `group = "${id}"`, rules),
  );
  const commands = [
    ...["Start session", "Open connection", "Close connection"],
    "Stop session",
  ];
  for (const [i, command] of commands.entries()) {
    await h.send(e.ports[0], h.g2({ command }));
    for (const name of ["door", "room"])
      await h.until(async () => {
        const { events, wish, shows } = await light(e, name);
        return (
          events === i + 1 &&
          shows.show === wish.show &&
          shows.color === wish.color
        );
      }, `${name} to show ${command}`);
  }
  await e.stop();
  const bodies = (path) =>
    b.seen.filter((x) => x.path.includes(path)).map((x) => JSON.parse(x.body));
  for (const x of b.seen) {
    assert.equal(x.method, "PUT");
    assert.equal(x.headers["hue-application-key"], key);
    assert.equal(x.status, 200, `${x.body}: ${x.said}`);
  }
  const lit = {
    green: {
      on: { on: true },
      dimming: { brightness: 100 },
      color: { xy: { x: 0.17, y: 0.7 } },
      dynamics: { duration: 100 },
    },
    warm: {
      on: { on: true },
      dimming: { brightness: 29.92 },
      color_temperature: { mirek: 370 },
      dynamics: { duration: 1000 },
    },
    faint: {
      on: { on: true },
      dimming: { brightness: 0.3937 },
      color: { xy: { x: 0.4, y: 0.4 } },
      dynamics: { duration: 100 },
    },
  };
  for (const path of [`/light/${id}`, `/grouped_light/${id}`])
    for (const [name, body] of Object.entries(lit))
      assert.ok(
        bodies(path).some((x) => isDeepStrictEqual(x, body)),
        `${path} ${name}: ${JSON.stringify(bodies(path))}`,
      );
});

test("the judge is one: it refuses what no bridge takes", { skip }, async () => {
  const put = (body, headers) =>
    fetch(`${prism}/clip/v2/resource/light/${id}`, {
      method: "PUT",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const mine = { "hue-application-key": key };
  assert.equal((await put({ on: { on: true } }, mine)).status, 200);
  assert.equal((await put({ on: { on: true } }, {})).status, 401);
  assert.equal((await put({ on: true }, mine)).status, 422);
  const bright = { dimming: { brightness: 254 } };
  assert.equal((await put(bright, mine)).status, 422);
  const cold = { color_temperature: { mirek: 152 } };
  assert.equal((await put(cold, mine)).status, 422);
});

test("a bridge that is busy is spared, and told again", { skip }, async () => {
  const b = await bridge();
  b.prefer = "code=429";
  const e = await h.engine(
    lamp("door", b.url, `light = "${id}"`, on("session_start", 'color = "red"')),
  );
  await h.until(() => warnings(e).length > 0, "the refusal");
  assert.match(warnings(e)[0], /the bridge has too much to do.*\(HTTP 429/);
  await h.send(e.ports[0], h.g2({ command: "Start session" }));
  b.prefer = undefined;
  await h.until(async () => {
    const { shows, state } = await light(e, "door");
    return state === "up" && shows.color === "#ff0000";
  }, "the lamp to shine");
  assert.match(e.stderr, /lamp 'door' works again/);
  await e.stop();
});

test("a key that is not known is said once, with the cure", { skip }, async () => {
  const b = await bridge();
  b.prefer = "code=401";
  const e = await h.engine(
    lamp("door", b.url, `light = "${id}"`, on("session_start", 'color = "red"')),
  );
  await h.until(
    async () => (await light(e, "door")).state === "misconfigured",
    "the lamp to be refused",
  );
  await h.send(e.ports[0], ...Array(50).fill(h.g2({ command: "Start session" })));
  await h.until(async () => (await light(e, "door")).events === 50, "50 wishes");
  assert.equal(b.seen.length, 1, "it is tried again in five minutes only");
  const [line, ...more] = warnings(e);
  assert.deepEqual(more, []);
  assert.match(
    line,
    /the bridge does not know this key: pair again with 'signalbox lights pair hue' \(HTTP 401/,
  );
  await e.stop();
  assert.ok(!e.stderr.includes(key), "no key in the log");
});
