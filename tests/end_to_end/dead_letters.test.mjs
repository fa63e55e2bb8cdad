// Events that a destination gave up: kept, shown, sent again, deleted.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

/** A webhook's receiver that answers as `x.answer(request)` says just then. */
async function hook(answer) {
  const x = await h.receiver((request, response) => {
    const { status = 200, text = "ok" } = x.answer(request) ?? {};
    response.statusCode = status;
    response.end(text);
  });
  x.answer = answer;
  x.heal = () => (x.answer = () => {});
  x.ids = () => x.requests.flatMap((r) => idsIn(r));
  return x;
}

const idsIn = (request) => [JSON.parse(request.body)].flat().map((e) => e.user.id);

const refuse = () => ({ status: 400, text: "no such field" });

const webhook = (receiver, more = "") => `
  [[destination]]
  name = "hook"
  kind = "webhook"
  url = "${receiver.url}/hook"
  retry = { attempts = 2, initial = "10ms", max = "20ms" }
  ${more}
`;

const cli = (...args) => h.signalbox("dead-letters", ...args);

const data = (e) => ["--data-dir", join(e.folder, "signalbox-data")];

const deadAt = (e, n) =>
  e.until((l) => l.destinations.hook?.dead_lettered === n, `${n} dead letters`);

/** Dead letters are on disk a moment after they are in the books. */
const listed = (e, n) =>
  h.until(async () => {
    const page = await e.letters();
    return page.total === n && page;
  }, `${n} letters to be listed`);

test("what was refused is listed, shown, survives kill -9, and is sent again with the same key", async () => {
  const receiver = await hook(refuse);
  const config = webhook(receiver);
  let e = await h.engine(config);
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: "bob" }));
  await deadAt(e, 2);
  const { letters } = await listed(e, 2);
  assert.deepEqual(letters.map((x) => x.event.user.id), ["ann", "bob"]);
  const [ann] = letters;
  assert.equal(ann.destination, "hook");
  assert.equal(ann.reason, "refused");
  assert.match(ann.answer, /400.*no such field/);
  assert.equal(ann.attempts, 1);
  assert.equal(ann.history.length, 1);
  assert.match(ann.history[0].answer, /no such field/);
  assert.equal(ann.requested, false);
  assert.equal(ann.events, 1);
  assert.equal(ann.event_id, ann.event.id);
  assert.ok(Math.abs(Date.now() - Date.parse(ann.buried)) < 60_000);

  await e.stop("SIGKILL");
  e = await h.engine(config, { folder: e.folder });
  await deadAt(e, 2);
  assert.deepEqual((await e.letters()).letters, letters);
  const table = await cli("list", "--url", e.url);
  assert.equal(table.code, 0, table.stderr);
  assert.match(
    table.stdout,
    /^ *1 +hook +\d+ s +refused +Open connection LAB\/ann pro2-win1 +.*no such field/m,
  );
  assert.match(table.stdout, /^2 dead letters$/m);
  const page = await cli("show", "2", "--url", e.url);
  assert.equal(page.code, 0, page.stderr);
  assert.match(page.stdout, /^answer +.*no such field/m);
  assert.match(page.stdout, /^ +user.id +bob$/m);
  const json = await cli("show", "2", "--json", "--url", e.url);
  assert.deepEqual(JSON.parse(json.stdout), letters[1]);
  assert.deepEqual(await e.get("/api/dead-letters/2"), letters[1]);

  receiver.heal();
  const one = await cli("retry", "--id", "1", "--url", e.url);
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stdout, /^1 dead letter will be sent again now/);
  await e.until((l) => l.destinations.hook.delivered === 1);
  await listed(e, 1);
  assert.deepEqual(await e.post("/api/dead-letters/retry"), {
    status: 200,
    text: '{"letters":1}',
    json: { letters: 1 },
  });
  const books = await e.until((l) => l.destinations.hook.delivered === 2);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { hook: { delivered: 2, dead_lettered: 0 } },
  });
  await listed(e, 0);
  const keys = receiver.requests.map((r) => r.headers["idempotency-key"]);
  assert.deepEqual(keys.slice(2), keys.slice(0, 2));
  assert.deepEqual(receiver.ids(), ["ann", "bob", "ann", "bob"]);
  assert.equal((await e.stop()).code, 0);
});

test("retry and purge take filters, and a purge of everything wants to be told so", async () => {
  const receiver = await hook((r) =>
    idsIn(r)[0] === "late" ? { status: 503 } : refuse(),
  );
  const e = await h.engine(webhook(receiver));
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: "late" }));
  await deadAt(e, 2);
  await listed(e, 2);
  const reasons = async (q) => (await e.letters(q)).letters.map((x) => x.reason);
  assert.deepEqual(await reasons("?reason=exhausted"), ["exhausted"]);
  assert.deepEqual(await reasons("?destination=hook&limit=1"), ["refused"]);
  assert.deepEqual(await reasons("?after=1"), ["exhausted"]);
  assert.deepEqual(await reasons("?destination=other"), []);
  assert.deepEqual(await reasons("?older_than=1h"), []);
  assert.equal((await e.letters("?limit=1")).total, 2);
  for (const bad of [
    ...["?reason=tired", "?older_than=1", "?id=x", "?id=0", "?limit=0"],
    ...["?limit=1001", "?destinatoin=hook", "?id=1&id=2", "?after=-1"],
  ])
    assert.equal((await fetch(`${e.url}/api/dead-letters${bad}`)).status, 400, bad);
  assert.equal((await fetch(`${e.url}/api/dead-letters/77`)).status, 404);
  for (const bad of [
    ...["", "?all=yes", "?destination=", "?all=true&reason=refused"],
    ...["?limit=1", "?destination=hook&typo=1"],
  ])
    assert.equal((await e.post(`/api/dead-letters/purge${bad}`)).status, 400, bad);
  const body = await fetch(`${e.url}/api/dead-letters/retry`, {
    method: "POST",
    body: "id=1",
  });
  assert.equal(body.status, 400, "parameters in the body are not overlooked");
  assert.equal((await e.letters()).total, 2);

  const usage = await cli("purge", "--url", e.url);
  assert.equal(usage.code, 2);
  assert.match(usage.stderr, /--all/);
  const none = await cli("purge", "--id", "99", "--url", e.url);
  assert.equal(none.code, 1);
  const some = await cli("purge", "--reason", "exhausted", "--json", "--url", e.url);
  assert.equal(some.stdout, '{"letters":1}\n');
  assert.deepEqual(await reasons(""), ["refused"]);
  const young = await cli("purge", "--older-than", "1d", "--url", e.url);
  assert.match(young.stdout, /No dead letter matches/);
  const all = await cli("purge", "--all", "--url", e.url);
  assert.match(all.stdout, /^1 dead letter deleted/);
  assert.equal((await e.letters()).total, 0);
  assert.match((await cli("list", "--url", e.url)).stdout, /no dead letters/);
  h.assertBooks(await e.ledger(), {
    datagrams: 2,
    events: 2,
    destinations: { hook: { dead_lettered: 2 } },
  });
  await e.stop();
});

test("an engine that does not run is helped at its store", async () => {
  const receiver = await hook(refuse);
  const port = await h.freePort();
  const config = `
    [node]
    data_dir = "signalbox-data"
    [[listen]]
    address = "127.0.0.1:0"
    [admin]
    listen = "127.0.0.1:${port}"
    token = "s3cret"
    ${webhook(receiver)}`;
  let e = await h.engine(config, { whole: true });
  const from = ["--config", join(e.folder, "signalbox.toml")];
  const ids = ["ann", "bob", "eve"];
  await h.send(e.ports[0], ...ids.map((id) => h.g2({ id })));
  const list = async () => JSON.parse((await cli("list", "--json", ...from)).stdout);
  await h.until(async () => (await list()).total === 3, "three letters");

  // While it runs, nobody else may look into its store.
  const locked = await cli("list", ...data(e));
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, new RegExp(`in use by process ${e.child.pid}`));
  const before = await list();

  await e.stop("SIGKILL");
  assert.deepEqual(await list(), before);
  const table = await cli("list", ...data(e));
  assert.match(table.stdout, /LAB\/bob/);
  assert.match((await cli("show", "2", ...from)).stdout, /user.id +bob/);
  assert.equal((await cli("purge", ...from)).code, 2);
  const purged = await cli("purge", "--id", "3", ...from);
  assert.equal(purged.code, 0, purged.stderr);
  const marked = await cli("retry", "--id", "2", ...from);
  assert.equal(marked.code, 0, marked.stderr);
  assert.match(marked.stdout, /when the engine starts/);
  assert.match((await cli("list", ...data(e))).stdout, /refused, requested/);

  receiver.heal();
  receiver.requests.length = 0;
  e = await h.engine(config, { whole: true, folder: e.folder });
  await h.until(() => receiver.requests.length === 1, "the letter");
  assert.deepEqual(receiver.ids(), ["bob"]);
  await h.until(async () => (await list()).total === 1, "one letter to be left");
  const auth = { headers: { authorization: "Bearer s3cret" } };
  const books = await e.get("/api/ledger", auth);
  h.assertBooks(books, {
    datagrams: 3,
    events: 3,
    destinations: { hook: { delivered: 1, dead_lettered: 2 } },
  });
  await e.stop();
});

test("an engine without an admin interface is told apart from one that does not run", async () => {
  const receiver = await hook(refuse);
  const e = await h.engine(
    `
    [node]
    data_dir = "signalbox-data"
    [[listen]]
    address = "127.0.0.1:0"
    [admin]
    listen = ""
    ${webhook(receiver)}`,
    { whole: true },
  );
  const from = ["--config", join(e.folder, "signalbox.toml")];
  const locked = await cli("list", ...from);
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, /admin\.listen = "".*in use by process \d+/);
  await h.send(e.ports[0], h.g2());
  await h.until(() => receiver.requests.length === 1, "the event");
  await e.stop();
  const free = await cli("list", "--json", ...from);
  assert.equal(JSON.parse(free.stdout).total, 1);
  const nowhere = await cli("list", "--data-dir", join(e.folder, "none"));
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /no journal in .*--config/);
});

test("where to look is read from the configuration, whatever else is wrong with it", async () => {
  const folder = h.temporaryFolder();
  const file = join(folder, "signalbox.toml");
  writeFileSync(
    file,
    `
    [node]
    data_dir = "none"
    [admin]
    listen = "127.0.0.1:${await h.freePort()}"
    [[destination]]
    name = "chat"
    kind = "slack"
    url = "\${ONLY_THE_SERVICE_KNOWS}"
  `,
  );
  const away = await cli("list", "--config", file);
  assert.equal(away.code, 1);
  assert.match(away.stderr, /no engine answers: .*; and there is no journal in/);
  writeFileSync(file, '[admin]\nlisten = "nonsense"\n');
  const bad = await cli("list", "--config", file);
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /toml:2:1: admin\.listen/);
  for (const command of ["status", "reload"])
    assert.equal((await h.signalbox(command, "--config", file)).code, 78);
  assert.equal((await cli("show")).code, 2);
  assert.equal((await cli("list", "--reason", "tired")).code, 2);
});

test("what expired while the destination was at fault is sent by itself when that heals", async () => {
  const receiver = await hook(() => ({ status: 401 }));
  const config = webhook(receiver, 'expire = "1s"');
  const e = await h.engine(config);
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: "bob" }));
  await deadAt(e, 2);
  const { letters } = await listed(e, 2);
  assert.deepEqual(letters.map((x) => x.reason), ["unavailable", "unavailable"]);
  assert.match(letters[0].answer, /401/);
  receiver.heal();
  await h.send(e.ports[0], h.g2({ id: "eve" }));
  const books = await e.until((l) => l.destinations.hook.delivered === 3);
  h.assertBooks(books, {
    datagrams: 3,
    events: 3,
    destinations: { hook: { delivered: 3, dead_lettered: 0 } },
  });
  await listed(e, 0);
  assert.match(e.stderr, /healed: 2 dead letter\(s\) are sent again/);
  await e.stop();
});

test("the same when it heals while the engine does not run", async () => {
  const receiver = await hook(() => ({ status: 401 }));
  const config = webhook(receiver, 'expire = "1s"');
  let e = await h.engine(config);
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await listed(e, 1);
  await e.stop("SIGKILL");
  receiver.heal();
  e = await h.engine(config, { folder: e.folder });
  await h.send(e.ports[0], h.g2({ id: "eve" }));
  const books = await e.until((l) => l.destinations.hook.delivered === 2);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { hook: { delivered: 2, dead_lettered: 0 } },
  });
  await listed(e, 0);
  await e.stop();
});

test("one poisonous event of a batch is set aside by itself", async () => {
  const receiver = await hook((r) =>
    idsIn(r).includes("poison") ? { status: 422, text: "not that one" } : {},
  );
  const held = await hook(() => ({ status: 503 }));
  const e = await h.engine(
    webhook(receiver, "batch = 8") + webhook(held).replace('"hook"', '"held"'),
  );
  const ids = ["a", "b", "c", "d", "poison", "f", "g", "h"];
  await h.send(e.ports[0], ...ids.map((id) => h.g2({ id })));
  const books = await e.until(
    (l) =>
      l.destinations.hook.delivered === 7 && l.destinations.hook.dead_lettered === 1,
  );
  h.assertBooks(books, {
    datagrams: 8,
    events: 8,
    destinations: { hook: { delivered: 7, dead_lettered: 1 } },
  });
  const { letters } = await h.until(async () => {
    const page = await e.letters("?destination=hook");
    return page.total === 1 && page;
  }, "the letter");
  assert.equal(letters[0].event.user.id, "poison");
  assert.match(letters[0].answer, /422.*not that one/);
  const good = receiver.requests.map(idsIn).filter((x) => !x.includes("poison"));
  assert.deepEqual(good.flat(), ids.filter((x) => x !== "poison"), "in order");
  await e.stop();
});

test("a batch that is too large is halved until it fits", async () => {
  const receiver = await hook((r) =>
    idsIn(r).length > 2 ? { status: 413, text: "too large" } : {},
  );
  const e = await h.engine(webhook(receiver, "batch = 8"));
  const ids = [..."abcdefgh"];
  // All at once: they must be one batch when the first request is made.
  e.child.kill("SIGSTOP");
  await h.send(e.ports[0], ...ids.map((id) => h.g2({ id })));
  e.child.kill("SIGCONT");
  const books = await e.until((l) => l.destinations.hook.delivered === 8);
  h.assertBooks(books, {
    datagrams: 8,
    events: 8,
    destinations: { hook: { delivered: 8, dead_lettered: 0 } },
  });
  const taken = receiver.requests.map(idsIn).filter((x) => x.length <= 2);
  assert.deepEqual(taken.flat(), ids, "in order, and once each");
  assert.ok(receiver.requests.some((r) => idsIn(r).length > 2));
  await e.stop();
});

test("a digest that was refused is kept as one letter, which cannot be sent again", async () => {
  const receiver = await hook(refuse);
  const e = await h.engine(`
    [[destination]]
    name = "hook"
    kind = "slack"
    url = "${receiver.url}/services/x"
    rate = "1/s"
    burst = 1
  `);
  e.child.kill("SIGSTOP");
  await h.send(e.ports[0], ...[..."abcde"].map((id) => h.g2({ id })));
  e.child.kill("SIGCONT");
  const books = await deadAt(e, 5);
  h.assertBooks(books, { datagrams: 5, events: 5 });
  const { letters } = await listed(e, 2);
  const digest = letters.find((x) => x.events > 1);
  assert.equal(digest.events, 4);
  assert.equal(digest.event, null);
  assert.equal(digest.event_id, null);
  const table = await cli("list", "--url", e.url);
  assert.match(table.stdout, /digest of 4 events/);
  const page = await cli("show", String(digest.id), "--url", e.url);
  assert.match(page.stdout, /digest of 4 events.*cannot be sent again/);
  const again = await cli("retry", "--id", String(digest.id), "--url", e.url);
  assert.equal(again.code, 1, again.stdout);
  receiver.heal();
  assert.deepEqual((await e.post("/api/dead-letters/retry")).json, { letters: 1 });
  const end = await e.until((l) => l.destinations.hook.delivered === 1);
  h.assertBooks(end, {
    datagrams: 5,
    events: 5,
    destinations: { hook: { delivered: 1, dead_lettered: 4 } },
  });
  await e.stop();
});

test("what strangers sent and answered stays text", async () => {
  const evil = "<script>alert(1)</script>\u001b[2J\r\nHTTP/1.1 200\u202e";
  const receiver = await hook(() => ({ status: 400, text: evil }));
  const e = await h.engine(webhook(receiver));
  await h.send(e.ports[0], h.g2({ id: evil }));
  const { letters } = await listed(e, 1);
  // eslint-disable-next-line no-control-regex
  const control = /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/;
  assert.doesNotMatch(letters[0].answer, control);
  for (const args of [["list"], ["show", "1"], ["list", "--json"]]) {
    const { code, stdout } = await cli(...args, "--url", e.url);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, control);
    assert.match(stdout, /<script>/);
  }
  const answer = await fetch(`${e.url}/api/dead-letters`);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  h.assertBooks(await e.ledger(), { datagrams: 1, events: 1 });
  await e.stop();
});

test("many letters are listed page by page, and sent again in their order", async () => {
  const receiver = await hook(refuse);
  const e = await h.engine(webhook(receiver));
  const n = 700;
  const ids = Array.from({ length: n }, (_, i) => `u${i}`);
  for (let i = 0; i < n; i += 50)
    await h.send(e.ports[0], ...ids.slice(i, i + 50).map((id) => h.g2({ id })));
  await deadAt(e, n);
  await listed(e, n);
  const some = await cli("list", "--url", e.url, "--limit", "10");
  assert.match(some.stdout, /^10 of 700 dead letters; --limit shows more$/m);
  const all = await cli("list", "--url", e.url, "--limit", "5000", "--json");
  const { total, letters } = JSON.parse(all.stdout);
  assert.equal(total, n);
  assert.deepEqual(letters.map((x) => x.event.user.id), ids);
  const log = e.stderr.split("\n").filter((x) => /gave up/.test(x));
  assert.ok(log.length < 60, `${log.length} lines about letters`);
  receiver.heal();
  receiver.requests.length = 0;
  const again = await cli("retry", "--url", e.url);
  assert.match(again.stdout, /^700 dead letters will be sent again/);
  const books = await e.until((l) => l.destinations.hook.delivered === n);
  assert.deepEqual(receiver.ids(), ids);
  h.assertBooks(books, {
    datagrams: n,
    events: n,
    destinations: { hook: { delivered: n, dead_lettered: 0 } },
  });
  await listed(e, 0);
  await e.stop();
});

test("with the journal in memory, letters live as long as the engine", async () => {
  const receiver = await hook(refuse);
  const e = await h.engine(
    webhook(receiver) +
      `
      [journal]
      store = "memory"
    `,
  );
  await h.send(e.ports[0], h.g2({ id: "ann" }));
  await listed(e, 1);
  receiver.heal();
  assert.equal((await cli("retry", "--url", e.url)).code, 0);
  const books = await e.until((l) => l.destinations.hook.delivered === 1);
  h.assertBooks(books, {
    datagrams: 1,
    events: 1,
    destinations: { hook: { dead_lettered: 0 } },
  });
  await e.stop();
  const gone = await cli("list", "--config", join(e.folder, "signalbox.toml"));
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /only in its memory/);
});

test("the dashboard shows them, and sends them again at a click", async () => {
  const receiver = await hook(refuse);
  const e = await h.engine(webhook(receiver));
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: "bob" }));
  await deadAt(e, 2);
  await listed(e, 2);
  const page = await h.browse(e.url + "/");
  const box = 'document.querySelector(".destination-letters")';
  await page.until(`!!${box} && !${box}.hidden`);
  assert.match(await page.run(`${box}.textContent`), /2 dead letters/);
  receiver.heal();
  await page.run(`${box}.querySelector("button").click()`);
  const books = await e.until((l) => l.destinations.hook.delivered === 2);
  await page.until(`/2 dead letters are sent again/.test(${box}.textContent)`);
  await page.until(`${box}.hidden`);
  h.assertBooks(books, {
    datagrams: 2,
    events: 2,
    destinations: { hook: { delivered: 2, dead_lettered: 0 } },
  });
  // Another page, here on another port, may not.
  const stranger = await h.receiver((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>evil</title>");
  });
  const evil = await h.browse(stranger.url);
  await evil.until('document.title === "evil"');
  const tried = await evil.run(`
    fetch("${e.url}/api/drain", { method: "POST", mode: "no-cors" }).then(
      () => "sent", () => "refused")`);
  assert.equal(tried, "sent");
  assert.equal((await fetch(`${e.url}/readyz`)).status, 200);
  assert.doesNotMatch(e.stderr, /draining/);
  await evil.close();
  await page.close();
  await e.stop();
});
