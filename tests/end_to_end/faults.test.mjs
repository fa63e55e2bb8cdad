// Destinations that misbehave harm nobody else, and lose nothing that they
// need not lose.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const webhook = (name, url, more = "") => `
  [[destination]]
  name = "${name}"
  kind = "webhook"
  url = "${url}"
  retry = { attempts = 5, initial = "10ms", max = "50ms" }
  ${more}
`;

const archive = `
  [[destination]]
  name = "archive"
  kind = "file"
  path = "events.ndjson"
`;

/** Answers `first` to the first request, then 200. */
const once = (first) => (request, response, n) =>
  n === 0 ? first(response) : response.end("ok");

const status =
  (code, headers = {}, body = "") =>
  (response) => {
    response.writeHead(code, headers);
    response.end(body);
  };

const passing = {
  "503": status(503),
  "500": status(500),
  "429 with seconds": status(429, { "retry-after": "1" }),
  "429 with garbage": status(429, { "retry-after": "soon" }),
  "a connection that is closed": (response) => response.destroy(),
};

for (const [what, first] of Object.entries(passing))
  test(`${what} is tried again with the same idempotency key`, async () => {
    const hook = await h.receiver(once(first));
    const e = await h.engine(webhook("hook", hook.url));
    await h.send(e.ports[0], h.g2());
    h.assertBooks(await e.atRest(1), {
      datagrams: 1,
      events: 1,
      destinations: { hook: { delivered: 1 } },
    });
    assert.equal(hook.requests.length, 2);
    const [a, b] = hook.requests.map((r) => r.headers["idempotency-key"]);
    assert.equal(a, b);
    await e.stop();
  });

test("a Retry-After date is kept to", async () => {
  const hook = await h.receiver(
    once((response) =>
      status(429, {
        "retry-after": new Date(Date.now() + 2000).toUTCString(),
      })(response),
    ),
  );
  const e = await h.engine(webhook("hook", hook.url));
  await h.send(e.ports[0], h.g2());
  await e.atRest(1);
  const [first, second] = hook.requests;
  // HTTP dates have whole seconds: 2,000 ms ahead is at least 1,000.
  assert.ok(second.at - first.at >= 900, `${second.at - first.at} ms`);
  await e.stop();
});

test("a Teams answer of 200 that holds an error is tried again", async () => {
  const teams = await h.receiver(
    once(
      status(
        200,
        {},
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x",
      ),
    ),
  );
  const e = await h.engine(`
    [[destination]]
    name = "team"
    kind = "teams"
    url = "${teams.url}"
    retry = { attempts = 5, initial = "10ms", max = "50ms" }
  `);
  await h.send(e.ports[0], h.g2());
  h.assertBooks(await e.atRest(1), {
    datagrams: 1,
    destinations: { team: { delivered: 1 } },
  });
  assert.equal(teams.requests.length, 2);
  await e.stop();
});

test("an event that is refused is dead-lettered, and the next one delivered", async () => {
  const hook = await h.receiver(once(status(400, {}, "no\r\nsuch\u0007thing")));
  const e = await h.engine(webhook("hook", hook.url));
  await h.send(e.ports[0], h.g2({ id: "poison" }), h.g2({ id: "good" }));
  h.assertBooks(await e.atRest(2), {
    datagrams: 2,
    destinations: { hook: { delivered: 1, dead_lettered: 1 } },
  });
  assert.match(e.stderr, /destination 'hook' gave up 1 event/);
  for (const line of e.stderr.trim().split("\n"))
    assert.match(line, /^\d{4}-\d\d-\d\dT/, "one line a record");
  await e.stop();
});

test("a redirect is not followed, and the destination is named at fault", async () => {
  const elsewhere = await h.receiver();
  const hook = await h.receiver((_, response) =>
    status(302, { location: elsewhere.url })(response),
  );
  const e = await h.engine(webhook("hook", hook.url), { drain: 1 });
  await h.send(e.ports[0], h.g2());
  await h.until(async () => {
    const { destinations } = await e.get("/api/destinations");
    return destinations[0].state === "open" && destinations[0];
  }, "the breaker to open");
  assert.equal(elsewhere.requests.length, 0);
  h.assertBooks(await e.ledger(), { datagrams: 1, events: 1 });
  assert.equal((await e.stop()).code, 0);
});

test("a certificate that nobody vouches for is refused", async () => {
  const folder = h.temporaryFolder();
  const [key, cert] = ["key.pem", "cert.pem"].map((x) => join(folder, x));
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"],
    ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", key, "-out", cert],
  ], { stdio: "ignore" });
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  const hook = await h.receiver(undefined, tls);
  const e = await h.engine(
    webhook("strict", hook.url) +
      webhook("knows", hook.url, `tls = { ca = "${cert}" }`) +
      webhook("blind", hook.url, "tls = { verify = false }"),
    { drain: 1 },
  );
  await h.send(e.ports[0], h.g2());
  const books = await e.until(
    (l) =>
      l.destinations.knows.delivered === 1 &&
      l.destinations.blind.delivered === 1 &&
      l.destinations.strict.dead_lettered === 1,
    "the strict one to give up",
  );
  h.assertBooks(books, { datagrams: 1, events: 1 });
  assert.equal(hook.requests.length, 2);
  assert.match(e.stderr, /destination 'strict': .*certificate/i);
  await e.stop();
});

test("destinations that hang, stall or never were there do not delay the others", async () => {
  const good = await h.receiver();
  const slow = await h.receiver((_, response) => {
    const timer = setTimeout(() => response.end("ok"), 10_000);
    response.on("close", () => clearTimeout(timer));
  });
  const endless = await h.receiver((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x".repeat(65536)), 1);
    response.on("close", () => clearInterval(timer));
  });
  const mute = await h.tcp(() => {}); // Accepts, and never says a word.
  const nobody = await h.freePort();
  const nobodyElse = await h.freePort(); // Another account: its own pace.
  const e = await h.engine(
    webhook("slow", slow.url, 'timeout = "15s"') +
      webhook("endless", endless.url, 'timeout = "1s"') +
      webhook("mute", `http://127.0.0.1:${mute.port}`, 'timeout = "15s"') +
      `
      [[destination]]
      name = "no-slack"
      kind = "slack"
      url = "http://127.0.0.1:${nobody}/"
      retry = { attempts = 0 }
      [[destination]]
      name = "no-teams"
      kind = "teams"
      url = "http://127.0.0.1:${nobodyElse}/"
      retry = { attempts = 0 }
      [[destination]]
      name = "no-broker"
      kind = "mqtt"
      url = "mqtt://127.0.0.1:${nobody}"
      retry = { attempts = 0 }
      ` +
      webhook("good", good.url) +
      archive,
    { drain: 1 },
  );
  const began = Date.now();
  for (let i = 0; i < 20; ++i) await h.send(e.ports[0], h.g2({ id: `u${i}` }));
  const books = await e.until(
    (l) =>
      l.destinations.good.delivered === 20 &&
      l.destinations.archive.delivered === 20,
    "the good ones to be delivered",
  );
  // Sooner than any of the bad ones can have answered.
  assert.ok(Date.now() - began < 9_000, "delivered at once");
  h.assertBooks(books, { datagrams: 20, events: 20 });
  await h.until(async () => {
    const { destinations } = await e.get("/api/destinations");
    return destinations
      .filter((x) => x.name.startsWith("no-"))
      .every((x) => x.last_error !== "");
  }, "those that were never there to say why");

  // SIGTERM with all of that hanging: the deadline holds, the exit is clean,
  // and what was not delivered is named.
  const asked = Date.now();
  const { code } = await e.stop();
  assert.equal(code, 0);
  assert.ok(Date.now() - asked < 6_000, "the deadline holds");
  assert.match(e.stderr, /destination 'slow' did not take \d+ event/);
  assert.match(e.stderr, /ledger balanced/);
});

test("a broker that goes away and comes back gets every event", async () => {
  const port = await h.freePort();
  let broker = await h.mosquitto(port);
  const e = await h.engine(`
    [[destination]]
    name = "broker"
    kind = "mqtt"
    url = "mqtt://127.0.0.1:${port}"
    qos = 1
    retain = true
    retry = { attempts = 0, initial = "50ms", max = "200ms" }
    payload = "{{user.id}}"
    [destination.topics]
    connection_open = "seen/{{user.id}}"
  `);
  const half = (from) =>
    Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        h.send(e.ports[0], h.g2({ id: `u${from + i}` })),
      ),
    );
  let ear = await h.subscribe(port, "seen/#");
  await half(0);
  await h.until(() => ear.messages().length >= 1, "the first message");
  const seen = new Set();
  const hear = () => ear.messages().forEach((m) => seen.add(m.split(" ")[1]));
  // Everything that this broker has acknowledged must have been heard before
  // it goes: it keeps nothing.
  await e.until((l) => l.destinations.broker.delivered === 100);
  await h.until(() => (hear(), seen.size === 100), "the first hundred");
  await broker.stop();
  await half(100);
  await e.until((l) => l.events.journaled === 200);
  broker = await h.mosquitto(port);
  ear = await h.subscribe(port, "seen/#");
  h.assertBooks(await e.atRest(200), {
    datagrams: 200,
    events: 200,
    destinations: { broker: { delivered: 200 } },
  });
  await h.until(() => (hear(), seen.size === 200), "the second hundred");
  await e.stop();
});
