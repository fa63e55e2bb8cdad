// Lamps that answer on loopback, as they would in a network: a multicast DNS
// responder, an SSDP Yeelight and a LIFX bulb.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const list = (...args) =>
  h.signalbox("lights", "list", "--interface", "lo", ...args);

/** Hears a group, or broadcasts, on loopback while the test `t` runs. */
async function ear(t, port, group, hear) {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const answer = (from, bytes) => socket.send(bytes, from.port, from.address);
  socket.on("message", (bytes, from) => hear(bytes, (x) => answer(from, x)));
  socket.bind(port, group ? "0.0.0.0" : "127.255.255.255");
  await once(socket, "listening");
  if (group) socket.addMembership(group, "127.0.0.1");
  t.after(() => socket.close());
}

// DNS messages, as RFC 1035 has them; names are written as lists of labels.
const [A, PTR, TXT, SRV] = [1, 12, 16, 33];
const u16 = (x) => Buffer.from([x >> 8, x & 255]);
const text = (x) => Buffer.concat([Buffer.from([Buffer.byteLength(x)]), Buffer.from(x)]);
const name = (labels) => Buffer.concat([...labels.map(text), Buffer.from([0])]);
const record = (labels, type, data) =>
  Buffer.concat([
    ...[name(labels), u16(type), u16(1), Buffer.from([0, 0, 0, 10])],
    ...[u16(data.length), data],
  ]);

function dnsAnswer(query, answers, additional = []) {
  const counts = [1, answers.length, 0, additional.length].map(u16);
  const head = [query.subarray(0, 2), u16(0x8400), ...counts];
  return Buffer.concat([...head, query.subarray(12), ...answers, ...additional]);
}

function question(query) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += 1 + query[at])
    labels.push(query.toString("utf8", at + 1, at + 1 + query[at]));
  return { labels, type: query.readUInt16BE(at + 1) };
}

/** One announced service, record by record. */
function service(type, instance, port, txt) {
  const kind = [type, "_tcp", "local"];
  const self = [instance, ...kind];
  const host = [`host-${type.slice(1)}`, "local"];
  return {
    kind,
    self,
    host,
    ptr: record(kind, PTR, name(self)),
    srv: record(self, SRV, Buffer.concat([u16(0), u16(0), u16(port), name(host)])),
    txt: record(self, TXT, Buffer.concat(txt.map(text))),
    a: record(host, A, Buffer.from([127, 0, 0, 1])),
  };
}

const same = (a, b) => a.join("/") === b.join("/");

/** Tells all at once, as bridges do. */
function tellsAll(x) {
  return (query, answer) => {
    const { labels, type } = question(query);
    if (type === PTR && same(labels, x.kind))
      answer(dnsAnswer(query, [x.ptr], [x.srv, x.txt, x.a]));
  };
}

/** Misses the first question, and tells only what it is asked for. */
function tellsLittle(x) {
  let missed = false;
  return (query, answer) => {
    const { labels, type } = question(query);
    const asked = (of, what) => type === what && same(labels, of);
    if (asked(x.kind, PTR) && !missed) missed = true;
    else if (asked(x.kind, PTR)) answer(dnsAnswer(query, [x.ptr]));
    else if (asked(x.self, SRV)) answer(dnsAnswer(query, [x.srv]));
    else if (asked(x.self, TXT)) answer(dnsAnswer(query, [x.txt]));
    else if (asked(x.host, A)) answer(dnsAnswer(query, [x.a]));
  };
}

const hue = service("_hue", "Philips Hue - 1A2B3C", 443, [
  ...["bridgeid=001788fffe1a2b3c", "modelid=BSB002"],
]);
const wled = service("_wled", "wled-desk", 80, ["mac=a0b1c2d3e4f5"]);
const nanoleaf = service("_nanoleafapi", "Shapes 7F2A", 16021, ["md=NL42"]);
const shelly = service("_shelly", "shellyplusrgbwpm-a8032ab1", 80, [
  ...["gen=2", "app=PlusRGBWPM", "ver=1.4.4"],
]);

function yeelight(query, answer) {
  if (!/^M-SEARCH \* HTTP\/1\.1\r\n/.test(query)) return;
  if (!/\r\nMAN: "ssdp:discover"\r\n/.test(query)) return;
  if (!/\r\nST: wifi_bulb\r\n/.test(query)) return;
  answer(
    [
      "HTTP/1.1 200 OK",
      "Cache-Control: max-age=3600",
      "Location: yeelight://127.0.0.1:55443",
      "id: 0x000000000015243f",
      "model: color",
      "support: get_prop set_power toggle set_bright start_cf set_rgb",
      ...["power: on", "name: ", ""],
    ].join("\r\n"),
  );
}

function lifx(query, answer) {
  // The broadcast GetService of the protocol's documentation: 36 bytes, tagged.
  assert.equal(query.length, 36);
  assert.equal(query.readUInt16LE(0), 36);
  assert.equal(query.readUInt16LE(2), 0x3400);
  assert.equal(query.readUInt16LE(32), 2);
  const state = Buffer.alloc(41);
  query.copy(state);
  state.writeUInt16LE(41, 0);
  state.writeUInt16LE(0x1400, 2);
  Buffer.from("d073d5001337", "hex").copy(state, 8);
  state.writeUInt16LE(3, 32);
  state.writeUInt8(1, 36);
  state.writeUInt32LE(56700, 37);
  answer(state);
}

test("lamps that answer are printed as tables of the configuration", async (t) => {
  const responders = [hue, nanoleaf, shelly].map(tellsAll);
  responders.push(tellsLittle(wled));
  await ear(t, 5353, "224.0.0.251", (query, answer) => {
    for (const x of responders) x(query, answer);
  });
  await ear(t, 1982, "239.255.255.250", yeelight);
  await ear(t, 56700, undefined, lifx);

  const { code, stdout, stderr } = await list("--timeout", "6s");
  assert.equal(code, 0, stderr);
  for (const table of [
    [
      "# Hue bridge BSB002 'Philips Hue - 1A2B3C' at 127.0.0.1",
      "# Get a key first: signalbox lights pair hue --url https://127.0.0.1",
      "[[light]]",
      'name = "Philips-Hue-1A2B3C"',
      'driver = "hue"',
      'url = "https://127.0.0.1"',
      'bridge_id = "001788fffe1a2b3c"',
      "# key = ",
    ],
    [
      "# WLED 'wled-desk' at 127.0.0.1",
      "[[light]]",
      'name = "wled-desk"',
      'driver = "wled"',
      'url = "http://127.0.0.1"\n',
    ],
    ['driver = "nanoleaf"', 'url = "http://127.0.0.1:16021"', "# token = "],
    [
      "[[light]]",
      'name = "shellyplusrgbwpm-a8032ab1"',
      'driver = "shelly"',
      'url = "http://127.0.0.1"\n',
    ],
    [
      "# Yeelight color 0x000000000015243f at 127.0.0.1",
      "[[light]]",
      'name = "yeelight-15243f"',
      'driver = "yeelight"',
      'address = "127.0.0.1"\n',
    ],
    [
      "# LIFX d0:73:d5:00:13:37 at 127.0.0.1",
      "[[light]]",
      'name = "lifx-001337"',
      'driver = "lifx"',
      'mac = "d0:73:d5:00:13:37"',
      'address = "127.0.0.1"\n',
    ],
  ])
    assert.ok(stdout.includes(table.join("\n")), `${table[0]}\n${stdout}`);

  // What is printed is a configuration, but for what only people can add.
  const file = join(h.temporaryFolder(), "signalbox.toml");
  writeFileSync(file, stdout);
  const checked = await h.signalbox("check", file);
  const mistakes = [...checked.stderr.matchAll(/toml:\d+:\d+: (.*)/g)].map(([, x]) => x);
  const missing = [/\bkey: /, /\blight: /, /\btoken: /];
  for (const x of missing)
    assert.equal(mistakes.filter((m) => x.test(m)).length, 1, checked.stderr);
  assert.equal(mistakes.length, missing.length, checked.stderr);

  const json = JSON.parse((await list("--json", "--timeout", "2s")).stdout);
  const bridge = json.find((x) => x.driver === "hue");
  assert.equal(bridge.name, "Philips-Hue-1A2B3C");
  assert.deepEqual(bridge.settings, {
    url: "https://127.0.0.1",
    bridge_id: "001788fffe1a2b3c",
  });
  assert.deepEqual(bridge.open, ["key", "light"]);
  assert.ok(stdout.includes(bridge.fragment));
});

test("what strangers answer breaks neither the table nor the terminal", async (t) => {
  const evil = service('_wled', 'x"\n[[light]]\u001b[31m', 80, []);
  await ear(t, 5353, "224.0.0.251", (query, answer) => {
    answer(Buffer.from("nonsense"));
    answer(Buffer.alloc(9_500, 0xff));
    tellsAll(evil)(query, answer);
  });
  const { code, stdout } = await list("--timeout", "2s");
  assert.equal(code, 0);
  assert.match(stdout, /^name = "x-light-31m"$/m);
  assert.equal(stdout.match(/^\[\[light\]\]$/gm).length, 1, stdout);
  assert.ok(!stdout.includes("\u001b"));
});

test("where nothing answers, it says what was asked and what to check", async () => {
  const { code, stdout, stderr } = await list("--timeout", "200ms");
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /127\.0\.0\.1/);
  // Whatever LEDs and GPIO chips this machine has.
  for (const x of [/lo \(127\.0\.0\.1\)/, /multicast DNS/, /LIFX/, /firewall/])
    assert.match(stderr, x);
});

test("an interface that is not there fails, with those that are", async () => {
  const x = await h.signalbox("lights", "list", "--interface", "nothere0");
  assert.equal(x.code, 1);
  assert.match(x.stderr, /'nothere0'.*\blo\b/);
  for (const args of [["--timeout", "soon"], ["--timeout", "1h"], ["--dance"]])
    assert.equal((await list(...args)).code, 2);
  assert.equal((await h.signalbox("lights")).code, 2);
  const manual = (await h.signalbox("man")).stdout;
  assert.match(manual, /^\.SS lights list\n[^]*\\-\\-interface/m);
});
