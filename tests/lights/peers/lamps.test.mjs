// The binary against third parties' lamps and receivers, on loopback.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import * as h from "../../end_to_end/harness.mjs";
import { closes, lamp, opens, starts, rules as shining } from "../../end_to_end/lamp_events.mjs";
import { lifxBulb, types } from "./lifx_bulb.mjs";

const mac = "d073d5001337";
const green = { hue: 21845, saturation: 65535, brightness: 65535, kelvin: 3500 };
const red = { ...green, hue: 0 };
const dark = (color) => ({ ...color, brightness: 0 });

const rules = shining("green");
const linesAbout = (e, name) =>
  e.stderr.split("\n").filter((line) => line.includes(`lamp '${name}'`));
/** What the log says that it shows. */
const looksOf = (e, name) =>
  e.stderr.match(new RegExp(`lamp '${name}': .*`, "g")) ?? [];

test("a LIFX bulb is found, told, and told again until it acknowledges", async () => {
  const bulb = await lifxBulb(mac);
  h.atEnd(bulb.vanish);
  // The acknowledgement of each packet's first copy is lost.
  const seen = new Set();
  bulb.answers = (x) => {
    if (x.type === types.getService || seen.has(x.sequence)) return true;
    seen.add(x.sequence);
    return false;
  };
  const e = await h.engine(`
    [[light]]
    name = "bulb"
    driver = "lifx"
    mac = "d0:73:d5:00:13:37"
    broadcast = "127.255.255.255:${bulb.port}"
    ${rules}
  `);
  await h.until(() => bulb.power === 0, "the bulb to be switched off");
  await h.send(e.ports[0], opens());
  await h.until(() => bulb.power === 65535, "the bulb to be switched on");
  assert.deepEqual(bulb.color, green);
  await h.until(async () => (await lamp(e)).shows.show === "on", "its answer");
  const { state, errors } = await lamp(e);
  assert.deepEqual([state, errors], ["up", 0]);

  const questions = bulb.heard.filter((x) => x.type === types.getService);
  assert.equal(questions.length, 1);
  assert.ok(questions[0].tagged);
  const told = bulb.heard.filter((x) => x.type !== types.getService);
  assert.ok(told.every((x) => x.target === mac && x.ackRequired && !x.tagged));
  for (const n of seen)
    assert.equal(told.filter((x) => x.sequence === n).length, 2, "once more");
  assert.equal((await e.stop()).code, 0);
});

test("a LIFX bulb blinks by itself until it is told otherwise", async () => {
  const bulb = await lifxBulb(mac);
  h.atEnd(bulb.vanish);
  const e = await h.engine(`
    [[light]]
    name = "bulb"
    driver = "lifx"
    mac = "d0:73:d5:00:13:37"
    address = "127.0.0.1:${bulb.port}"
    ${rules}
  `);
  await h.send(e.ports[0], starts());
  await h.until(() => bulb.waveform, "the waveform");
  assert.deepEqual(bulb.color, dark(green));
  assert.equal(bulb.power, 65535);
  const { isTransient, color, period, cycles, skewRatio, waveform } =
    bulb.waveform;
  assert.deepEqual(
    { isTransient, color, period, cycles, skewRatio, waveform },
    {
      ...{ isTransient: 1, color: green, period: 1000, cycles: 3600 },
      ...{ skewRatio: 0, waveform: 4 },
    },
  );
  await h.send(e.ports[0], closes());
  await h.until(() => !bulb.waveform, "the end of the blinking");
  assert.deepEqual(bulb.color, red);
  assert.equal(
    bulb.heard.filter((x) => x.type === types.setWaveform).length,
    1,
    "told once",
  );
  // The last word is idle: dark.
  assert.equal((await e.stop()).code, 0);
  assert.equal(bulb.power, 0);
});

test("a LIFX bulb that was away hears the last wish only", async () => {
  const first = await lifxBulb(mac);
  const e = await h.engine(`
    [[light]]
    name = "bulb"
    driver = "lifx"
    mac = "d0:73:d5:00:13:37"
    broadcast = "127.255.255.255:${first.port}"
    ${rules}
  `);
  await h.send(e.ports[0], opens());
  await h.until(() => first.power === 65535, "the bulb to be switched on");
  await first.vanish();
  await h.send(e.ports[0], starts());
  await h.until(async () => (await lamp(e)).errors >= 3, "three failures");
  const { state, last_error: why } = await lamp(e);
  assert.equal(state, "down");
  assert.match(why, /no lamp on this network says that it is d0:73:d5:00:13:37/);
  await h.send(e.ports[0], opens(), closes());
  const second = await lifxBulb(mac, first.port);
  h.atEnd(second.vanish);
  await h.until(() => second.power === 65535, "the bulb to be told again");
  await h.until(async () => (await lamp(e)).state === "up", "the lamp to be up");
  assert.deepEqual(second.color, red);
  const colors = second.heard.filter((x) => x.type === types.setColor);
  assert.ok(colors.every((x) => x.color.hue === red.hue), "nothing stale");
  const log = linesAbout(e, "bulb");
  assert.ok(log.some((line) => /works again/.test(line)), log.join("\n"));
  assert.ok(log.filter((line) => /no lamp on this/.test(line)).length <= 2);
});

/** A third party's receiver: `frames` are what it has decoded. */
async function node(...args) {
  const script = fileURLToPath(new URL("receive.cjs", import.meta.url));
  const x = h.start(process.execPath, [script, ...args.map(String)]);
  const lines = () => x.stdout.split("\n").slice(0, -1).map((l) => JSON.parse(l));
  await h.until(() => {
    if (x.child.exitCode !== null) throw new Error(x.stderr);
    return lines()[0] === "ready";
  }, "the receiver");
  x.frames = () => lines().slice(1);
  x.until = (slots) =>
    h.until(
      () => String(x.frames().at(-1)?.slots) === String(slots),
      `the slots ${slots}; ${x.stdout.slice(-300)}`,
    );
  return x;
}

/** Two fixtures in one universe, driven and kept alive. */
async function drives(e, receiver) {
  await receiver.until([0, 0, 0, 0, 0, 0, 0, 0]);
  await h.send(e.ports[0], opens());
  await receiver.until([0, 255, 0, 0, 0, 128, 0, 0]);
  // Told again and again, though nothing happens.
  const before = receiver.frames().length;
  await h.until(() => receiver.frames().length >= before + 6, "six more frames");
  await receiver.until([0, 255, 0, 0, 0, 128, 0, 0]);
  await h.send(e.ports[0], closes());
  await receiver.until([255, 0, 0, 0, 128, 0, 0, 0]);
  for (const x of receiver.frames()) assert.equal(x.length, 512);
  const { lights } = await e.get("/api/lights");
  for (const x of lights) {
    assert.deepEqual([x.state, x.errors], ["up", 0]);
    assert.ok(x.commands >= 5);
    assert.deepEqual(
      looksOf(e, x.name),
      ["off #000000", "on #00ff00", "on #ff0000"].map(
        (look) => `lamp '${x.name}': ${look}`,
      ),
    );
  }
  assert.equal((await e.stop()).code, 0);
  await receiver.until([0, 0, 0, 0, 0, 0, 0, 0]);
}

const fixtures = (driver, keys) => `
  [[light]]
  name = "left"
  driver = "${driver}"
  universe = 1
  ${keys}
  ${rules}
  [[light]]
  name = "right"
  driver = "${driver}"
  universe = 1
  channel = 5
  ${keys}
  ${rules.replaceAll(/color = "(green|red)" }/g, 'color = "$1", brightness = 0.5 }')}
`;

test("dmxnet reads two fixtures from one Art-Net universe", async () => {
  const port = await h.freePort();
  const receiver = await node("artnet", port);
  const e = await h.engine(fixtures("artnet", `address = "127.0.0.1:${port}"`));
  await drives(e, receiver);
});

test("sacn reads two fixtures from one universe", async () => {
  const port = await h.freePort();
  const receiver = await node("sacn", port, "127.0.0.1");
  const e = await h.engine(fixtures("sacn", `address = "127.0.0.1:${port}"`));
  await drives(e, receiver);
  const frames = receiver.frames();
  frames.forEach((x, i) => {
    assert.equal(x.name, "Signalbox");
    assert.equal(x.priority, 100);
    assert.equal(x.id, frames[0].id);
    assert.equal(x.sequence, i % 256);
  });
});

test("sacn hears the multicast group of its universe", async () => {
  const receiver = await node("sacn", 5568, "127.0.0.1");
  const e = await h.engine(fixtures("sacn", 'interface = "lo"'));
  await h.send(e.ports[0], opens());
  await receiver.until([0, 255, 0, 0, 0, 128, 0, 0]);
});
