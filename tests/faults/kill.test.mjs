// kill -9 at random moments, under load, again and again: what was journaled
// is delivered, and comes twice only if it was in flight or just answered.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { Oracle, assertReadable, datagram, now, pause, promised } from "./oracle.mjs";
import { randomness, slack, times } from "./oracle.mjs";
import { ear, hook, lineTemplate, tail } from "./peers.mjs";

const names = ["one", "four", "five", "archive", "broker"];
const moods = ["well", "well", "flaky", "slow", "closing", "down"];

const configuration = (life, linger, peers, variant) => `
  [[listen]]
  address = "127.0.0.1:0"
  [admin]
  listen = "127.0.0.1:0"
  [journal]
  linger = "${linger}"
${[
  ["one", ""],
  ["four", "concurrency = 4"],
  ["five", "batch = 5"],
]
  .map(
    ([name, more]) => `
  [[destination]]
  name = "${name}"
  kind = "webhook"
  url = "${peers[name].url}"
  headers = { "X-Life" = "${life}" }
  timeout = "${variant + 20}s"
  retry = { attempts = 0, initial = "10ms", max = "100ms" }
  ${more}
`,
  )
  .join("")}
  [[destination]]
  name = "archive"
  kind = "file"
  path = "archive.txt"
  template = "${lineTemplate(life)}"
  retry = { attempts = 0, initial = "10ms", max = "100ms" }
  [[destination]]
  name = "broker"
  kind = "mqtt"
  url = "mqtt://127.0.0.1:${peers.broker}"
  qos = 1
  payload = "${lineTemplate(life)}"
  retry = { attempts = 0, initial = "10ms", max = "100ms" }
  [destination.topics]
  connection_open = "seen"
`;

/** Looks at the ledger until the process is gone. */
function watch(oracle, e, base) {
  const x = { over: false };
  x.done = (async () => {
    while (!x.over && e.child.exitCode === null && e.child.signalCode === null) {
      try {
        const l = await e.ledger();
        if (x.over) return;
        if (!l.balanced) oracle.complain(`unbalanced: ${JSON.stringify(l)}`);
        if (l.ingest.kernel_dropped > base.ingest.kernel_dropped)
          oracle.complain("the test sent more than the kernel could take");
        oracle.journaled(l.events.journaled - base.events.journaled);
      } catch {
        return; // Killed while it answered.
      }
      await pause(5);
    }
  })();
  return x;
}

for (const [linger, ms] of [
  ["0s", 0],
  ["50ms", 50],
])
  test(`kill -9 at random moments, linger ${linger}`, async () => {
    const random = randomness(`kill, linger ${linger}`);
    const oracle = new Oracle(random);
    const folder = h.temporaryFolder();
    const port = await h.freePort();
    await h.mosquitto(port);
    const peers = { broker: port };
    for (const name of ["one", "four", "five"])
      peers[name] = await hook(oracle, name, { batch: name === "five" });
    const archive = tail(oracle, "archive", join(folder, "archive.txt"));
    await ear(oracle, "broker", port, "seen");

    const kill = async (x) => {
      x.child.kill("SIGKILL");
      oracle.ended(true);
      await x.ended;
    };

    /** Sends for so long, in bursts; big events now and then. */
    const load = async (e, forMs, isOver = () => false) => {
      const end = now() + forMs;
      const bytes = random.pick([20, 20, 200, 8000]);
      while (now() < end && !isOver()) {
        for (let i = random.int(0, 12); i > 0; --i)
          await h.send(e.ports[0], datagram(oracle.event(bytes)));
        await pause(random.int(1, 8));
      }
    };

    const stopwatch = {};
    const rounds = times(20, 100);
    for (let round = 0; round < rounds; ++round) {
      const phase = random.pick([
        ...["load", "load", "load", "start", "start", "reload", "stop", "rest"],
      ]);
      stopwatch[phase] = (stopwatch[phase] ?? 0) + 1;
      for (const name of ["one", "four", "five"])
        peers[name].mood = random.pick(moods);
      const life = oracle.begins();
      const config = (variant) => configuration(life, linger, peers, variant);
      if (phase === "start") {
        const file = join(folder, "signalbox.toml");
        writeFileSync(file, config(0));
        const x = h.start(
          process.env.SIGNALBOX_BIN,
          ["run", "--config", file],
          { cwd: folder },
        );
        await pause(random.int(0, 25));
        assert.equal(x.child.exitCode, null, x.stderr);
        await kill(x);
        continue;
      }
      const e = await h.engine(config(0), { folder, whole: true, drain: 1 });
      const watcher = watch(oracle, e, await e.ledger());
      await load(e, random.int(0, 400));
      if (phase === "reload") {
        writeFileSync(join(folder, "signalbox.toml"), config(1));
        e.child.kill("SIGHUP");
        await load(e, random.int(0, 120));
      } else if (phase === "stop") {
        e.child.kill("SIGTERM");
        await pause(random.int(0, 120));
      } else if (phase === "rest") {
        // Long enough for every cursor, unless somebody is down.
        await pause(random.int(100, 1500));
      }
      watcher.over = true;
      await kill(e);
      await watcher.done;
      assertReadable(e.stderr);
    }

    // The last life: all is well, and everything is delivered.
    for (const name of ["one", "four", "five"]) peers[name].mood = "well";
    let life = oracle.begins();
    let e = await h.engine(configuration(life, linger, peers, 0), {
      folder,
      whole: true,
    });
    const watcher = watch(oracle, e, await e.ledger());
    await load(e, 200);
    const sentNow = oracle.inOrder.filter((x) => x.life === life).length;
    const last = await e.until(
      (l) =>
        l.ingest.in_flight + l.events.in_flight === 0 &&
        oracle.lives.at(-1).sure === sentNow &&
        Object.values(l.destinations).every(
          (d) => d.waiting + d.in_flight === 0,
        ),
      "everything to be delivered",
    );
    watcher.over = true;
    await watcher.done;
    await e.stop();
    oracle.ended(false);
    assertReadable(e.stderr);
    await h.until(
      () => oracle.received("broker").has(oracle.inOrder.at(-1).id),
      "the broker to pass on the last event",
    );
    archive.look();

    // One more, to see that nothing comes again and the books are carried on.
    life = oracle.begins();
    e = await h.engine(configuration(life, linger, peers, 0), {
      folder,
      whole: true,
    });
    const after = await e.ledger();
    await e.stop();
    oracle.ended(false);
    assert.deepEqual(after, last, "the books after an orderly restart");

    const report = { seed: random.seed, sent: oracle.sent.size, ...stopwatch };
    const terms = (d) => [d.delivered, d.dropped];
    h.assertBooks(last, { datagrams: last.ingest.received });
    for (const name of names) {
      const d = last.destinations[name];
      assert.equal(
        d.delivered + d.dropped,
        last.events.journaled,
        `${name}: ${terms(d)}`,
      );
      report[name] = oracle.checkRepeats(name);
      report[name].requests = oracle.of(name).length;
      if (name !== "four") oracle.checkOrder(name);
    }
    for (const name of ["one", "four"]) oracle.checkKeys(name);
    report.torn = archive.check();

    if (ms === 0) {
      // What anybody was told of was on disk before: everybody has it.
      const told = new Set(names.flatMap((x) => [...oracle.received(x)]));
      const must = oracle.inOrder.filter((x) => told.has(x.id));
      oracle.checkComplete(names, must);
      oracle.checkComplete(names, oracle.sure());
      for (const name of names) {
        assert.equal(last.destinations[name].dropped, 0, name);
        assert.equal(oracle.received(name).size, last.events.journaled, name);
      }
    } else {
      // What was journaled and is lost was lingering at the kill.
      report.lost = oracle.checkLost(names, promised + slack);
    }
    report.journaled = last.events.journaled;
    console.log(JSON.stringify(report));
    const sick = execFileSync("sqlite3", [
      ...["-readonly", join(folder, "signalbox-data", "journal.db")],
      "PRAGMA integrity_check",
    ]);
    assert.equal(String(sick).trim(), "ok");
    oracle.verdict();
  });

// The batch is on its way to the disk, for the sake of one that does not take
// it, when the other one has it: its cursor must not wait for long, either.
test("a cursor that moves during a commit is written as soon", async () => {
  const random = randomness("kill, cursor during a commit");
  const oracle = new Oracle(random);
  const folder = h.temporaryFolder();
  const one = await hook(oracle, "one");
  const four = await hook(oracle, "four");
  four.mood = "down";
  const config = (life) =>
    h.common +
    [one, four]
      .map(
        (x) => `
  [[destination]]
  name = "${x.name}"
  kind = "webhook"
  url = "${x.url}"
  headers = { "X-Life" = "${life}" }
  retry = { attempts = 0, initial = "5s" }
`,
      )
      .join("");
  for (let round = 0; round < times(15, 100); ++round) {
    const life = oracle.begins();
    const e = await h.engine(config(life), { folder, whole: true });
    const wait = random.int(45, 75);
    one.mood = (response) => setTimeout(() => response.end("ok"), wait);
    const x = oracle.event();
    await h.send(e.ports[0], datagram(x));
    await h.until(() => oracle.received("one").has(x.id), "the event");
    await pause(promised + 150);
    e.child.kill("SIGKILL");
    oracle.ended(true);
    await e.ended;
  }
  const e = await h.engine(config(oracle.begins()), { folder, whole: true });
  await e.until((l) => l.destinations.one.waiting === 0, "all");
  await e.stop();
  oracle.ended(false);
  console.log(JSON.stringify(oracle.checkRepeats("one", promised + 100)));
  oracle.verdict();
});
