// A changed configuration, taken on by a running engine.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const idsIn = (request) => [JSON.parse(request.body)].flat().map((e) => e.user.id);

const idsOf = (receiver) => receiver.requests.flatMap(idsIn);

/** A receiver that answers with `x.status` just then, or not at all (0). */
async function hook(status = 200) {
  const x = await h.receiver((_, response) => {
    if (x.status === 0) return;
    response.statusCode = x.status;
    response.end("ok");
  });
  x.status = status;
  return x;
}

const webhook = (name, receiver, more = "") => `
  [[destination]]
  name = "${name}"
  kind = "webhook"
  url = "${receiver.url}/${name}"
  retry = { attempts = 0, initial = "20ms", max = "50ms" }
  ${more}
`;

const rewrite = (e, config, whole = false) =>
  writeFileSync(
    join(e.folder, "signalbox.toml"),
    whole ? config : h.common + config,
  );

const reloads = (e) => e.stderr.match(/ (re)?load(ed| refused)/g)?.length ?? 0;

/** Rewrites the file, asks for a reload over HTTP, and returns what changed. */
async function change(e, config, whole = false) {
  rewrite(e, config, whole);
  const answer = await e.post("/api/reload");
  assert.equal(answer.status, 200, answer.text);
  return answer.json.reloaded;
}

async function hangUp(e) {
  const before = reloads(e);
  e.child.kill("SIGHUP");
  await h.until(() => reloads(e) > before, "the reload");
}

const one = { delivered: 1 };

test("a configuration with mistakes changes nothing and says where they are", async () => {
  const receiver = await hook();
  const good = webhook("a", receiver);
  const e = await h.engine(good);
  const bad = good + 'adress = "x"\n[[destination]]\nname = "b"\nkind = "slak"\n';
  rewrite(e, bad);
  const lines = (h.common + bad).split("\n");
  const line = (text) => lines.findIndex((x) => x.includes(text)) + 1;
  const expected = [
    new RegExp(`signalbox\\.toml:${line("adress")}:1: .*adress`),
    new RegExp(`signalbox\\.toml:${line("slak")}:\\d+: .*did you mean 'slack'`),
  ];
  const answer = await e.post("/api/reload");
  assert.equal(answer.status, 400);
  assert.equal(answer.json.mistakes.length, 2, answer.text);
  for (const x of expected)
    assert.ok(answer.json.mistakes.some((m) => x.test(m)), `${x}: ${answer.text}`);
  await hangUp(e);
  for (const x of expected) assert.match(e.stderr, x);
  assert.match(e.stderr, /reload refused, nothing changed/);
  const command = await h.signalbox("reload", "--url", e.url);
  assert.equal(command.code, 1);
  for (const x of expected) assert.match(command.stderr, x);
  assert.match(command.stderr, /refused; the engine goes on as it was/);

  await h.send(e.ports[0], h.g2({ id: "ann" }));
  let books = await e.atRest(1);
  assert.deepEqual(Object.keys(books.destinations), ["a"]);
  rewrite(e, good);
  const again = await h.signalbox("reload", "--url", e.url);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^reloaded: nothing has changed$/m);
  await h.send(e.ports[0], h.g2({ id: "bob" }));
  books = await e.atRest(2);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { a: { delivered: 2 } },
  });
  assert.deepEqual(idsOf(receiver), ["ann", "bob"]);
  await e.stop();
});

test("a file that cannot be read is a mistake, too", async () => {
  const e = await h.engine("");
  writeFileSync(join(e.folder, "signalbox.toml"), "[[listen\n");
  const broken = await e.post("/api/reload");
  assert.equal(broken.status, 400);
  assert.match(broken.json.mistakes[0], /signalbox\.toml:1:\d+: /);
  // As if somebody were writing it: nothing in it, and so no destination.
  writeFileSync(join(e.folder, "signalbox.toml"), "");
  const empty = await e.post("/api/reload");
  assert.equal(empty.status, 400);
  assert.match(empty.json.mistakes[0], /the file is empty/);
  assert.equal((await fetch(`${e.url}/readyz`)).status, 200);
  assert.equal((await e.stop()).code, 0);
});

test("a changed destination keeps its queue, and an unchanged one its connection", async () => {
  const gone = await hook(503);
  const back = await hook();
  const steady = await hook();
  const same = webhook("steady", steady);
  let connections = 0;
  steady.server.on("connection", () => ++connections);
  const e = await h.engine(same + webhook("moves", gone));
  const ids = ["a", "b", "c", "d", "e"];
  await h.send(e.ports[0], ...ids.map((id) => h.g2({ id })));
  await e.until(
    (l) =>
      l.destinations.steady?.delivered === 5 &&
      l.destinations.moves.waiting + l.destinations.moves.in_flight === 5,
  );
  assert.equal(
    await change(e, same + webhook("moves", back)),
    "destinations: changed 'moves'",
  );
  await h.send(e.ports[0], h.g2({ id: "f" }));
  const books = await e.atRest(6);
  h.assertBooks(books, {
    datagrams: 6,
    events: 6,
    destinations: { steady: { delivered: 6 }, moves: { delivered: 6 } },
  });
  assert.deepEqual(idsOf(back), [...ids, "f"], "in order");
  assert.deepEqual(idsOf(steady), [...ids, "f"], "once each");
  assert.equal(connections, 1);
  await e.stop();
});

test("added destinations begin where they say, removed ones release what waited", async () => {
  const stays = await hook();
  const leaves = await hook(503);
  const late = await hook();
  const old = await hook();
  const base = webhook("stays", stays);
  const waits = webhook("leaves", leaves);
  const e = await h.engine(base + waits);
  await h.send(e.ports[0], h.g2({ id: "first" }));
  await e.until(
    (l) =>
      l.destinations.stays?.delivered === 1 &&
      l.destinations.leaves.waiting + l.destinations.leaves.in_flight === 1,
  );
  assert.equal(
    await change(
      e,
      base + waits + webhook("late", late) + webhook("old", old, 'start = "oldest"'),
    ),
    "destinations: added 'late', 'old'",
  );
  await e.until((l) => l.destinations.old?.delivered === 1);
  await h.send(e.ports[0], h.g2({ id: "second" }));
  let books = await e.until(
    (l) => l.destinations.late?.delivered === 1 && l.destinations.old.delivered === 2,
  );
  assert.deepEqual(idsOf(old), ["first", "second"]);
  assert.deepEqual(idsOf(late), ["second"]);
  assert.equal(books.balanced, true);

  assert.equal(
    await change(e, base + webhook("late", late)),
    "destinations: removed 'leaves', 'old'",
  );
  books = await e.until((l) => !l.destinations.leaves && !l.destinations.old);
  await h.until(
    async () => (await e.get("/api/destinations")).destinations.length === 2,
    "the removed ones to leave the picture",
  );
  await h.send(e.ports[0], h.g2({ id: "third" }));
  books = await e.atRest(3);
  assert.equal(books.balanced, true);
  assert.equal(books.destinations.stays.delivered, 3);
  assert.equal(books.destinations.late.delivered, 2);
  const { code } = await e.stop();
  assert.equal(code, 0);
  // It is forgotten for good: a former life's queue does not come back.
  leaves.status = 200;
  leaves.requests.length = 0;
  const again = await h.engine(base + waits, { folder: e.folder });
  await h.send(again.ports[0], h.g2({ id: "fourth" }));
  await again.until((l) => l.destinations.leaves?.delivered === 1);
  assert.deepEqual(idsOf(leaves), ["fourth"]);
  assert.equal((await again.ledger()).balanced, true);
  await again.stop();
});

test("a listener moves while another one stays open", async () => {
  const receiver = await hook();
  const [from, to] = [await h.freePort(), await h.freePort()];
  const config = (port) => `
    [[listen]]
    name = "moves"
    address = "127.0.0.1:${port}"
    [[listen]]
    name = "stays"
    address = "127.0.0.1:0"
    [admin]
    listen = "127.0.0.1:0"
    ${webhook("a", receiver)}`;
  const e = await h.engine(config(from), { whole: true });
  const stays = e.ports[1];
  await h.send(from, h.g2({ id: "old" }));
  await e.atRest(1);
  // Datagrams arrive all the time meanwhile.
  let sent = 1;
  let stop = false;
  const load = (async () => {
    for (; !stop; ++sent) {
      await h.send(stays, h.g2({ id: `s${sent}` }));
      await new Promise((done) => setTimeout(done, 1));
    }
  })();
  assert.equal(
    await change(e, config(to), true),
    "listeners: added 'moves'; removed 'moves'",
  );
  await h.send(to, h.g2({ id: "new" }));
  stop = true;
  await load;
  const books = await e.atRest(sent + 1);
  h.assertBooks(books, {
    datagrams: sent + 1,
    events: sent + 1,
    destinations: { a: { delivered: sent + 1 } },
  });
  assert.equal(books.ingest.kernel_dropped, 0);
  assert.ok(idsOf(receiver).includes("new"));

  // A port that cannot be had changes nothing.
  const { port } = await h.tcp(() => {});
  const udp = await h.engine("");
  rewrite(e, config(udp.ports[0]), true);
  const refused = await e.post("/api/reload");
  assert.equal(refused.status, 400, `${port}`);
  assert.match(refused.json.mistakes[0], /in use/);
  await h.send(to, h.g2({ id: "still" }));
  await h.until(() => idsOf(receiver).includes("still"), "the old port to be read");
  await udp.stop();
  await e.stop();
});

test("what other files hold is read again, too", async () => {
  const receiver = await hook();
  const folder = h.temporaryFolder();
  writeFileSync(join(folder, "line.txt"), "one {{user.id}}");
  writeFileSync(join(folder, "token"), "Bearer first\n");
  const config = `
    [[destination]]
    name = "hook"
    kind = "webhook"
    url = "${receiver.url}"
    headers = { "Authorization_file" = "token" }
    [[destination]]
    name = "chat"
    kind = "file"
    path = "out.txt"
    template_file = "line.txt"
  `;
  const e = await h.engine(config, { folder });
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await e.atRest(1);
  writeFileSync(join(folder, "line.txt"), "two {{user.id}}");
  await hangUp(e);
  assert.match(e.stderr, /reloaded: destinations: changed 'chat'/);
  writeFileSync(join(folder, "token"), "Bearer second\n");
  await hangUp(e);
  assert.match(e.stderr, /reloaded: destinations: changed 'hook'/);
  await h.send(e.ports[0], h.g2({ id: "bob" }));
  const books = await e.atRest(2);
  assert.equal(readFileSync(join(folder, "out.txt"), "utf8"), "one ann\ntwo bob\n");
  assert.deepEqual(
    receiver.requests.map((r) => r.headers.authorization),
    ["Bearer first", "Bearer second"],
  );
  assert.doesNotMatch(e.stderr, /first|second/);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { hook: { delivered: 2 }, chat: { delivered: 2 } },
  });
  await e.stop();
});

test("a token that was renewed in its file is found after a 401", async () => {
  const folder = h.temporaryFolder();
  writeFileSync(join(folder, "token"), "Bearer first\n");
  let wanted = "first";
  const receiver = await h.receiver((request, response) => {
    response.statusCode =
      request.headers.authorization === `Bearer ${wanted}` ? 200 : 401;
    response.end();
  });
  const e = await h.engine(
    `
    [[destination]]
    name = "hook"
    kind = "webhook"
    url = "${receiver.url}"
    headers = { "Authorization_file" = "token" }
  `,
    { folder },
  );
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await e.atRest(1);
  wanted = "second";
  await h.send(e.ports[0], h.g2({ id: "bob" }));
  await h.until(() => receiver.requests.length > 1, "the refusal");
  writeFileSync(join(folder, "token"), "Bearer second\n");
  const books = await e.atRest(2);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { hook: { delivered: 2, dead_lettered: 0 } },
  });
  assert.equal(receiver.requests.at(-1).headers.authorization, "Bearer second");
  await e.stop();
});

test("a destination that hangs delays neither the reload nor the others", async () => {
  const silent = await hook(0);
  const other = await hook();
  const next = await hook();
  const hangs = webhook("hangs", silent, 'timeout = "60s"');
  const e = await h.engine(hangs + webhook("other", other));
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await h.until(() => silent.requests.length === 1, "the request that hangs");
  const start = Date.now();
  // It changes, too, and its request is still out.
  const changed = webhook("hangs", silent, 'timeout = "59s"');
  assert.equal(
    await change(e, changed + webhook("other", next)),
    "destinations: changed 'hangs', 'other'",
  );
  await h.send(e.ports[0], h.g2({ id: "bob" }));
  await h.until(() => idsOf(next).includes("bob"), "the changed one to deliver");
  assert.ok(Date.now() - start < 5_000);
  assert.equal(await change(e, webhook("other", next)), "destinations: removed 'hangs'");
  await h.send(e.ports[0], h.g2({ id: "eve" }));
  await h.until(() => idsOf(next).includes("eve"), "the next event");
  const books = await e.ledger();
  assert.equal(books.balanced, true);
  assert.equal(books.destinations.other.delivered, 3);
  await e.stop();
});

test("many reloads in a row end with the last configuration", async () => {
  const receiver = await hook();
  const e = await h.engine(webhook("a", receiver));
  let sent = 0;
  for (let i = 0; i < 10; ++i) {
    rewrite(
      e,
      webhook("a", receiver, `headers = { "X-Turn" = "${i}" }`) +
        (i % 2 ? webhook("b", receiver) : ""),
    );
    e.child.kill("SIGHUP");
    await h.send(e.ports[0], h.g2({ id: `u${sent++}` }));
  }
  await e.post("/api/reload");
  const all = await Promise.all([1, 2, 3].map(() => e.post("/api/reload")));
  for (const x of all) assert.equal(x.json.reloaded, "nothing has changed");
  await h.send(e.ports[0], h.g2({ id: `u${sent++}` }));
  const books = await e.until(
    (l) => l.destinations.a?.delivered === sent && !l.destinations.b?.waiting,
  );
  assert.equal(books.balanced, true);
  const to = (path) => receiver.requests.filter((r) => r.path === path);
  assert.deepEqual(
    to("/a").flatMap(idsIn),
    Array.from({ length: sent }, (_, i) => `u${i}`),
    "nothing twice, nothing lost, in order",
  );
  assert.equal(to("/a").at(-1).headers["x-turn"], "9");
  assert.equal((await e.stop()).code, 0);
});

test("rules, app names, lamps and the log change, the rest says that it wants a restart", async () => {
  const app = "a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69";
  const receiver = await hook();
  const lamp = (color) => `
    [[light]]
    name = "desk"
    driver = "virtual"
    [[light.on]]
    match = { kind = "connection_open" }
    effect = { show = "on", color = "${color}", for = "60s" }
  `;
  const e = await h.engine(webhook("a", receiver) + lamp("green"));
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: "sa_x" }));
  await e.atRest(2);
  const changes = await change(
    e,
    webhook("a", receiver) +
      lamp("red") +
      `
    [node]
    name = "other"
    [[exclude]]
    name = "service accounts"
    user = "LAB/sa_*"
    [apps.table]
    "${app}" = "Sales"
    [log]
    level = "warning"
    [journal]
    max_age = "1d"
  `,
  );
  for (const x of [
    ...[/lights: changed 'desk'/, /rules at the entrance/, /journal/],
    ...[/app names/, /node\.name \(after a restart\)/],
  ])
    assert.match(changes, x);
  await h.send(e.ports[0], h.g2({ id: "bob" }), h.g2({ id: "sa_x" }));
  const books = await e.atRest(4);
  h.assertBooks(books, {
    datagrams: 4,
    events: 4,
    destinations: { a: { delivered: 3 } },
  });
  assert.equal(books.events.excluded_by_rule["service accounts"], 1);
  const last = JSON.parse(receiver.requests.at(-1).body);
  assert.equal(last.app.name, "Sales");
  await h.until(async () => {
    const { lights } = await e.get("/api/lights");
    return lights[0].shows.color === "#ff0000";
  }, "the lamp to be red");
  const quiet = e.stderr.length;
  await e.post("/api/reload");
  assert.doesNotMatch(e.stderr.slice(quiet), / info /);
  await e.stop();
});

test("a drain can be asked for", async () => {
  const receiver = await hook();
  const e = await h.engine(webhook("a", receiver));
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await e.atRest(1);
  assert.equal((await e.post("/api/drain")).status, 202);
  assert.equal((await e.ended).code, 0);
  assert.match(e.stderr, /draining, 10 s at most/);
  assert.match(e.stderr, /ledger balanced: .*a: delivered 1/);
});

test("whatever changes under load, what stays misses nothing and gets nothing twice", async () => {
  const flaky = await h.receiver((_, response, n) => {
    response.statusCode = n % 7 === 3 ? 503 : n % 11 === 5 ? 400 : 200;
    response.end();
  });
  const silent = await hook(0);
  const steady = `
    [[destination]]
    name = "steady"
    kind = "file"
    path = "steady.ndjson"
  `;
  const e = await h.engine(steady);
  const n = 10_000;
  let sending = true;
  const load = h
    .signalbox(
      ...["send", "--to", `127.0.0.1:${e.ports[0]}`, "--count", String(n)],
      ...["--rate", "2500", "--users", String(n)],
    )
    .finally(() => (sending = false));
  for (let i = 0; sending; ++i) {
    const parts = [
      webhook("flaky", flaky, `batch = ${1 + (i % 9)}`),
      webhook("silent", silent, `timeout = "${1 + (i % 3)}s"`),
      `[[limit]]\nname = "l"\nkey = ["user"]\nrate = "${1000 + i}/s"\nburst = 99\n`,
      '[[listen]]\nname = "more"\naddress = "127.0.0.1:0"\n',
    ];
    await change(e, steady + parts.filter((_, bit) => (i * 7) & (1 << bit)).join("\n"));
    assert.equal((await e.ledger()).balanced, true);
    await new Promise((done) => setTimeout(done, 50));
  }
  await load;
  await change(e, steady);
  const books = await e.atRest(n);
  h.assertBooks(books, {
    datagrams: n,
    events: n,
    destinations: { steady: { delivered: n } },
  });
  assert.equal(books.ingest.kernel_dropped, 0);
  const file = readFileSync(join(e.folder, "steady.ndjson"), "utf8");
  const ids = file.trim().split("\n").map((x) => JSON.parse(x).user.id);
  assert.equal(ids.length, n);
  assert.equal(new Set(ids).size, n);
  assert.doesNotMatch(e.stderr, / critical | failed: /);
  assert.equal((await e.stop()).code, 0);
});
