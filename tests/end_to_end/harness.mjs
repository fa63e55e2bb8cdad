// Runs the real binary against real peers. Everything started here is ended by
// its own process id, and every wait has a bound and a condition.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const binary = process.env.SIGNALBOX_BIN;
assert.ok(binary, "SIGNALBOX_BIN must name the signalbox executable");

/** How long anything may take before a test gives up, in milliseconds. */
export const patience = 20_000;

const cleanups = [];
after(async () => {
  for (const f of cleanups.reverse()) await f();
});
export function atEnd(f) {
  cleanups.push(f);
}

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "signalbox-test-"));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/**
 * Polls until `probe` gives something true, and returns it. Gives up after
 * `atMost` milliseconds.
 */
export async function until(probe, what, atMost = patience) {
  const end = Date.now() + atMost;
  for (;;) {
    const x = await probe();
    if (x) return x;
    if (Date.now() > end) throw new Error(`gave up waiting: ${what}`);
    await new Promise((done) => setImmediate(() => setTimeout(done, 10)));
  }
}

/** A child process whose output is kept. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const x = { child, stdout: "", stderr: "" };
  child.stdout.on("data", (d) => (x.stdout += d));
  child.stderr.on("data", (d) => (x.stderr += d));
  x.ended = new Promise((done) =>
    child.on("close", (code, signal) => done({ code, signal })),
  );
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await x.ended;
    }
  });
  return x;
}

/** Runs the binary to its end. */
export async function signalbox(...args) {
  const x = start(binary, args);
  const { code } = await x.ended;
  return { code, stdout: x.stdout, stderr: x.stderr };
}

/** One listener and the admin interface on free loopback ports. */
export const common = `
[[listen]]
address = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
`;

/**
 * The engine, running. `config` is TOML behind `common`, unless `options.whole`
 * says that it is all there is.
 */
export async function engine(config, options = {}) {
  const folder = options.folder ?? temporaryFolder();
  const file = join(folder, "signalbox.toml");
  writeFileSync(file, options.whole ? config : common + config);
  const x = start(
    binary,
    ["run", "--config", file, "--drain", String(options.drain ?? 10)],
    { cwd: folder, env: { ...process.env, ...options.env } },
  );
  await until(() => {
    if (x.child.exitCode !== null)
      throw new Error(`the engine ended at once:\n${x.stderr}`);
    return / ready$/m.test(x.stderr);
  }, "the engine to be ready");
  const ports = [...x.stderr.matchAll(/listener '.*' on \S+:(\d+),/g)];
  const admin = /dashboard on (http:\/\/\S+)\//.exec(x.stderr);
  x.folder = folder;
  x.ports = ports.map((m) => Number(m[1]));
  x.url = admin?.[1];
  x.get = async (path, init) => {
    const answer = await fetch(x.url + path, init);
    assert.equal(answer.status, 200, `${path}: ${answer.status}`);
    return answer.headers.get("content-type").includes("json")
      ? answer.json()
      : answer.text();
  };
  x.post = async (path, headers = {}) => {
    const answer = await fetch(x.url + path, { method: "POST", headers });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, text, json: isJson && JSON.parse(text) };
  };
  x.ledger = () => x.get("/api/ledger");
  x.letters = (query = "") => x.get("/api/dead-letters" + query);
  x.until = (holds, what) =>
    until(async () => {
      const l = await x.ledger();
      return holds(l) && l;
    }, what ?? `the ledger: ${holds}`);
  /** The ledger, once so many datagrams came in and nothing is on its way. */
  x.atRest = (datagrams) =>
    x.until(
      (l) =>
        l.ingest.received + l.ingest.kernel_dropped === datagrams &&
        isAtRest(l),
      `${datagrams} datagrams to be delivered or accounted for`,
    );
  x.stop = async (signal = "SIGTERM") => {
    x.child.kill(signal);
    return x.ended;
  };
  return x;
}

function isAtRest(l) {
  return (
    l.ingest.in_flight === 0 &&
    l.events.in_flight === 0 &&
    Object.values(l.destinations).every((d) => d.waiting + d.in_flight === 0)
  );
}

const sum = (xs) => xs.reduce((a, b) => a + b, 0);

/**
 * The books balance by their own word and by ours, and they agree with what
 * the test sent: so many datagrams, and for each destination its terms.
 */
export function assertBooks(l, { datagrams, events, destinations = {} }) {
  const { ingest: i, events: e } = l;
  assert.equal(l.balanced, true);
  assert.equal(i.received + i.kernel_dropped, datagrams, "datagrams sent");
  assert.equal(i.received, i.parsed + sum(Object.values(i.rejected)));
  if (events !== undefined) assert.equal(e.parsed, events, "events sent");
  assert.equal(
    e.parsed,
    e.excluded + e.duplicate + e.limited + e.journaled + e.shed,
  );
  for (const [name, d] of Object.entries(l.destinations)) {
    const terms = ["not_matched", "delivered", "folded", "dead_lettered"];
    terms.push("expired", "dropped", "waiting", "in_flight");
    assert.equal(sum(terms.map((t) => d[t])), e.journaled, name);
  }
  for (const [name, terms] of Object.entries(destinations))
    for (const [term, n] of Object.entries(terms))
      assert.equal(l.destinations[name][term], n, `${name}.${term}`);
}

const udp = createSocket("udp4");
udp.unref();
atEnd(() => udp.close());

/** Sends datagrams (strings or buffers) to a loopback port, in order. */
export async function send(port, ...datagrams) {
  for (const x of datagrams)
    await new Promise((done, fail) =>
      udp.send(x, port, "127.0.0.1", (e) => (e ? fail(e) : done())),
    );
}

/** A G2 datagram, as Qlik Sense sends it. */
export function g2({
  command = "Open connection",
  host = "pro2-win1",
  directory = "LAB",
  id = "goran",
  origin = "AppAccess",
  context = "/app/a421f4a2-c311-4ef4-ba41-fe2e6a2b0d69",
  message = "Some text",
} = {}) {
  const type = command.endsWith("session") ? "session" : "connection";
  return `/qseow-proxy-${type}/;${host};${command};${directory};${id};${origin};${context};${message}`;
}

/**
 * An HTTP receiver that keeps what it was sent. `answer(request, response,
 * n)` answers the n-th request, from 0; by default 200 and `ok`.
 */
export async function receiver(answer, tls) {
  const x = { requests: [] };
  const serve = (request, response) => {
    const chunks = [];
    request.on("data", (d) => chunks.push(d));
    request.on("error", () => {});
    request.on("end", () => {
      const got = {
        method: request.method,
        path: request.url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
        at: Date.now(),
      };
      x.requests.push(got);
      if (answer) answer(got, response, x.requests.length - 1);
      else response.end("ok");
    });
  };
  x.server = tls ? https.createServer(tls, serve) : http.createServer(serve);
  x.server.listen(0, "127.0.0.1");
  await once(x.server, "listening");
  x.port = x.server.address().port;
  x.url = `${tls ? "https" : "http"}://127.0.0.1:${x.port}`;
  x.close = () =>
    new Promise((done) => {
      x.server.close(done);
      x.server.closeAllConnections();
    });
  atEnd(() => x.server.listening && x.close());
  return x;
}

/** A TCP listener that does to each connection what `meet` says. */
export async function tcp(meet) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    meet(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(
    () =>
      new Promise((done) => {
        for (const s of sockets) s.destroy();
        server.close(done);
      }),
  );
  return { port: server.address().port, sockets };
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Debian's mosquitto on a port of its own; `lines` go into its config. */
export async function mosquitto(port, lines = []) {
  const folder = temporaryFolder();
  const file = join(folder, "mosquitto.conf");
  writeFileSync(
    file,
    [
      `listener ${port} 127.0.0.1`,
      ...(lines.length > 0 ? lines : ["allow_anonymous true"]),
      "persistence false",
      "max_queued_messages 0",
      "user root",
      "",
    ].join("\n"),
  );
  const path = `${process.env.PATH}:/usr/sbin`;
  const x = start("mosquitto", ["-c", file], {
    env: { ...process.env, PATH: path },
  });
  await until(async () => {
    if (x.child.exitCode !== null) throw new Error(x.stderr + x.stdout);
    return reachable(port);
  }, "mosquitto to listen");
  x.stop = async () => {
    x.child.kill("SIGTERM");
    await x.ended;
  };
  return x;
}

export function reachable(port) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => done(false));
  });
}

/** Messages that a broker delivers, as `topic payload` lines. */
export async function subscribe(port, topic, args = []) {
  // Line by line: its reports are buffered otherwise.
  const x = start("stdbuf", [
    ...["-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", String(port), "-t", topic],
    ...["-q", "1", "-F", "%t %p", "-d", ...args],
  ]);
  await until(() => /Subscribed/.test(x.stdout), "the subscription");
  x.messages = () =>
    x.stdout
      .split("\n")
      .filter((line) => line && !/^(Client |Subscribed)/.test(line));
  return x;
}

/**
 * A page in headless Chromium, spoken to through a pipe (DevTools protocol).
 * `run(script)` is what the script's last expression comes to, there.
 */
export async function browse(url) {
  const x = start(
    "chromium",
    [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
      ...["--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
      ...[`--user-data-dir=${temporaryFolder()}`, "--remote-debugging-pipe"],
    ],
    { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] },
  );
  const [, , , requests, answers] = x.child.stdio;
  requests.on("error", () => {});
  const open = new Map();
  let text = "";
  answers.on("data", (d) => {
    text += d;
    const messages = text.split("\0");
    text = messages.pop();
    for (const m of messages.map((one) => JSON.parse(one))) {
      open.get(m.id)?.(m);
      open.delete(m.id);
    }
  });
  let last = 0;
  const ask = async (method, params = {}, sessionId) => {
    const id = ++last;
    const answered = new Promise((done) => open.set(id, done));
    requests.write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    const { error, result } = await answered;
    assert.equal(error, undefined, method);
    return result;
  };
  const { targetId } = await ask("Target.createTarget", { url });
  const { sessionId } = await ask("Target.attachToTarget", {
    targetId,
    flatten: true,
  });
  x.ask = (method, params) => ask(method, params, sessionId);
  x.run = async (expression) => {
    const { result, exceptionDetails } = await x.ask("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    assert.equal(exceptionDetails, undefined, expression);
    return result.value;
  };
  x.until = (expression) => until(() => x.run(expression), expression);
  x.close = async () => {
    await ask("Browser.close");
    return x.ended;
  };
  return x;
}
