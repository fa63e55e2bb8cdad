// Every destination is down, and the engine is restarted meanwhile: the disk
// grows, memory does not, and when they are back everything comes in order.
import assert from "node:assert/strict";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { Oracle, assertReadable, datagram, full, now, pause } from "./oracle.mjs";
import { randomness, times, within } from "./oracle.mjs";
import { ear, hook, lineTemplate, memory, tail } from "./peers.mjs";

const MiB = 2 ** 20;
const most = 8 + 100; // MiB: journal.max_memory, and all else
const retry = 'retry = { attempts = 0, initial = "100ms", max = "1s" }';
const inHand = 1024; // events, of a file: the most of the three
const kinds = ["hook", "archive", "broker"];

const configuration = (life, peers, journal) => `
  [[listen]]
  address = "127.0.0.1:0"
  [admin]
  listen = "127.0.0.1:0"
  [journal]
  linger = "0s"
  max_memory = "8MiB"
  ${journal}
  [[destination]]
  name = "hook"
  kind = "webhook"
  url = "${peers.hook.url}"
  headers = { "X-Life" = "${life}" }
  batch = 50
  ${retry}
  [[destination]]
  name = "archive"
  kind = "file"
  path = "elsewhere/archive.txt"
  template = "${lineTemplate(life)}"
  ${retry}
  [[destination]]
  name = "broker"
  kind = "mqtt"
  url = "mqtt://127.0.0.1:${peers.broker}"
  qos = 1
  payload = "${lineTemplate(life)}"
  ${retry}
  [destination.topics]
  connection_open = "seen"
`;

/** Sends at a steady rate, each event of about a KiB in memory. */
async function sendFor(seconds, rate, oracle, e, watch) {
  const began = now();
  let sent = 0;
  for (let at = 0; at < seconds * 1000; at = now() - began) {
    for (; sent < (at / 1000) * rate; ++sent)
      await h.send(e.ports[0], datagram(oracle.event(600)));
    await watch();
    await pause(5);
  }
}

async function run(what, { seconds, rate, journal }, judge) {
  const random = randomness(what);
  const oracle = new Oracle(random);
  const folder = h.temporaryFolder();
  const peers = { hook: await hook(oracle, "hook"), broker: await h.freePort() };
  // Nobody listens, and a folder cannot be made where there is a file.
  await peers.hook.close();
  writeFileSync(join(folder, "elsewhere"), "");

  let rss = 0;
  const live = async () => {
    const x = {};
    const life = oracle.begins();
    x.e = await h.engine(configuration(life, peers, journal), {
      folder,
      whole: true,
      drain: 1,
    });
    x.memory = memory(x.e.child.pid);
    x.base = (await x.e.ledger()).events.journaled;
    let next = 0;
    x.look = async () => {
      if (now() < next) return;
      next = now() + 100;
      const l = await x.e.ledger();
      assert.equal(l.balanced, true);
      assert.equal(l.ingest.kernel_dropped, 0);
      oracle.journaled(l.events.journaled - x.base);
    };
    x.end = async (signal) => {
      const killed = signal === "SIGKILL";
      if (killed) x.e.child.kill(signal);
      const { code } = await x.e.stop(signal);
      oracle.ended(killed);
      if (!killed) assert.equal(code, 0);
      x.memory.stop();
      rss = Math.max(rss, x.memory.most);
      // A breaker for each destination says its word twice a pause.
      assertReadable(x.e.stderr);
      if (process.env.FAULT_LOGS) console.log(x.e.stderr);
    };
    return x;
  };

  // A third each: an orderly stop, a kill, and the return.
  let x = await live();
  await sendFor(seconds / 3, rate, oracle, x.e, x.look);
  const allJournaled = async () => {
    const l = await x.e.ledger();
    oracle.journaled(l.events.journaled - x.base);
    const mine = oracle.inOrder.filter((one) => one.life === oracle.life);
    return oracle.lives.at(-1).sure === mine.length;
  };
  await within(10_000, allJournaled, "the first third to be journaled");
  await x.end("SIGTERM");
  x = await live();
  await sendFor(seconds / 3, rate, oracle, x.e, x.look);
  await x.end("SIGKILL");
  x = await live();
  await sendFor(seconds / 3, rate, oracle, x.e, x.look);
  await within(10_000, allJournaled, "the last third to be journaled");
  const before = await x.e.get("/api/destinations");
  assert.deepEqual(
    before.destinations.map((d) => d.state),
    ["open", "open", "open"],
  );
  const size = statSync(join(folder, "signalbox-data/journal.db")).size;

  // All are back; the load goes on for a moment.
  rmSync(join(folder, "elsewhere"));
  await h.mosquitto(peers.broker);
  await ear(oracle, "broker", peers.broker, "seen");
  const archive = tail(
    oracle,
    "archive",
    join(folder, "elsewhere/archive.txt"),
  );
  await peers.hook.open();
  const back = now();
  await sendFor(1, rate, oracle, x.e, x.look);
  await within(10_000, allJournaled, "the rest to be journaled");
  // Breakers pause for as long again as the outage has lasted so far.
  const books = await within(
    30_000 + seconds * 1500,
    async () => {
      const l = await x.e.ledger();
      return (
        Object.values(l.destinations).every(
          (d) => d.waiting + d.in_flight === 0,
        ) && l
      );
    },
    "everything to be delivered",
  );
  const took = (now() - back) / 1000;
  const last = oracle.inOrder.at(-1).id;
  await within(10_000, () => oracle.received("broker").has(last), "the broker");
  archive.look();
  await x.end("SIGTERM");

  h.assertBooks(books, { datagrams: books.ingest.received });
  for (const name of kinds) {
    oracle.checkRepeats(name);
    oracle.checkOrder(name);
  }
  assert.equal(archive.check(), 0, "torn lines");
  judge(oracle, books);
  console.log(
    JSON.stringify({
      what,
      sent: oracle.sent.size,
      journaled: books.events.journaled,
      dropped: kinds.map((name) => books.destinations[name].dropped),
      journal: `${(size / MiB).toFixed(1)} MiB`,
      rss: `${rss} MiB`,
      caughtUp: `${took.toFixed(1)} s`,
    }),
  );
  oracle.verdict();
  assert.ok(rss > 5 && rss <= most, `${rss} MiB in memory`);
}

test("nothing is lost while everyone is down, and memory is bounded", () =>
  run(
    "outage",
    { seconds: times(18, 240), rate: 1000, journal: "" },
    (oracle, books) => {
      oracle.checkComplete(kinds, oracle.sure());
      for (const name of kinds) {
        assert.equal(books.destinations[name].dropped, 0, name);
        assert.equal(oracle.received(name).size, books.events.journaled, name);
      }
    },
  ));

test("a journal at its bound drops the oldest, counts them, and goes on", () =>
  run(
    "outage, max_bytes",
    {
      seconds: times(6, 60),
      rate: 1000,
      journal: `max_bytes = "${full ? 16 : 2}MiB"`,
    },
    (oracle, books) => {
      for (const name of kinds) {
        const d = books.destinations[name];
        assert.ok(d.dropped > 0, `${name}: none is dropped`);
        assert.equal(oracle.received(name).size, d.delivered, name);
        // The oldest are what is missing, but for those it had in hand.
        const got = [...oracle.received(name)].map((x) => oracle.sent.get(x).n);
        const has = new Set(got);
        const newest = Math.max(
          ...oracle.sure().map((x) => (has.has(x.n) ? -1 : x.n)),
        );
        const older = got.filter((n) => n < newest).length;
        assert.ok(older <= 4 * inHand, `${name}: ${older} older ones came`);
      }
    },
  ));
