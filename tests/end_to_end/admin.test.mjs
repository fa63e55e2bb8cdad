// The admin interface and the dashboard.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";

import * as h from "./harness.mjs";

/** A request with any headers, which fetch would not send. */
function ask(url, path, headers = {}, method = "GET") {
  return new Promise((done, fail) =>
    http
      .request(url + path, { headers, method }, (response) => {
        let body = "";
        response.on("data", (d) => (body += d));
        response.on("end", () =>
          done({ status: response.statusCode, headers: response.headers, body }),
        );
      })
      .on("error", fail)
      .end(),
  );
}

test("health, readiness and metrics answer", async () => {
  const e = await h.engine("");
  assert.equal((await ask(e.url, "/healthz")).status, 200);
  assert.equal((await ask(e.url, "/readyz")).status, 200);
  const metrics = await ask(e.url, "/metrics");
  assert.match(metrics.headers["content-type"], /^text\/plain; version=0\.0\.4/);
  for (const name of [
    "signalbox_ledger_imbalance 0",
    "signalbox_datagrams_received_total 0",
    'signalbox_listener_receive_buffer_bytes\\{',
  ])
    assert.match(metrics.body, new RegExp(`^${name}`, "m"));
  assert.equal((await ask(e.url, "/nothing")).status, 404);
  await e.stop();
});

test("the ledger has exactly the documented names", async () => {
  const e = await h.engine(`
    [[destination]]
    name = "broker"
    kind = "file"
    path = "x"
  `);
  const l = await e.until((x) => x.destinations.broker);
  assert.deepEqual(
    Object.keys(l.ingest.rejected),
    ["malformed", "oversized", "source", "encoding"],
  );
  const has = (o, names) => {
    for (const n of names.split(" ")) assert.equal(typeof o[n], "number", n);
  };
  has(l.ingest, "received kernel_dropped parsed");
  has(l.events, "parsed excluded duplicate limited journaled shed");
  has(
    l.destinations.broker,
    "not_matched delivered folded dead_lettered expired dropped waiting in_flight",
  );
  await e.stop();
});

test("the live tail shows events as they arrive, filtered when asked", async () => {
  const e = await h.engine("");
  const frames = { all: "", some: "" };
  const stop = new AbortController();
  for (const [name, query] of [
    ["all", ""],
    ["some", "?match=user:LAB/a*&match=kind:connection_open"],
  ])
    fetch(`${e.url}/api/events${query}`, { signal: stop.signal })
      .then(async (answer) => {
        const decoder = new TextDecoder();
        for await (const chunk of answer.body)
          frames[name] += decoder.decode(chunk, { stream: true });
      })
      .catch(() => {});
  await h.until(
    () => /event: light/.test(frames.all) && /event: light/.test(frames.some),
    "the tails to open",
  );
  await h.send(
    e.ports[0],
    h.g2({ id: "ann" }),
    h.g2({ id: "bob" }),
    h.g2({ id: "abe", command: "Close connection" }),
  );
  await h.until(() => /"abe"/.test(frames.all), "the events");
  assert.match(frames.all, /^data: \{.*"id":"ann"/m);
  assert.match(frames.all, /"id":"bob"/);
  await h.send(e.ports[0], h.g2({ id: "amy" }));
  await h.until(() => /"amy"/.test(frames.some), "the filtered event");
  assert.doesNotMatch(frames.some, /"bob"|"abe"/);
  stop.abort();
  assert.equal((await ask(e.url, "/api/events?match=nonsense")).status, 400);
  await e.stop();
});

test("a page elsewhere cannot reach the loopback interface by another name", async () => {
  const e = await h.engine("");
  const evil = await ask(e.url, "/api/ledger", { host: "evil.example" });
  assert.equal(evil.status, 421);
  const fine = await ask(e.url, "/api/ledger", { host: "localhost:9796" });
  assert.equal(fine.status, 200);
  await e.stop();
});

test("with a token, only those who have it get in", async () => {
  const e = await h.engine(
    `
    [[listen]]
    address = "127.0.0.1:0"
    [admin]
    listen = "127.0.0.1:0"
    token = "s3cret-token"
  `,
    { whole: true },
  );
  assert.equal((await ask(e.url, "/api/ledger")).status, 401);
  assert.equal((await ask(e.url, "/metrics")).status, 401);
  assert.equal(
    (await ask(e.url, "/api/ledger", { authorization: "Bearer wrong" })).status,
    401,
  );
  const good = await ask(e.url, "/api/ledger", {
    authorization: "Bearer s3cret-token",
  });
  assert.equal(good.status, 200);
  assert.equal((await ask(e.url, "/healthz")).status, 200);
  assert.equal((await ask(e.url, "/")).status, 200);
  assert.ok(!e.stderr.includes("s3cret"));
  await e.stop();
});

const changing = [
  ...["/api/reload", "/api/drain", "/api/dead-letters/retry"],
  "/api/dead-letters/purge?all=true",
];

test("a page elsewhere can change nothing", async () => {
  const e = await h.engine("");
  const { host } = new URL(e.url);
  const foreign = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: `http://localhost:${e.ports[0]}` },
    { origin: `http://${host}.evil.example` },
    { origin: `http://evil.example/http://${host}` },
    { origin: e.url, "sec-fetch-site": "cross-site" },
    { origin: e.url, "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
  ];
  for (const path of changing)
    for (const headers of foreign) {
      const answer = await ask(e.url, path, headers, "POST");
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
  const renamed = { host: "evil.example", origin: "http://evil.example" };
  assert.equal((await ask(e.url, changing[0], renamed, "POST")).status, 421);
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS"])
    for (const path of changing)
      assert.equal((await ask(e.url, path, {}, method)).status, 404, method);
  assert.equal((await ask(e.url, "/readyz")).status, 200);

  const ours = [{}, { origin: e.url, "sec-fetch-site": "same-origin" }];
  ours.push({ "sec-fetch-site": "none" });
  for (const headers of ours)
    for (const path of changing.filter((x) => x !== "/api/drain"))
      assert.equal((await ask(e.url, path, headers, "POST")).status, 200);
  assert.doesNotMatch(e.stderr, /draining/);
  await e.stop();
});

test("the body of a request that was refused is no request", async () => {
  const e = await h.engine("");
  const { host, port } = new URL(e.url);
  const inner = `POST /api/drain HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`;
  const socket = net.connect(Number(port), "127.0.0.1");
  let text = "";
  socket.on("data", (d) => (text += d));
  socket.on("error", () => {}); // It may be cut off.
  const closed = once(socket, "close");
  socket.write(
    `POST /api/reload HTTP/1.1\r\nHost: ${host}\r\n` +
      "Origin: http://evil.example\r\nContent-Type: text/plain\r\n" +
      `Content-Length: ${inner.length}\r\n\r\n`,
  );
  await h.until(() => / 403 /.test(text), "the refusal");
  socket.write(inner);
  await closed;
  assert.equal(text.match(/^HTTP\/1\.1 /gm).length, 1, text);
  assert.match(text, /^HTTP\/1\.1 403 /);
  assert.equal((await ask(e.url, "/readyz")).status, 200);
  assert.doesNotMatch(e.stderr, /draining/);
  await e.stop();
});

test("with a token, it is all that changes need", async () => {
  const e = await h.engine(
    `
    [[listen]]
    address = "127.0.0.1:0"
    [admin]
    listen = "127.0.0.1:0"
    token = "s3cret-token"
  `,
    { whole: true },
  );
  for (const path of changing) {
    const answer = await ask(e.url, path, { origin: e.url }, "POST");
    assert.equal(answer.status, 401, path);
  }
  const authorization = "Bearer s3cret-token";
  for (const origin of [e.url, "https://proxy.example"]) {
    const good = await ask(e.url, changing[0], { authorization, origin }, "POST");
    assert.equal(good.status, 200);
  }
  for (const command of [["status"], ["reload"], ["dead-letters", "list"]]) {
    const bare = await h.signalbox(...command, "--url", e.url);
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /asks for its token: .*--token-file/);
  }
  await e.stop();
});

test("an engine that stops keeps nobody waiting", async () => {
  const e = await h.engine("");
  const asked = Array.from({ length: 30 }, (_, i) =>
    e.post(changing[i % 2 === 0 ? 0 : 2]).catch(() => {}),
  );
  const start = Date.now();
  assert.equal((await e.stop()).code, 0);
  assert.ok(Date.now() - start < 5_000, `${Date.now() - start} ms`);
  await Promise.all(asked);
});

/** What the page shows after its scripts ran, in headless Chromium. */
async function rendered(url) {
  const x = h.start("chromium", [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
    ...["--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync"],
    ...[`--user-data-dir=${h.temporaryFolder()}`, "--virtual-time-budget=4000"],
    ...["--dump-dom", url],
  ]);
  await x.ended;
  return x.stdout;
}

test("the dashboard shows events, lamp, destinations and books, and runs nothing that it was sent", async () => {
  const e = await h.engine(`
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
    [[light]]
    name = "desk"
    driver = "virtual"
    [[light.on]]
    match = { kind = "connection_open" }
    effect = { show = "on", color = "green", for = "600s" }
  `);
  const page = await ask(e.url, "/");
  assert.equal(page.status, 200);
  const policy = page.headers["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(page.headers["x-content-type-options"], "nosniff");
  const attack = "<img src=x onerror=document.title='owned'>";
  await h.send(e.ports[0], h.g2({ id: "ann" }), h.g2({ id: attack }));
  await e.until((l) => l.destinations.archive.delivered === 2);
  const dom = await rendered(e.url + "/");
  assert.match(dom, /ann/);
  assert.match(dom, /desk/);
  assert.match(dom, /archive/);
  assert.match(dom, /&lt;img src=x onerror/);
  assert.doesNotMatch(dom, /<img src=/);
  assert.doesNotMatch(dom, /<title>owned/);
  assert.match(dom, /balance/i);
  await e.stop();
});
