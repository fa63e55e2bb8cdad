// The old interface, against hue-simulator: a bridge with a link button, which
// never answers an unknown key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as h from "../../end_to_end/harness.mjs";

const simulator = fileURLToPath(
  new URL("node_modules/hue-simulator/bin/hue-simulator", import.meta.url),
);

async function bridge() {
  const port = await h.freePort();
  const x = h.start(process.execPath, [
    ...["--no-deprecation", simulator],
    ...[`--port=${port}`, "--hostname=127.0.0.1"],
  ]);
  await h.until(() => {
    if (x.child.exitCode !== null) throw new Error(x.stderr + x.stdout);
    return h.reachable(port);
  }, "the bridge to listen");
  x.url = `http://127.0.0.1:${port}`;
  x.press = () => fetch(`${x.url}/linkbutton`);
  /** What a lamp shows, asked as another app would. */
  x.lamp = async (id) => {
    const answer = await fetch(`${x.url}/api/newdeveloper/lights/${id}`);
    return (await answer.json()).state;
  };
  return x;
}

const rules = `
  [[light.on]]
  match = { kind = "connection_open" }
  effect = { color = "green", for = "60s" }
  [[light.on]]
  match = { kind = "connection_close" }
  effect = { color = "2700K", brightness = 0.5, for = "60s" }
  [[light.on]]
  match = { kind = "session_stop" }
  effect = { color = "off", for = "60s" }
`;

const lamp = (name, url, keys) => `
  [[light]]
  name = "${name}"
  driver = "hue"
  api = "v1"
  url = "${url}"
  ${keys}
  ${rules}
`;

const light = (e, name) => async () => {
  const { lights } = await e.get("/api/lights");
  return lights.find((x) => x.name === name);
};

const warnings = (e, name) =>
  e.stderr.split("\n").filter((x) => x.includes(`lamp '${name}' (hue): `));

test("a bridge is paired with, and its lamp obeys", async () => {
  const b = await bridge();
  const pairing = h.start(process.env.SIGNALBOX_BIN, [
    ...["lights", "pair", "hue", "--url", b.url, "--name", "test"],
    ...["--timeout", "20s"],
  ]);
  await h.until(
    () => pairing.stderr.includes("was not pressed"),
    "the bridge to refuse",
  );
  assert.match(pairing.stderr, /Press the button on the bridge within 20s/);
  assert.equal(pairing.stdout, "");
  await b.press();
  assert.equal((await pairing.ended).code, 0, pairing.stderr);
  assert.match(pairing.stdout, /^key +=/m);
  assert.match(pairing.stdout, /^light +=\s1 # Hue Lamp 1$/m);

  // What it printed is a configuration.
  const e = await h.engine(pairing.stdout + rules);
  await h.send(e.ports[0], h.g2());
  const green = await h.until(async () => {
    const x = await b.lamp(1);
    return x.on && x;
  }, "the lamp to shine");
  assert.deepEqual(green.xy, [0.17, 0.7]);
  assert.equal(green.bri, 254);
  await h.send(e.ports[0], h.g2({ command: "Close connection" }));
  await h.until(async () => (await b.lamp(1)).ct === 370, "a warm white");
  assert.equal((await b.lamp(1)).bri, 127);
  await h.send(e.ports[0], h.g2({ command: "Stop session" }));
  await h.until(async () => !(await b.lamp(1)).on, "the lamp to be dark");
  const x = await light(e, "hue")();
  assert.equal(x.state, "up");
  assert.equal(x.errors, 0);
  assert.equal((await e.stop()).code, 0);
  const key = /^key +=\s"(.*)"$/m.exec(pairing.stdout)[1];
  assert.ok(!e.stderr.includes(key), "no key in the log");
});

test("nobody presses the button: pairing ends and says so", async () => {
  const b = await bridge();
  const { code, stdout, stderr } = await h.signalbox(
    ...["lights", "pair", "hue", "--url", b.url, "--timeout", "1s"],
  );
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /hue: the button on the bridge was not pressed\n$/);
});

test("a group of lamps obeys", async () => {
  const b = await bridge();
  const keys = 'key = "newdeveloper"\ngroup = 0';
  const e = await h.engine(lamp("all", b.url, keys));
  await h.send(e.ports[0], h.g2());
  await h.until(
    async () => (await light(e, "all")()).shows.show === "on",
    "the group to shine",
  );
  assert.equal((await light(e, "all")()).errors, 0);
  await e.stop();
});

test("an unknown key and an unknown lamp are one line each, and harm nobody", async () => {
  const b = await bridge();
  const e = await h.engine(
    lamp("stranger", b.url, 'key = "n0b0dy"\nlight = 1\ntimeout = "300ms"') +
      lamp("nowhere", b.url, 'key = "newdeveloper"\nlight = 99') +
      lamp("good", b.url, 'key = "newdeveloper"\nlight = 2'),
  );
  await h.send(e.ports[0], h.g2());
  await h.until(async () => (await b.lamp(2)).on, "the good lamp to shine");
  for (const name of ["stranger", "nowhere"])
    await h.until(
      async () => (await light(e, name)()).errors >= 3,
      `${name} to be tried again`,
    );
  assert.equal((await light(e, "good")()).state, "up");
  assert.equal((await light(e, "stranger")()).state, "down");
  const [silent, ...more] = warnings(e, "stranger");
  assert.deepEqual(more, []);
  assert.match(
    silent,
    /no whole answer within 300 ms; is the bridge on, and 'url' its address\?$/,
  );
  const [missing, ...others] = warnings(e, "nowhere");
  assert.deepEqual(others, []);
  assert.match(
    missing,
    /the bridge failed; are 'light' or 'group' right\? \(HTTP 500\)$/,
  );
  assert.deepEqual(warnings(e, "good"), []);
  await e.stop();
  assert.ok(!e.stderr.includes("n0b0dy"), "no key in the log");
});
