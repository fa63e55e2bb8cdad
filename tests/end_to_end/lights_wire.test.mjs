// Lamps that speak protocols of their own, played here: WLED's JSON and pixels,
// Yeelight's lines.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import * as h from "./harness.mjs";
import { closes, lamp, opens, starts, rules as shining } from "./lamp_events.mjs";

const rules = shining("amber");

test("WLED is told by JSON, and what a lock means", async () => {
  let locked = false;
  const wled = await h.receiver((got, response) => {
    response.statusCode = locked ? 401 : 200;
    response.end(locked ? '{"error":1}' : '{"success":true}');
  });
  const e = await h.engine(`
    [[light]]
    name = "strip"
    driver = "wled"
    url = "${wled.url}"
    ${rules}
  `);
  const bodies = () => wled.requests.map((x) => JSON.parse(x.body));
  await h.until(() => wled.requests.length === 1, "the first command");
  assert.equal(bodies()[0].on, false);
  await h.send(e.ports[0], opens());
  await h.until(() => bodies().at(-1).on, "the strip to shine");
  assert.deepEqual(bodies().at(-1).seg, { on: true, bri: 255, col: [[0, 255, 0]], fx: 0 });
  await h.send(e.ports[0], starts());
  await h.until(() => bodies().at(-1).seg?.fx === 1, "the strip to blink");
  locked = true;
  await h.send(e.ports[0], closes());
  await h.until(async () => (await lamp(e)).state === "misconfigured", "the lock");
  assert.match((await lamp(e)).last_error, /unlock its settings, or remove the PIN/);
  for (const x of wled.requests)
    assert.deepEqual([x.method, x.path], ["POST", "/json/state"]);
});

test("WLED's pixels are held as long as the engine lives", async () => {
  const strip = createSocket("udp4");
  const heard = [];
  strip.on("message", (bytes) => heard.push(bytes.toString("hex")));
  strip.bind(0, "127.0.0.1");
  await once(strip, "listening");
  h.atEnd(() => strip.close());
  const e = await h.engine(`
    [[light]]
    name = "strip"
    driver = "wled"
    url = "udp://127.0.0.1:${strip.address().port}"
    leds = 2
    ${rules}
  `);
  await h.until(() => heard.includes("0205000000000000"), "dark pixels");
  await h.send(e.ports[0], opens());
  const green = "020500ff0000ff00";
  await h.until(() => heard.at(-1) === green, "green pixels");
  await h.until(
    () => heard.filter((x) => x === green).length >= 2,
    "green pixels again",
  );
  await h.send(e.ports[0], starts());
  const amber = "0205ffbf00ffbf00";
  await h.until(
    () => heard.filter((x) => x === amber).length >= 2,
    "the engine to blink",
  );
  const from = heard.indexOf(amber);
  assert.equal(heard[from + 1], "0205000000000000");
  assert.equal(heard[from + 2], amber);
});

/** A Yeelight bulb: `answer(command, socket)` gives what it says, or nothing. */
async function yeelight(answer) {
  const x = { commands: [], connections: 0 };
  const { port, sockets } = await h.tcp((socket) => {
    ++x.connections;
    let text = "";
    socket.on("data", (d) => {
      text += d;
      const lines = text.split("\r\n");
      text = lines.pop();
      for (const line of lines) {
        const command = JSON.parse(line);
        x.commands.push(command);
        const said = answer(command, x.commands.length - 1);
        // What it has become, to all; then the answer, in two pieces.
        socket.write('{"method":"props","params":{"power":"on"}}\r\n');
        if (!said) continue;
        const reply = JSON.stringify({ id: command.id, ...said }) + "\r\n";
        socket.write(reply.slice(0, 5));
        setImmediate(() => socket.write(reply.slice(5)));
      }
    });
  });
  x.port = port;
  x.hangUp = () => sockets.forEach((s) => s.destroy());
  return x;
}

test("a Yeelight keeps its connection, and a lost one is opened again", async () => {
  const bulb = await yeelight(() => ({ result: ["ok"] }));
  const e = await h.engine(`
    [[light]]
    name = "shelf"
    driver = "yeelight"
    address = "127.0.0.1:${bulb.port}"
    ${rules}
  `);
  const last = () => bulb.commands.at(-1);
  await h.until(() => last()?.method === "set_power", "the first command");
  assert.deepEqual(last().params, ["off", "sudden", 0]);
  await h.send(e.ports[0], opens());
  await h.until(() => last().method === "set_scene", "the bulb to shine");
  assert.deepEqual(last().params, ["color", 0x00ff00, 100]);
  await h.send(e.ports[0], starts());
  await h.until(() => last().params[0] === "cf", "the bulb to blink");
  await h.until(async () => (await lamp(e)).shows.show === "blink", "its answer");
  assert.equal(bulb.connections, 1);
  bulb.hangUp();
  await h.send(e.ports[0], closes());
  await h.until(async () => (await lamp(e)).shows.color === "#ff0000", "red");
  assert.equal(bulb.connections, 2);
  const { state, errors } = await lamp(e);
  assert.deepEqual([state, errors], ["up", 0]);
});

test("a Yeelight that refuses or is silent is told in words", async () => {
  const answers = {
    quota: { error: { code: -1, message: "client quota exceeded" } },
    white: { error: { code: -5001, message: "method not supported" } },
    silent: undefined,
  };
  const words = {
    quota: /client quota exceeded: something else tells this lamp things/,
    white: /method not supported: the lamp has no colours/,
    silent: /no answer in time; is it switched on, and is LAN control on/,
  };
  const states = { quota: "degraded", white: "misconfigured", silent: "degraded" };
  for (const [manner, answer] of Object.entries(answers)) {
    const bulb = await yeelight(() => answer);
    const e = await h.engine(`
      [[light]]
      name = "shelf"
      driver = "yeelight"
      address = "127.0.0.1:${bulb.port}"
      ${rules}
    `);
    await h.until(async () => (await lamp(e)).errors > 0, manner);
    const { state, last_error: why } = await lamp(e);
    assert.match(why, words[manner]);
    assert.ok([states[manner], "down"].includes(state), state);
    await e.stop();
  }
});
