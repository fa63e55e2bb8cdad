// The disk is full, or read-only: the engine says so once, sheds by policy,
// serves those who keep up, and recovers by itself.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync } from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { Oracle, assertReadable, datagram, now, pause } from "./oracle.mjs";
import { randomness, times, within } from "./oracle.mjs";
import { hook, lineTemplate, memory, tail } from "./peers.mjs";

const MiB = 2 ** 20;

/** A small disk of its own, or nothing where that is not allowed. */
function smallDisk(t, mib) {
  const folder = h.temporaryFolder();
  const path = join(folder, "disk");
  mkdirSync(path);
  const options = `size=${mib}m`;
  const made = spawnSync(
    "mount",
    ["-t", "tmpfs", "-o", options, "signalbox-test", path],
    { encoding: "utf8" },
  );
  if (made.status !== 0) {
    const why = (made.stderr ?? String(made.error)).trim();
    t.skip(`needs to mount a disk, as root: ${why}`);
    return undefined;
  }
  h.atEnd(() => spawnSync("umount", [path]));
  const x = { folder, path };
  const filler = join(path, "filler");
  /** Leaves so many bytes. */
  x.fill = (left) => {
    const fd = openSync(filler, "w");
    const page = Buffer.alloc(4096);
    try {
      for (;;) {
        const { bavail, bsize } = statfsSync(path);
        if (bavail * bsize <= left) break;
        writeSync(fd, page);
      }
    } catch (why) {
      assert.equal(why.code, "ENOSPC"); // The engine writes, too.
    }
    closeSync(fd);
  };
  x.free = () => rmSync(filler);
  x.remount = (how) => {
    const { status, stderr } = spawnSync(
      "mount",
      ["-o", `remount,${how}`, path],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
  };
  return x;
}

const destination = (name, more) => `
  [[destination]]
  name = "${name}"
  retry = { attempts = 0, initial = "100ms", max = "500ms" }
  ${more}
`;

const configuration = (life, journal, hooks) =>
  `
  [[listen]]
  address = "127.0.0.1:0"
  [admin]
  listen = "127.0.0.1:0"
  [node]
  data_dir = "disk/data"
  [journal]
  max_memory = "4MiB"
  ${journal}
` +
  hooks
    .map((x) =>
      destination(
        x.name,
        `
  kind = "webhook"
  url = "${x.url}"
  headers = { "X-Life" = "${life}" }
  batch = 20`,
      ),
    )
    .join("") +
  destination(
    "archive",
    `
  kind = "file"
  path = "archive.txt"
  template = "${lineTemplate(life)}"`,
  );

const count = (text, what) => text.split(what).length - 1;

/** Sends so many events at about 1,000 a second. */
async function load(oracle, e, events, watch = () => {}) {
  const began = now();
  for (let sent = 0; sent < events; await pause(5)) {
    for (; sent < Math.min(events, now() - began); ++sent)
      await h.send(e.ports[0], datagram(oracle.event(700)));
    await watch();
  }
}

const settled = (e, names) => async () => {
  const l = await e.ledger();
  assert.equal(l.balanced, true);
  const rest = names.map((x) => l.destinations[x]);
  return (
    l.ingest.in_flight + l.events.in_flight === 0 &&
    rest.every((d) => d.waiting + d.in_flight === 0) &&
    l
  );
};

test("a full disk: those who keep up are served from memory", async (t) => {
  const disk = smallDisk(t, 32);
  if (!disk) return;
  const oracle = new Oracle(randomness("disk full"));
  const well = await hook(oracle, "well", { batch: true });
  const down = await hook(oracle, "down", { batch: true });
  const hooks = [well, down];
  down.mood = "down";
  let life = oracle.begins();
  const journal = 'linger = "50ms"';
  let e = await h.engine(configuration(life, journal, hooks), {
    folder: disk.folder,
    whole: true,
  });
  const archive = tail(oracle, "archive", join(disk.folder, "archive.txt"));
  const rss = memory(e.child.pid);
  await load(oracle, e, 500);
  disk.fill(MiB / 2);
  const events = times(8_000, 60_000);
  await load(oracle, e, events);
  await h.until(() => /cannot be written: no room/.test(e.stderr), "words");
  // All that time the others were served, and still are.
  await within(3000, settled(e, ["well", "archive"]), "the others");
  const during = await e.ledger();
  assert.equal(during.events.shed, 0, "drop_oldest");
  assert.equal(during.destinations.well.delivered, events + 500);
  assert.equal(during.destinations.archive.delivered, events + 500);
  assert.equal(count(e.stderr, "cannot be written"), 1, e.stderr);
  assert.doesNotMatch(e.stderr, /can be written again/);

  // Room again: by itself, and soon.
  disk.free();
  await h.until(() => /can be written again/.test(e.stderr), "recovery");
  await load(oracle, e, 500);
  down.mood = "well";
  const books = await within(
    30_000,
    settled(e, ["well", "archive", "down"]),
    "what is left to be delivered",
  );
  const lost = books.destinations.down.dropped;
  assert.ok(lost > 0, "some were dropped");
  assert.match(e.stderr, /destination 'down' misses \d+ event/);
  h.assertBooks(books, {
    datagrams: events + 1000,
    events: events + 1000,
    destinations: {
      well: { dropped: 0 },
      archive: { dropped: 0 },
      down: { delivered: events + 1000 - lost },
    },
  });
  assert.equal(oracle.received("down").size, events + 1000 - lost);

  // And it is a good journal again: what it holds survives a kill.
  down.mood = "down";
  const later = oracle.inOrder.length;
  await load(oracle, e, 200);
  await e.until((l) => l.events.journaled === events + 1200);
  await pause(600);
  e.child.kill("SIGKILL");
  oracle.ended(true);
  await e.ended;
  assertReadable(e.stderr);
  if (process.env.FAULT_LOGS) console.log(e.stderr);
  down.mood = "well";
  life = oracle.begins();
  e = await h.engine(configuration(life, journal, hooks), {
    folder: disk.folder,
    whole: true,
  });
  await within(
    10_000,
    settled(e, ["well", "archive", "down"]),
    "what was waiting",
  );
  await e.stop();
  oracle.ended(false);
  archive.look();
  oracle.checkComplete(["well", "archive"], oracle.inOrder);
  oracle.checkComplete(["down"], oracle.inOrder.slice(later));
  for (const name of ["well", "down", "archive"]) {
    oracle.checkRepeats(name);
    oracle.checkOrder(name);
  }
  console.log(JSON.stringify({ events, lost, rss: `${rss.most} MiB` }));
  assert.ok(rss.most <= 4 + 100, `${rss.most} MiB`);
  oracle.verdict();
});

test('a full disk with linger "0s": nothing is told before it is on disk', async (t) => {
  const disk = smallDisk(t, 32);
  if (!disk) return;
  const oracle = new Oracle(randomness("disk full, linger 0s"));
  const well = await hook(oracle, "well", { batch: true });
  const journal = 'linger = "0s"';
  const life = oracle.begins();
  const e = await h.engine(configuration(life, journal, [well]), {
    folder: disk.folder,
    whole: true,
  });
  const archive = tail(oracle, "archive", join(disk.folder, "archive.txt"));
  await load(oracle, e, 300);
  await e.until((l) => l.destinations.well.delivered === 300);
  disk.fill(0);
  const events = times(8_000, 20_000);
  await load(oracle, e, events);
  await h.until(() => /events are shed/.test(e.stderr), "words");
  const during = await e.ledger();
  assert.equal(during.balanced, true);
  assert.ok(during.events.shed > 0);
  assert.equal(count(e.stderr, "cannot be written"), 1, e.stderr);
  assert.equal(count(e.stderr, "events are shed"), 1, e.stderr);
  disk.free();
  await h.until(() => /can be written again/.test(e.stderr), "recovery");
  await within(
    10_000,
    async () => {
      const l = await e.ledger();
      return l.events.in_flight === 0;
    },
    "what was held to be written",
  );
  await load(oracle, e, 300);
  const all = events + 600;
  const books = await within(10_000, settled(e, ["well", "archive"]), "all");
  h.assertBooks(books, { datagrams: all, events: all });
  const { journaled, shed } = books.events;
  assert.equal(journaled + shed, all);
  await e.stop();
  oracle.ended(false);
  archive.look();
  for (const name of ["well", "archive"]) {
    assert.equal(oracle.received(name).size, journaled, name);
    oracle.checkComplete([name], oracle.inOrder.slice(-300));
    oracle.checkRepeats(name);
    oracle.checkOrder(name);
  }
  assertReadable(e.stderr);
  if (process.env.FAULT_LOGS) console.log(e.stderr);
  console.log(JSON.stringify({ events: all, shed, told: during.events }));
  oracle.verdict();
});

test("a start on a disk that is full or read-only says what to do", async (t) => {
  const disk = smallDisk(t, 16);
  if (!disk) return;
  const oracle = new Oracle(randomness("disk at the start"));
  const down = await hook(oracle, "down", { batch: true });
  down.mood = "down";
  const config = (life) => configuration(life, 'linger = "0s"', [down]);
  let life = oracle.begins();
  let e = await h.engine(config(life), { folder: disk.folder, whole: true });
  await load(oracle, e, 300);
  await e.until((l) => l.events.journaled === 300);
  e.child.kill("SIGKILL");
  oracle.ended(true);
  await e.ended;

  const refused = async (words) => {
    life = oracle.begins();
    const file = join(disk.folder, "signalbox.toml");
    writeFileSync(file, config(life));
    const x = h.start(process.env.SIGNALBOX_BIN, ["run", "--config", file], {
      cwd: disk.folder,
    });
    const { code } = await Promise.race([
      x.ended,
      pause(10_000).then(() => assert.fail(`still runs: ${x.stderr}`)),
    ]);
    oracle.ended(true);
    if (process.env.FAULT_LOGS) console.log(x.stderr);
    assert.equal(code, 1, x.stderr);
    assert.match(x.stderr, words);
    assertReadable(x.stderr);
  };
  disk.remount("ro");
  await refused(/critical .*disk\/data.*read-only/i);
  disk.remount("rw");
  // Without what a former process left, there must be room to begin.
  life = oracle.begins();
  e = await h.engine(config(life), { folder: disk.folder, whole: true, drain: 0 });
  await e.stop();
  oracle.ended(false);
  disk.fill(0);
  await refused(/critical no room .*make room on its disk/);
  disk.free();
  down.mood = "well";
  life = oracle.begins();
  e = await h.engine(config(life), { folder: disk.folder, whole: true });
  await within(10_000, settled(e, ["down"]), "what was waiting");
  await e.stop();
  oracle.ended(false);
  oracle.checkComplete(["down"], oracle.inOrder);
  oracle.verdict();
});
