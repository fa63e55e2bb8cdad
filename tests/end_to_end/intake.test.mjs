// What comes in: hostile datagrams, both families, allow-lists, floods.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const archive = `
  [[destination]]
  name = "archive"
  kind = "file"
  path = "events.ndjson"
`;

const stored = (e) =>
  readFileSync(join(e.folder, "events.ndjson"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((x) => JSON.parse(x));

test("hostile datagrams are rejected by reason and harm nothing else", async () => {
  const e = await h.engine(archive);
  const hostile = [
    "",
    "\n",
    ";;;;;;;",
    "no event at all",
    "{",
    '{"kind":"session_start"}',
    Buffer.alloc(65_507, 0x41),
    Buffer.alloc(2_000, 0),
    Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 167 + 13) & 0xff)),
    Buffer.from([0xff, 0xfe, 0x2f, 0x00, 0x71, 0x00]),
    "/unknown-prefix/;a;Start session;b;c;d;e;f",
  ];
  await h.send(e.ports[0], ...hostile);
  const fine = [
    "\uFEFF" + h.g2({ id: "bom" }),
    h.g2({ id: "newline" }) + "\r\n",
    h.g2({ id: "nul\0nul" }),
    h.g2({ id: "evil\n2026-11-22T00:00:00Z error forged" }),
    Buffer.concat([Buffer.from(h.g2({ id: "x" })), Buffer.from([0xc3, 0x28])]),
  ];
  await h.send(e.ports[0], ...fine);
  const books = await e.atRest(hostile.length + fine.length);
  h.assertBooks(books, {
    datagrams: hostile.length + fine.length,
    events: fine.length,
    destinations: { archive: { delivered: fine.length } },
  });
  const { rejected } = books.ingest;
  assert.equal(rejected.malformed + rejected.encoding, hostile.length);
  for (const event of stored(e)) {
    assert.notEqual(event.user?.id, undefined);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(JSON.stringify(event), /\\u00[01]|\\n|undefined/);
  }
  for (const line of e.stderr.trim().split("\n"))
    assert.match(line, /^\d{4}-\d\d-\d\dT\S+ \w+ +/, "one line a record");
  assert.doesNotMatch(e.stderr, /^2026-11-22T00:00:00Z error forged/m);
  assert.equal((await e.stop()).code, 0);
});

test("ten thousand datagrams of noise leave the log readable", async () => {
  const e = await h.engine(archive);
  const n = 10_000;
  for (let i = 0; i < n; ++i) await h.send(e.ports[0], `noise ${i}`);
  await h.send(e.ports[0], h.g2());
  const books = await e.until(
    (l) =>
      l.destinations.archive?.delivered === 1 &&
      l.ingest.received + l.ingest.kernel_dropped === n + 1 &&
      l.ingest.in_flight === 0,
  );
  h.assertBooks(books, { datagrams: n + 1, events: 1 });
  const seconds = 60; // Far more than it takes.
  assert.ok(e.stderr.split("\n").length < 30 + 6 * seconds);
  assert.ok(e.stderr.length < 100_000, `${e.stderr.length} bytes of log`);
  await e.stop();
});

test("longer than max_datagram is oversized", async () => {
  const e = await h.engine(
    `
    [[listen]]
    address = "127.0.0.1:0"
    max_datagram = 300
    [admin]
    listen = "127.0.0.1:0"
    ${archive}`,
    { whole: true },
  );
  const exact = h.g2();
  await h.send(
    e.ports[0],
    exact + "x".repeat(300 - exact.length),
    exact + "x".repeat(301 - exact.length),
  );
  const books = await e.atRest(2);
  h.assertBooks(books, { datagrams: 2, events: 1 });
  assert.equal(books.ingest.rejected.oversized, 1);
  await e.stop();
});

test("one socket serves IPv4 and IPv6, and several workers share a port", async () => {
  const e = await h.engine(
    `
    [[listen]]
    address = "[::]:0"
    workers = 2
    [admin]
    listen = "127.0.0.1:0"
    ${archive}`,
    { whole: true },
  );
  await h.send(e.ports[0], h.g2({ id: "four" }));
  const six = createSocket("udp6");
  await new Promise((done, fail) =>
    six.send(h.g2({ id: "six" }), e.ports[0], "::1", (error) =>
      error ? fail(error) : done(),
    ),
  );
  six.close();
  const books = await e.until((l) => l.destinations.archive.delivered === 2);
  h.assertBooks(books, { datagrams: 2, events: 2 });
  assert.deepEqual(
    stored(e)
      .map((x) => x.user.id)
      .sort(),
    ["four", "six"],
  );
  await e.stop();
});

test("only senders on the allow-list are heard", async () => {
  const e = await h.engine(
    `
    [[listen]]
    name = "closed"
    address = "127.0.0.1:0"
    allow = ["10.0.0.0/8", "::1"]
    [[listen]]
    name = "open"
    address = "0.0.0.0:0"
    allow = ["127.0.0.0/8"]
    [admin]
    listen = "127.0.0.1:0"
    ${archive}`,
    { whole: true },
  );
  await h.send(e.ports[0], h.g2({ id: "stranger" }));
  await h.send(e.ports[1], h.g2({ id: "friend" }));
  const books = await e.until(
    (l) => l.ingest.received === 2 && l.destinations.archive.delivered === 1,
  );
  h.assertBooks(books, { datagrams: 2, events: 1 });
  assert.equal(books.ingest.rejected.source, 1);
  assert.deepEqual(stored(e).map((x) => x.user.id), ["friend"]);
  await e.stop();
});

test("what the kernel drops while the engine is held up is counted", async () => {
  const e = await h.engine(
    `
    [[listen]]
    address = "127.0.0.1:0"
    receive_buffer = "64KiB"
    [admin]
    listen = "127.0.0.1:0"
    ${archive}`,
    { whole: true },
  );
  const n = 2_000;
  e.child.kill("SIGSTOP");
  for (let i = 0; i < n; ++i) await h.send(e.ports[0], h.g2({ id: `u${i}` }));
  e.child.kill("SIGCONT");
  const books = await e.atRest(n);
  h.assertBooks(books, { datagrams: n, events: books.ingest.received });
  assert.ok(books.ingest.kernel_dropped > 0, "the buffer was too small");
  assert.equal(stored(e).length, books.ingest.received);
  assert.match(e.stderr, /the kernel drops datagrams; raise receive_buffer/);
  await e.stop();
});

test("a flood is taken, or its losses are counted", async () => {
  const e = await h.engine(archive);
  const n = 50_000;
  const { code } = await h.signalbox(
    ...["send", "--to", `127.0.0.1:${e.ports[0]}`, "--count", String(n)],
    ...["--users", "50"],
  );
  assert.equal(code, 0);
  const books = await e.until(
    (l) =>
      l.ingest.received + l.ingest.kernel_dropped === n &&
      l.destinations.archive.delivered === l.ingest.received,
  );
  h.assertBooks(books, { datagrams: n, events: books.ingest.received });
  assert.equal(stored(e).length, books.ingest.received);
  await e.stop();
});
