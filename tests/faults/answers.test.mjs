// Receivers that answer wrongly, slowly, or without end: they are asked again
// with measure, nobody else notices, and when they are healed they get all.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { Oracle, assertReadable, datagram, now, pause } from "./oracle.mjs";
import { randomness, times, within } from "./oracle.mjs";
import { memory, tail, lineTemplate } from "./peers.mjs";

const status = (code, headers, body) => (response) => {
  response.writeHead(code, headers);
  response.end(body);
};
const tooMany = (after) => status(429, { "retry-after": after }, "slow down");

/** What an HTTP server does. */
const answers = {
  "429-negative": tooMany("-5"),
  "429-huge": tooMany("99999999999999999999"),
  "429-past": tooMany("Sun, 06 Nov 1994 08:49:37 GMT"),
  "429-garbage": tooMany("soon; or \u00fflater"),
  "429-empty": tooMany(""),
  "429-fraction": tooMany("0.25"),
  "429-zero": tooMany("0"),
  "429-without": status(429, {}, ""),
  503: status(503, {}, "<html>\r\n\u001b[31mlater\u0007</html>"),
  "500-huge": status(500, {}, "x".repeat(10 * 2 ** 20)),
  "500-endless": (response) => {
    response.writeHead(500);
    const timer = setInterval(() => response.write("x".repeat(65536)), 5);
    response.on("close", () => clearInterval(timer));
  },
  "200-drip": (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 100);
    response.on("close", () => clearInterval(timer));
  },
  slow: (response) => {
    const timer = setTimeout(() => response.end("ok"), 10_000);
    response.on("close", () => clearTimeout(timer));
  },
  "closes-instead": (response) => response.destroy(),
  "closes-meanwhile": (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half of");
    setTimeout(() => response.destroy(), 5);
  },
  301: status(301, { location: "/elsewhere" }, ""),
  304: status(304, {}, ""),
  999: status(999, {}, ""),
};

/** What a socket does once it has heard something. */
const says = (text) => (socket) =>
  socket.once("data", () => {
    socket.write(text);
  });
const saysAndEnds = (text) => (socket) =>
  socket.once("data", () => socket.end(text));
const repeats = (first, more) => (socket) =>
  socket.once("data", () => {
    socket.write(first);
    const timer = setInterval(() => socket.write(more), 5);
    socket.on("close", () => clearInterval(timer));
  });
const sockets = {
  "half-open": (socket) => socket.once("data", () => socket.end()),
  mute: () => {},
  "closes-at-once": (socket) => socket.destroy(),
  resets: (socket) => socket.once("data", () => socket.resetAndDestroy()),
  "no-http": saysAndEnds("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
  "http-without-end": says("HTTP/1.1 200 OK"),
  "short-answer": saysAndEnds(
    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
  ),
  "two-lengths": saysAndEnds(
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 50\r\n\r\nok",
  ),
  "bad-length": saysAndEnds(
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
  ),
  "bad-chunks": saysAndEnds(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n",
  ),
  "endless-headers": repeats("HTTP/1.1 200 OK\r\n", `X: ${"y".repeat(8000)}\r\n`),
  "endless-continue": repeats("", "HTTP/1.1 100 Continue\r\n\r\n"),
  "nul-bytes": saysAndEnds(`HTTP/1.1 200 OK\r\nX: ${"\0".repeat(9)}\r\n\r\n`),
};

/** Some answers are strange, and still good: what is sent there is delivered. */
const good = {
  204: status(204, {}, ""),
  "200-endless": (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x".repeat(65536)), 5);
    response.on("close", () => clearInterval(timer));
  },
  "200-huge": status(200, {}, "x".repeat(10 * 2 ** 20)),
  plain: (response) => response.end("ok"),
};

/** Refuses each event: a dead letter, and never a second request. */
const refusals = {
  400: status(400, {}, "no\r\nsuch\u0007thing \u202e" + "long ".repeat(10000)),
  422: status(422, { "retry-after": "1" }, ""),
};

/** Misbehaves as told until it is healed. */
async function patient(oracle, name, answer, meet) {
  const x = { name, requests: 0, connections: 0, healed: false, paths: [] };
  const open = new Set();
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (d) => chunks.push(d));
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("end", () => {
      ++x.requests;
      x.paths.push(request.url);
      const event = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      oracle.checkEvent(name, event);
      const got = oracle.arrived(name, {
        life: 1,
        ids: [event.user.id],
        key: request.headers["idempotency-key"],
        single: true,
      });
      if (x.healed || !answer) {
        response.on("finish", () => (got.acked = now()));
        response.end("ok");
      } else {
        // Whatever is good is judged by the engine; see the ledger.
        answer(response);
      }
    });
  });
  const gate = net.createServer({ allowHalfOpen: name === "half-open" });
  gate.on("connection", (socket) => {
    ++x.connections;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    if (meet && !x.healed) meet(socket);
    else server.emit("connection", socket);
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  x.url = `http://127.0.0.1:${gate.address().port}/hook`;
  x.heal = () => {
    x.healed = true;
    x.asked = Math.max(x.requests, x.connections * (meet ? 1 : 0));
    for (const socket of open) socket.destroy();
  };
  h.atEnd(
    () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy();
        gate.close(done);
      }),
  );
  return x;
}

test("receivers that misbehave are asked with measure, and harm nobody", async () => {
  const random = randomness("answers");
  const oracle = new Oracle(random);
  const life = oracle.begins();
  const bad = [];
  for (const [name, answer] of Object.entries(answers))
    bad.push(await patient(oracle, name, answer));
  for (const [name, meet] of Object.entries(sockets))
    bad.push(await patient(oracle, name, undefined, meet));
  const fine = [];
  for (const [name, answer] of Object.entries(good))
    fine.push(await patient(oracle, `fine-${name}`, answer));
  const refusing = [];
  for (const [name, answer] of Object.entries(refusals))
    refusing.push(await patient(oracle, `refuses-${name}`, answer));
  const all = [...bad, ...fine, ...refusing];
  const e = await h.engine(
    all
      .map(
        (x) => `
  [[destination]]
  name = "${x.name}"
  kind = "webhook"
  url = "${x.url}"
  timeout = "${x.name === "slow" ? 20 : 2}s"
  retry = { attempts = 0, initial = "100ms", max = "1s" }
`,
      )
      .join("") +
      `
  [[destination]]
  name = "archive"
  kind = "file"
  path = "archive.txt"
  template = "${lineTemplate(life)}"
`,
    { drain: 1 },
  );
  const archive = tail(oracle, "archive", `${e.folder}/archive.txt`);
  const rss = memory(e.child.pid);

  // For so long they misbehave.
  const seconds = times(11, 90);
  const events = 40;
  const began = now();
  for (let i = 0; i < events; ++i) {
    await h.send(e.ports[0], datagram(oracle.event()));
    await pause(100);
  }
  await within(
    5_000,
    async () => {
      const l = await e.ledger();
      return (
        [...fine, { name: "archive" }].every(
          (x) => l.destinations[x.name].delivered === events,
        ) &&
        refusing.every(
          (x) => l.destinations[x.name].dead_lettered === events,
        )
      );
    },
    "those that work to be delivered",
  );
  const late = oracle
    .of("fine-plain")
    .map((x) => x.at - oracle.sent.get(x.ids[0]).at);
  const slowest = Math.max(...late);
  for (const x of fine) assert.equal(x.requests, events, x.name);
  for (const x of refusing) assert.equal(x.requests, events, x.name);
  archive.look();
  oracle.checkOrder("archive");
  await pause(seconds * 1000 - (now() - began));

  // Five failures, and then a probe after 5, 10, 20, ... seconds; libcurl asks
  // once more itself when a connection that was kept is closed.
  const most = 5 + Math.ceil(Math.log2(seconds / 5 + 1)) + 1;
  const states = await e.get("/api/destinations");
  const asked = {};
  for (const x of bad) {
    x.heal();
    asked[x.name] = x.asked;
    const d = states.destinations.find((one) => one.name === x.name);
    if (x.name === "slow") continue;
    assert.ok(x.asked >= 1, x.name);
    assert.ok(
      x.asked <= most || /close|reset|304/.test(x.name),
      `${x.name}: ${x.asked} requests, ${most} at most`,
    );
    assert.ok(x.asked <= 2 * most, `${x.name}: ${x.asked} requests`);
    assert.match(d.last_error, /\S/, x.name);
    assert.ok(d.last_error.length < 400, `${x.name}: ${d.last_error}`);
    assert.doesNotMatch(d.last_error, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
  console.log(
    JSON.stringify({
      asked,
      most,
      slowestOfOthers: `${slowest.toFixed(0)} ms`,
      rss: `${rss.look()} MiB`,
    }),
  );
  assert.ok(slowest < 1000, `the others were delayed: ${slowest} ms`);
  for (const x of bad)
    assert.ok(
      x.paths.every((path) => path === "/hook"),
      `${x.name} was followed elsewhere`,
    );

  // Healed: all of it arrives, but where ten minutes were asked for.
  const healed = bad.filter((x) => x.name !== "429-huge");
  await within(
    60_000 + seconds * 1500,
    async () => {
      const l = await e.ledger();
      return healed.every((x) => l.destinations[x.name].delivered === events);
    },
    "all that are healed to be delivered",
  );
  assert.equal(bad.find((x) => x.name === "429-huge").requests, 1);
  for (const x of [...bad, ...fine]) {
    oracle.checkKeys(x.name);
    oracle.checkOrder(x.name);
    oracle.checkRepeats(x.name);
  }
  oracle.verdict();
  h.assertBooks(await e.ledger(), { datagrams: events, events });
  const { code } = await e.stop();
  assert.equal(code, 0);
  if (process.env.FAULT_LOGS) console.log(e.stderr);
  assertReadable(e.stderr, all.length * 4 + 30);
  assert.doesNotMatch(e.stderr, /'refuses-...': .* waits/, "it does not wait");
  assert.ok(rss.most < 120, `${rss.most} MiB`);
});
