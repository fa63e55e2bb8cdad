// Lamps at a real broker: what an event says to each kind of lamp, and what is
// said after the broker was away.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as h from "./harness.mjs";

const rules = `
[[light.on]]
match  = { kind = "connection_open" }
effect = { color = "green", for = "300ms" }
[[light.on]]
match  = { kind = "connection_close" }
effect = { color = "red", for = "300ms" }
`;

const open = h.g2();
const close = h.g2({ command: "Close connection" });

/** What the only subscriber saw, from the first lit message on. */
async function shown(config, topic, first) {
  const port = await h.freePort();
  const broker = await h.mosquitto(port);
  const seen = await h.subscribe(port, topic);
  const e = await h.engine(
    `[[light]]\nname = "desk"\ndriver = "mqtt"\nurl = "mqtt://127.0.0.1:${port}"\n` +
      config + rules,
  );
  await h.send(e.ports[0], open);
  await h.until(() => seen.messages().includes(first), first);
  return { e, seen, broker };
}

const kinds = [
  {
    schema: "zigbee2mqtt",
    topic: "zigbee2mqtt/desk",
    green:
      'zigbee2mqtt/desk/set {"state":"ON","brightness":254,"color":{"hex":"#00ff00"},"transition":0}',
    off: 'zigbee2mqtt/desk/set {"state":"OFF"}',
  },
  {
    schema: "tasmota",
    topic: "desk",
    green: "cmnd/desk/Backlog0 Color1 #00ff00;Power ON",
    off: "cmnd/desk/Backlog0 Power OFF",
  },
  {
    schema: "wled",
    topic: "wled/d1a2b3",
    green:
      'wled/d1a2b3/api {"on":true,"bri":255,"tt":0,"seg":{"on":true,"bri":255,"col":[[0,255,0]],"fx":0}}',
    off: 'wled/d1a2b3/api {"on":false,"tt":0}',
  },
  {
    schema: "home_assistant",
    topic: "lamps/desk/set",
    green:
      'lamps/desk/set {"state":"ON","brightness":255,"color":{"r":0,"g":255,"b":0},"transition":0}',
    off: 'lamps/desk/set {"state":"OFF"}',
  },
];

for (const { schema, topic, green, off } of kinds)
  test(`a ${schema} lamp turns green when someone comes, and dark again`, async () => {
    const { e, seen } = await shown(
      `schema = "${schema}"\ntopic = "${topic}"\n`, "#", green,
    );
    await h.until(() => seen.messages().at(-1) === off, "the lamp to be dark");
    await e.stop();
    const messages = seen.messages();
    // Dark at the start, for nobody knows what it showed before.
    assert.deepEqual(messages, [off, green, off]);
  });

test("the lamp of Butler's topics hears of each coming and going, and of nothing else", async () => {
  const { e, seen } = await shown(
    `topics = { green = "qliksense/connection/open", red = "qliksense/connection/close" }
     payload = "{{state}}"\n`,
    "#",
    "qliksense/connection/open ON",
  );
  await h.send(e.ports[0], close);
  await h.until(
    () => seen.messages().length === 2, "the second event to be shown",
  );
  await e.stop();
  assert.deepEqual(seen.messages(), [
    "qliksense/connection/open ON",
    "qliksense/connection/close ON",
  ]);
});

test("while the broker is away only the present wish is kept, and said once", async () => {
  const port = await h.freePort();
  const log = ["allow_anonymous true", "log_type all"];
  // The topic tells the colour, and the broker logs each topic that it gets.
  const published = (broker) =>
    [...(broker.stdout + broker.stderr).matchAll(/Received PUBLISH.*'lamp\/(\S+)'/g)]
      .map((m) => m[1]);
  let broker = await h.mosquitto(port, log);
  const e = await h.engine(`
    [[light]]
    name   = "desk"
    driver = "mqtt"
    url    = "mqtt://127.0.0.1:${port}"
    topic  = "lamp/{{r}}/{{g}}/{{b}}"
    [[light.on]]
    match  = { kind = "connection_open" }
    effect = { color = "green" }
    [[light.on]]
    match  = { kind = "connection_close" }
    effect = { color = "red" }
    [[light.on]]
    match  = { kind = "session_start" }
    effect = { color = "blue" }
    [[light]]
    name   = "other"
    driver = "virtual"
    [[light.on]]
    match  = { kind = "session_start" }
    effect = { color = "blue" }`);
  const lamps = async () => {
    const { lights } = await e.get("/api/lights");
    return Object.fromEntries(lights.map((x) => [x.name, x]));
  };
  await h.send(e.ports[0], open);
  await h.until(() => published(broker).includes("0/255/0"), "green");
  assert.deepEqual(published(broker), ["0/0/0", "0/255/0"]);
  await broker.stop();
  await h.send(e.ports[0], close);
  await h.until(async () => (await lamps()).desk.errors > 0, "a failure");
  await h.send(e.ports[0], h.g2({ command: "Start session" }));
  await h.until(async () => (await lamps()).other.shows.color === "#0000ff", "the other lamp");
  assert.equal((await lamps()).other.errors, 0);
  assert.notEqual((await lamps()).desk.state, "up");

  broker = await h.mosquitto(port, log);
  await h.until(async () => (await lamps()).desk.state === "up", "the lamp to be up");
  assert.equal((await lamps()).desk.shows.color, "#0000ff");
  await e.stop();
  assert.deepEqual(published(broker), ["0/0/255", "0/0/0"]);
  assert.equal(e.stderr.match(/lamp 'desk' works again/g)?.length, 1);
});

test("a broker that refuses us is named once, with the lamp and the cure", async () => {
  const port = await h.freePort();
  await h.mosquitto(port, ["allow_anonymous false"]);
  const e = await h.engine(`
    [[light]]
    name     = "desk"
    driver   = "mqtt"
    url      = "mqtt://lamp:sesame@127.0.0.1:${port}"
    topic    = "lamp"
    [[light.on]]
    effect   = { color = "green" }
    [[light]]
    name     = "other"
    driver   = "virtual"
    [[light.on]]
    effect   = { color = "green" }`);
  await h.send(e.ports[0], open);
  const states = await h.until(async () => {
    const { lights } = await e.get("/api/lights");
    const x = Object.fromEntries(lights.map((l) => [l.name, l]));
    return x.desk.state === "misconfigured" && x.other.shows.show === "on" && x;
  }, "the lamp to be misconfigured");
  assert.equal(states.other.state, "up");
  await e.stop();
  const lines = e.stderr.split("\n").filter((l) => /warning/.test(l) && /'desk'/.test(l));
  assert.equal(lines.length, 1, e.stderr);
  assert.match(
    lines[0],
    /lamp 'desk' \(mqtt\): mqtt:\/\/127\.0\.0\.1:\d+: the broker refused the credentials: check username and password/,
  );
  assert.doesNotMatch(e.stderr, /sesame/);
});
