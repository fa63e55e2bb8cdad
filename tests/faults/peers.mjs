// Who receives: each tells the oracle what came, and what it answered.
import { once } from "node:events";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import http from "node:http";

import * as h from "../end_to_end/harness.mjs";
import { now } from "./oracle.mjs";

/**
 * A webhook's receiver. `mood` says what it does with a request: "well",
 * "flaky" (503 now and then), "slow", "closing", "down" (always 503), or a
 * function of (response, request).
 */
export async function hook(oracle, name, options = {}) {
  const x = { name, mood: "well" };
  const { random } = oracle;
  const refuse = (response) => {
    response.writeHead(503);
    response.end("later");
  };
  const moods = {
    well: (response) => response.end("ok"),
    flaky: (response) =>
      random.chance(0.1) ? refuse(response) : response.end("ok"),
    slow: (response) => setTimeout(() => response.end("ok"), random.int(0, 80)),
    closing: (response) => {
      if (random.chance(0.85)) return response.end("ok");
      if (random.chance(0.5)) return response.destroy();
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 2);
    },
    down: refuse,
  };
  x.server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (d) => chunks.push(d));
    request.on("error", () => {});
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      let events = [];
      try {
        events = [JSON.parse(body)].flat();
      } catch {
        oracle.complain(`${name}: not JSON: ${body.slice(0, 300)}`);
      }
      for (const one of events) oracle.checkEvent(name, one);
      const got = oracle.arrived(name, {
        life: Number(request.headers["x-life"] ?? oracle.life),
        ids: events.map((one) => one?.user?.id),
        key: request.headers["idempotency-key"],
        single: !options.batch,
      });
      response.on("finish", () => {
        got.status = response.statusCode;
        if (response.statusCode === 200) got.acked = now();
      });
      const mood = typeof x.mood === "string" ? moods[x.mood] : x.mood;
      mood(response, got);
    });
  });
  x.server.keepAliveTimeout = 60_000;
  /** Nobody listens until `open`; the port is kept. */
  x.close = () =>
    new Promise((done) => {
      x.server.close(done);
      x.server.closeAllConnections();
    });
  x.open = async () => {
    x.server.listen(x.port ?? 0, "127.0.0.1");
    await once(x.server, "listening");
    x.port = x.server.address().port;
  };
  await x.open();
  x.url = `http://127.0.0.1:${x.port}/`;
  h.atEnd(() => x.server.listening && x.close());
  return x;
}

/** Memory of a process in MiB, looked at until `stop`: the most there was. */
export function memory(pid) {
  const x = { most: 0 };
  x.look = () => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
      x.most = Math.max(x.most, Math.round(Number(kib ?? 0) / 1024));
    } catch {
      x.stop(); // It has ended.
    }
    return x.most;
  };
  const timer = setInterval(x.look, 50);
  x.stop = () => clearInterval(timer);
  h.atEnd(x.stop);
  return x;
}

/** A line: "LIFE ID TEXT end", or the half of it that a kill left. */
export const lineTemplate = (life) => `${life} {{user.id}} {{message}} end`;

function lineArrived(oracle, name, line) {
  const [, life, id, text] = /^(\d+) (\S+) (\S+) end$/.exec(line) ?? [];
  const sent = oracle.sent.get(id);
  if (sent && sent.text === text) {
    const at = now();
    oracle.arrived(name, { life: Number(life), ids: [id], at, acked: at });
    return true;
  }
  return false;
}

/** Follows a file as it grows. */
export function tail(oracle, name, path) {
  const x = { torn: [] };
  let fd;
  let at = 0;
  let rest = "";
  x.look = () => {
    try {
      fd ??= openSync(path, "r");
    } catch {
      return; // Not there yet.
    }
    const more = fstatSync(fd).size - at;
    if (more <= 0) return;
    const bytes = Buffer.alloc(more);
    at += readSync(fd, bytes, 0, more, at);
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop();
    for (const line of lines)
      if (!lineArrived(oracle, name, line))
        x.torn.push({ line, behind: oracle.of(name).at(-1) });
  };
  const timer = setInterval(x.look, 5);
  h.atEnd(() => {
    clearInterval(timer);
    if (fd !== undefined) closeSync(fd);
  });
  /** Lines that are no event: the ends that kills have cut, one a life. */
  x.check = () => {
    const lives = new Set();
    const all = oracle.of(name);
    for (const { line, behind } of x.torn) {
      const life = Number(/^\d+/.exec(line)?.[0] ?? behind?.life);
      const next = all[all.indexOf(behind) + 1];
      const { killed } = oracle.lives[life - 1] ?? {};
      const isEnd = !next || next.life > life;
      if (!killed || !isEnd || lives.has(life))
        oracle.complain(`${name}: a line of life ${life}: ${line.slice(0, 200)}`);
      lives.add(life);
    }
    return x.torn.length;
  };
  return x;
}

/** Subscribes to `topic`, whose payloads are lines as above. */
export async function ear(oracle, name, port, topic) {
  const x = await h.subscribe(port, topic);
  let rest = "";
  x.child.stdout.on("data", (d) => {
    const lines = (rest + d).split("\n");
    rest = lines.pop();
    for (const line of lines)
      if (
        line.startsWith(`${topic} `) &&
        !lineArrived(oracle, name, line.slice(topic.length + 1))
      )
        oracle.complain(`${name}: never sent: ${line.slice(0, 200)}`);
  });
  return x;
}
