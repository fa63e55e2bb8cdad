// Who is active now, as a user of the engine sees it: across lost stops,
// crashes and restarts, at the admin interface and on a broker.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const comes = (id, host = "p1") =>
  h.g2({ command: "Start session", id, host });
const goes = (id, host = "p1") => h.g2({ command: "Stop session", id, host });
const opens = (id, host = "p1") =>
  h.g2({ command: "Open connection", id, host });

/** The answer of /api/sessions, once it holds. */
function sessions(e, holds, what) {
  return h.until(async () => {
    const answer = await fetch(e.url + "/api/sessions");
    if (answer.status === 503) return false; // Not known yet.
    assert.equal(answer.status, 200);
    const x = await answer.json();
    return holds(x) && x;
  }, what);
}

const snapshot = (e) => join(e.folder, "signalbox-data", "sessions.json");

/** Until the snapshot on disk knows these users. */
function kept(e, ...ids) {
  return h.until(() => {
    if (!existsSync(snapshot(e))) return false;
    const known = JSON.parse(readFileSync(snapshot(e), "utf8")).places;
    return known.map((x) => x.id).sort().join() === ids.sort().join();
  }, `a snapshot of ${ids}`);
}

/** Has a snapshot know nothing of a user for some seconds more. */
function silence(e, id, seconds) {
  const text = readFileSync(snapshot(e), "utf8").replace(
    new RegExp(`("id":"${id}".*?"last":)(\\d+)`),
    (_, head, last) => head + (BigInt(last) - BigInt(seconds) * 1_000_000_000n),
  );
  writeFileSync(snapshot(e), text);
}

test("a user on two servers is one, and a stop ends what was open there", async () => {
  const e = await h.engine("");
  assert.deepEqual((await sessions(e, () => true)).users, []);
  const before = Date.now();
  await h.send(
    e.ports[0],
    comes("joe", "p1"),
    opens("joe", "p1"),
    comes("JOE", "P2"),
    comes("ann", "p2"),
    comes("bob", "p1"),
    goes("bob", "p1"),
  );
  const x = await sessions(e, (s) => s.total === 2 && s.sessions === 3, "two users");
  assert.deepEqual(x.servers, { p1: 1, P2: 2 });
  const { since, ...joe } = x.users[1];
  assert.deepEqual(joe, {
    ...{ directory: "LAB", id: "joe", servers: ["p1", "P2"] },
    ...{ sessions: 2, connections: 1 },
  });
  assert.ok(Math.abs(Date.parse(since) - before) < h.patience, since);
  assert.equal(x.users[0].id, "ann");
  const metrics = await e.get("/metrics");
  assert.match(metrics, /^signalbox_active_users 2(\.0*)?$/m);
  assert.match(metrics, /^signalbox_active_users_by_server\{server="p1"\} 1/m);
  assert.match(metrics, /^signalbox_active_users_by_server\{server="P2"\} 2/m);
  assert.match(metrics, /^signalbox_open_sessions 3/m);
  assert.match(metrics, /^signalbox_open_connections 1/m);
  assert.match(metrics, /^signalbox_sessions_expired_total 0/m);
  await h.send(e.ports[0], goes("joe", "p1"));
  const then = await sessions(e, (s) => s.connections === 0, "the stop");
  assert.deepEqual(then.servers, { P2: 2 });
  await e.stop();
});

test("after kill -9 and after a stop everybody is here again", async () => {
  const folder = h.temporaryFolder();
  let e = await h.engine("", { folder });
  await h.send(e.ports[0], comes("joe"), opens("joe"), comes("ann", "p2"));
  await kept(e, "joe", "ann");
  const before = await sessions(e, (x) => x.total === 2, "two users");
  await e.stop("SIGKILL");

  e = await h.engine("", { folder });
  assert.deepEqual(
    await sessions(e, () => true),
    before,
    "the same sessions, connections and times",
  );
  // At a stop, whatever came last is in it, too: nothing is waited for here.
  await h.send(e.ports[0], comes("bob"), goes("ann", "p2"));
  await e.atRest(2);
  assert.equal((await e.stop()).code, 0);
  await kept(e, "joe", "bob");

  e = await h.engine("", { folder });
  const after = await sessions(e, () => true);
  assert.deepEqual(after.users.map((x) => x.id), ["bob", "joe"]);
  await h.send(e.ports[0], goes("joe"), goes("bob"));
  await sessions(e, (x) => x.total === 0, "everybody to leave");
  await e.stop();
});

test("whoever was silent for too long while the engine was down has left", async () => {
  const folder = h.temporaryFolder();
  const config = '[sessions]\nexpire = "30m"\n';
  let e = await h.engine(config, { folder });
  await h.send(e.ports[0], comes("joe"), comes("ann"));
  await kept(e, "joe", "ann");
  await e.stop();
  // Joe's stop is lost, and half an hour passes.
  silence(e, "joe", 1_800);

  e = await h.engine(config, { folder });
  const x = await sessions(e, (s) => s.expired === 1, "the expiry");
  assert.deepEqual(x.users.map((one) => one.id), ["ann"]);
  assert.match(await e.get("/metrics"), /^signalbox_sessions_expired_total 1/m);
  await e.stop();
});

test("a snapshot that is damaged or foreign is refused with its reason", async () => {
  const folder = h.temporaryFolder();
  let e = await h.engine("", { folder });
  await h.send(e.ports[0], comes("joe"));
  await kept(e, "joe");
  await e.stop();
  const good = readFileSync(snapshot(e), "utf8");
  for (const [text, reason] of [
    [good.slice(0, -9), "damaged"],
    [good.replace('"version":1', '"version":2'), "of version 2"],
    ["", "damaged"],
  ]) {
    writeFileSync(snapshot(e), text);
    e = await h.engine("", { folder });
    const refusal = new RegExp(`sessions.json: .*${reason}`);
    await h.until(() => refusal.test(e.stderr), `${refusal}`);
    assert.equal((await sessions(e, () => true)).total, 0);
    await h.send(e.ports[0], comes("ann"));
    await sessions(e, (x) => x.total === 1, "it counts on");
    await e.stop();
    await kept(e, "ann");
  }
});

test("with the journal in memory nothing is written to disk", async () => {
  const e = await h.engine('[journal]\nstore = "memory"\n');
  await h.send(e.ports[0], comes("joe"));
  await sessions(e, (x) => x.total === 1, "joe");
  await e.stop();
  assert.ok(!existsSync(snapshot(e)));
});

/** A retained message as a subscriber sees it who comes only now. */
async function retained(port, topic) {
  const x = h.start("mosquitto_sub", [
    ...["-h", "127.0.0.1", "-p", String(port), "-t", topic],
    ...["-C", "1", "-W", "1", "--retained-only"],
  ]);
  await x.ended;
  return x.stdout.trim();
}

const topics = {
  count: "qliksense/users/active/count",
  names: "qliksense/users/active/usernames",
  on: (host) => `qliksense/users/activeperserver/${host}/count`,
};

/** Until the broker retains this. */
const retains = (port, topic, payload) =>
  h.until(
    async () => (await retained(port, topic)) === payload,
    `${topic} to be ${payload}`,
  );

test("a late subscriber learns who is active, also from a broker that was started anew", async () => {
  const port = await h.freePort();
  let broker = await h.mosquitto(port);
  const folder = h.temporaryFolder();
  const config = `
    [[destination]]
    name = "broker"
    kind = "mqtt"
    url = "mqtt://127.0.0.1:${port}"
    client_id = "signalbox"
    status_topic = "signalbox/status"
    sessions = { publish = true, retain = true }
  `;
  let e = await h.engine(config, { folder });
  await retains(port, topics.count, "0");
  await h.send(e.ports[0], comes("joe"), comes("joe", "p/2"), comes("ann", "p/2"));
  await retains(port, topics.count, "2");
  await retains(port, topics.names, '["ann","joe"]');
  await retains(port, topics.on("p1"), "1");
  await retains(port, topics.on("p_2"), "2");
  // The events are published as ever, and not retained.
  assert.equal(await retained(port, "qliksense/session/start"), "");
  assert.equal(await retained(port, "signalbox/status"), "online");
  await h.send(e.ports[0], goes("joe"));
  await retains(port, topics.on("p1"), "0");
  await retains(port, topics.count, "2");

  // Nothing changes any more, but the broker forgets everything.
  await broker.stop();
  broker = await h.mosquitto(port);
  await retains(port, topics.count, "2");
  await retains(port, topics.names, '["ann","joe"]');
  await retains(port, topics.on("p_2"), "2");
  await e.atRest(4);

  // Whoever was here before a crash is here after it.
  await kept(e, "ann", "joe");
  await e.stop("SIGKILL");
  await broker.stop();
  broker = await h.mosquitto(port);
  e = await h.engine(config, { folder });
  await retains(port, topics.names, '["ann","joe"]');
  await e.stop();
});

test("topics can be others, and nothing is retained unless asked", async () => {
  const port = await h.freePort();
  await h.mosquitto(port);
  const late = await h.subscribe(port, "#");
  const broker = (sessions) => `
    [[destination]]
    name = "broker"
    kind = "mqtt"
    url = "mqtt://127.0.0.1:${port}"
    ${sessions}
    [destination.topics]
    session_start = ""
    active_count = "here/now"
    active_usernames = ""
    active_per_server = "here/on/{{host}}"
  `;
  const folder = h.temporaryFolder();
  const e = await h.engine(broker("sessions = { publish = true }"), { folder });
  await h.send(e.ports[0], comes("joe"));
  await h.until(() => late.messages().includes("here/on/p1 1"), "the topic");
  await h.until(() => late.messages().includes("here/now 1"), "the count");
  assert.ok(late.messages().every((x) => x.startsWith("here/")));
  assert.equal(await retained(port, "here/now"), "");

  // Reloaded away, it is silent; the events go on.
  writeFileSync(join(folder, "signalbox.toml"), h.common + broker(""));
  assert.equal((await e.post("/api/reload")).status, 200);
  const before = late.messages().length;
  await h.send(e.ports[0], comes("ann"), opens("ann"));
  await sessions(e, (x) => x.total === 2, "ann");
  await h.until(
    () => late.messages().some((x) => x.startsWith("qliksense/connection/open")),
    "the event",
  );
  assert.equal(late.messages().length, before + 1);
  await e.stop();
});

test("the dashboard and the status command show who is active", async () => {
  const e = await h.engine("");
  const attack = "<img src=x onerror=document.title='owned'>";
  await h.send(e.ports[0], comes("joe"), comes("joe", "p2"), comes(attack));
  await sessions(e, (x) => x.total === 2, "two users");
  const page = await h.browse(e.url + "/");
  await page.until(`document.querySelectorAll("#people-list li").length === 2`);
  const text = (selector) =>
    page.run(`[...document.querySelectorAll("${selector}")].map((x) => x.textContent).join("|")`);
  assert.equal(await text("#people-total"), "2 users");
  assert.equal(await text("#people-servers li"), "p12|p21");
  assert.equal(await text(".person-name"), `LAB\\${attack}|LAB\\joe`);
  assert.match(await text(".person-facts"), /^since \d\d:\d\d · p1\|since \d\d:\d\d · p1, p2$/);
  assert.equal(await page.run(`document.querySelectorAll("img").length`), 0);
  assert.notEqual(await page.run("document.title"), "owned");
  await page.close();

  const { port } = new URL(e.url);
  const status = await h.signalbox("status", "--url", `http://127.0.0.1:${port}`);
  assert.match(
    status.stdout,
    /^active +2 user\(s\), 3 session\(s\), 0 connection\(s\): 2 on p1, 1 on p2$/m,
  );
  const json = await h.signalbox("status", "--json", "--url", `http://127.0.0.1:${port}`);
  assert.equal(JSON.parse(json.stdout).sessions.users.length, 2);

  const first = await e.get("/api/sessions?limit=1");
  assert.equal(first.users.length, 1);
  assert.equal(first.total, 2);
  for (const limit of ["-1", "x", "1x", "99999999999999999999999"])
    assert.equal((await fetch(`${e.url}/api/sessions?limit=${limit}`)).status, 400);
  await e.stop();
});

/** The engine's admin interface, but it does not know who is active. */
async function ignorant(e, status) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    seen.push(path);
    if (path === "/api/sessions") return response.writeHead(status).end("not known\n");
    const aborted = new AbortController();
    response.on("close", () => aborted.abort());
    try {
      const answer = await fetch(e.url + request.url, { signal: aborted.signal });
      response.writeHead(answer.status, {
        "Content-Type": answer.headers.get("content-type"),
      });
      for await (const chunk of answer.body) response.write(chunk);
      response.end();
    } catch {
      response.destroy();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  h.atEnd(close);
  const often = (path) => seen.filter((x) => x === path).length;
  return { url: `http://127.0.0.1:${server.address().port}`, often, close };
}

for (const [status, engine] of [[503, "has just started"], [404, "is older"]])
  test(`an engine that ${engine} has a status and a dashboard, too`, async () => {
    const e = await h.engine("");
    const x = await ignorant(e, status);
    const text = await h.signalbox("status", "--url", x.url);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^active +not known yet$/m);
    const json = await h.signalbox("status", "--json", "--url", x.url);
    assert.equal(JSON.parse(json.stdout).sessions, null);

    const before = x.often("/api/sessions");
    const page = await h.browse(x.url + "/");
    await h.until(() => x.often("/api/sessions") >= before + 3, "three looks");
    await page.until(`document.body.dataset.link === "live"`);
    assert.equal(x.often("/api/events"), 1, "one stream all the time");
    await page.close();
    x.close();
    await e.stop();
  });

test("a reload changes when silence means that somebody has left", async () => {
  const folder = h.temporaryFolder();
  const hour = '[sessions]\nexpire = "1h"\n';
  let e = await h.engine(hour, { folder });
  await h.send(e.ports[0], comes("joe"), comes("ann"));
  await kept(e, "joe", "ann");
  await e.stop();
  silence(e, "joe", 600);
  e = await h.engine(hour, { folder });
  assert.equal((await sessions(e, () => true)).total, 2);
  const file = join(folder, "signalbox.toml");
  const to = async (expire) => {
    writeFileSync(file, `${h.common}[sessions]\nexpire = "${expire}"\n`);
    return e.post("/api/reload");
  };
  assert.deepEqual((await to("2m")).json, { reloaded: "sessions" });
  const left = await sessions(e, (x) => x.expired === 1, "the expiry");
  assert.deepEqual(left.users.map((x) => x.id), ["ann"]);
  assert.deepEqual((await to("2m")).json, { reloaded: "nothing has changed" });
  const refused = await to("1s");
  assert.equal(refused.status, 400);
  assert.match(refused.json.mistakes[0], /sessions.expire: must be from 1m to 30d/);
  await e.stop();
});
