// From a datagram to every kind of destination, as a user sees it.
import assert from "node:assert/strict";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const app = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";

const lines = (text) => text.split("\n").filter(Boolean);

test("one event reaches Slack, Teams, a webhook, MQTT, a file, the console and a lamp", async () => {
  const slack = await h.receiver();
  const teams = await h.receiver((_, response) => {
    response.statusCode = 202;
    response.end();
  });
  const hook = await h.receiver();
  const port = await h.freePort();
  await h.mosquitto(port);
  const broker = await h.subscribe(port, "qliksense/#");
  const e = await h.engine(`
    [apps.table]
    "${app}" = "Sales"
    [[destination]]
    name = "chat"
    kind = "slack"
    url = "${slack.url}/services/T/B/secret"
    username = "Qlik Sense"
    [[destination]]
    name = "team"
    kind = "teams"
    url = "${teams.url}/workflows/x?sig=secret"
    [[destination]]
    name = "hook"
    kind = "webhook"
    url = "${hook.url}/hook"
    hmac = { key = "key" }
    [[destination]]
    name = "broker"
    kind = "mqtt"
    url = "mqtt://127.0.0.1:${port}"
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
    [[destination]]
    name = "screen"
    kind = "console"
    [[light]]
    name = "desk"
    driver = "virtual"
    [[light.on]]
    match = { kind = "connection_open" }
    effect = { show = "on", color = "green", for = "60s" }
  `);
  await h.until(
    async () => (await e.get("/api/destinations")).destinations.length === 6,
    "six destinations",
  );
  await h.send(e.ports[0], h.g2({ id: "joe" }));
  const books = await e.atRest(1);
  const one = { delivered: 1 };
  h.assertBooks(books, {
    datagrams: 1,
    events: 1,
    destinations: {
      ...{ chat: one, team: one, hook: one },
      ...{ broker: one, archive: one, screen: one },
    },
  });

  const said = JSON.parse(slack.requests[0].body);
  assert.equal(
    said.blocks[0].text.text,
    "Open connection,  user: LAB/joe on server pro2-win1",
  );
  assert.equal(said.username, "Qlik Sense");
  const card = JSON.parse(teams.requests[0].body);
  assert.equal(card.attachments[0].content.type, "AdaptiveCard");
  const event = JSON.parse(hook.requests[0].body);
  assert.equal(event.kind, "connection_open");
  assert.deepEqual(event.user, { directory: "LAB", id: "joe" });
  assert.deepEqual(event.app, { id: app, name: "Sales" });
  assert.match(hook.requests[0].headers["idempotency-key"], /^hook:[0-9a-f-]{36}$/);
  assert.match(hook.requests[0].headers["x-signature-256"], /^sha256=[0-9a-f]{64}$/);
  assert.match(hook.requests[0].headers["user-agent"], /^signalbox\//);
  await h.until(() => broker.messages().length === 1, "the MQTT message");
  assert.deepEqual(broker.messages(), [
    "qliksense/connection/open pro2-win1: LAB/joe",
  ]);
  const stored = lines(readFileSync(join(e.folder, "events.ndjson"), "utf8"));
  assert.equal(JSON.parse(stored[0]).id, event.id);
  assert.match(e.stdout, /Open connection.*LAB.joe/);
  const lamp = await h.until(async () => {
    const { lights } = await e.get("/api/lights");
    return lights[0]?.shows.color === "#008000" || lights[0]?.shows.show === "on"
      ? lights[0]
      : undefined;
  }, "the lamp to shine");
  assert.equal(lamp.name, "desk");
  assert.equal(lamp.wish.show, "on");

  const { code } = await e.stop();
  assert.equal(code, 0);
  assert.match(e.stderr, /ledger balanced: received 1 /);
  for (const secret of ["services/T/B", "sig=secret"])
    assert.ok(!e.stderr.includes(secret), "no secret in the log");
});

test("every generation and JSON arrive, in order, in the file", async () => {
  const e = await h.engine(`
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
  `);
  await h.send(
    e.ports[0],
    "pro2-win1;Start session;LAB;g0",
    "/proxy-session/;pro2-win1;Start session;LAB;g1;(null);(null);Start",
    h.g2({ command: "Stop session", id: "g2" }),
    '{"kind":"connection_open","host":"h","user":{"directory":"LAB","id":"json"}}',
    '{"specversion":"1.0","type":"x","source":"y","id":"1","data":{"kind":"connection_close","host":"h","user":{"id":"cloud"}}}',
    '{"messageType":"user-event","host":"h","command":"Start session","userDir":"LAB","userId":"sos"}',
  );
  const books = await e.atRest(6);
  h.assertBooks(books, {
    datagrams: 6,
    events: 6,
    destinations: { archive: { delivered: 6 } },
  });
  const stored = lines(readFileSync(join(e.folder, "events.ndjson"), "utf8"));
  assert.deepEqual(
    stored.map((x) => JSON.parse(x).user.id),
    ["g0", "g1", "g2", "json", "cloud", "sos"],
  );
  assert.equal((await e.stop()).code, 0);
});

test("a table of app names is read again when it changes", async () => {
  const folder = h.temporaryFolder();
  const table = join(folder, "apps.csv");
  writeFileSync(table, `id,name\n${app},Old name\n`);
  const e = await h.engine(
    `
    [apps]
    names = "apps.csv"
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
  `,
    { folder },
  );
  await h.send(e.ports[0], h.g2());
  await e.atRest(1);
  writeFileSync(table, `id,name\n${app},New name\n`);
  // Whatever the file system's clock: a later time than before.
  utimesSync(table, new Date(), new Date(Date.now() + 5000));
  await h.until(() => /was read again/.test(e.stderr), "the table to be read");
  await h.send(e.ports[0], h.g2());
  await e.atRest(2);
  const stored = lines(readFileSync(join(e.folder, "events.ndjson"), "utf8"));
  assert.deepEqual(
    stored.map((x) => JSON.parse(x).app.name),
    ["Old name", "New name"],
  );
  await e.stop();
});

test("match and except decide who hears of what", async () => {
  const hook = await h.receiver();
  const e = await h.engine(`
    [[destination]]
    name = "hook"
    kind = "webhook"
    url = "${hook.url}"
    match = { kind = ["session_start", "session_stop"], user = "lab/*" }
    except = { user = ["LAB/TestUser1"] }
  `);
  await h.send(
    e.ports[0],
    h.g2({ command: "Start session", id: "joe" }),
    h.g2({ command: "Open connection", id: "joe" }),
    h.g2({ command: "Start session", id: "testuser1" }),
    h.g2({ command: "Stop session", directory: "OTHER", id: "joe" }),
  );
  const books = await e.atRest(4);
  h.assertBooks(books, {
    datagrams: 4,
    events: 4,
    destinations: { hook: { delivered: 1, not_matched: 3 } },
  });
  assert.equal(hook.requests.length, 1);
  await e.stop();
});

test("excludes, duplicates and limits are counted by rule", async () => {
  const e = await h.engine(`
    [[exclude]]
    name = "service accounts"
    user = "INTERNAL/sa_*"
    [[limit]]
    name = "per user"
    key = ["user"]
    rate = "1/h"
    burst = 3
    [duplicates]
    window = "1h"
    key = ["user", "app"]
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
  `);
  const guid = (n) => `/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d${10 + n}`;
  await h.send(
    e.ports[0],
    h.g2({ directory: "INTERNAL", id: "sa_repository" }),
    h.g2({ context: guid(0) }),
    h.g2({ context: guid(0) }), // A duplicate.
    ...[1, 2, 3, 4].map((n) => h.g2({ context: guid(n) })), // Two too many.
  );
  const books = await e.atRest(7);
  h.assertBooks(books, {
    datagrams: 7,
    events: 7,
    destinations: { archive: { delivered: 3 } },
  });
  assert.equal(books.events.excluded, 1);
  assert.equal(books.events.duplicate, 1);
  assert.equal(books.events.limited, 2);
  const metrics = await e.get("/metrics");
  assert.match(metrics, /signalbox_events_excluded_total\{rule="service accounts"\} 1/);
  assert.match(metrics, /signalbox_events_limited_total\{rule="per user"\} 2/);
  assert.match(metrics, /signalbox_ledger_imbalance 0/);
  await e.stop();
});

test("a storm to a chat becomes a few digests that hold every event", async () => {
  const chat = await h.receiver();
  const e = await h.engine(`
    [[destination]]
    name = "chat"
    kind = "slack"
    url = "${chat.url}"
    rate = "2/s"
  `);
  for (let i = 0; i < 500; ++i)
    await h.send(e.ports[0], h.g2({ id: `user${i % 7}` }));
  const books = await e.atRest(500);
  const { delivered, folded } = books.destinations.chat;
  h.assertBooks(books, { datagrams: 500, events: 500 });
  assert.equal(delivered + folded, 500);
  assert.ok(chat.requests.length < 20, `${chat.requests.length} messages`);
  await e.stop();
});
