// The journal is damaged while the engine is away: it starts, says what it
// found, delivers what is intact, and never anything else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { Oracle, assertReadable, datagram, full, pause } from "./oracle.mjs";
import { randomness, times, within } from "./oracle.mjs";

const random = randomness("damage");
const oracle = new Oracle(random);
const config = (url) => `
  [journal]
  linger = "0s"
  [[destination]]
  name = "hook"
  kind = "webhook"
  url = "${url}"
  batch = 50
  retry = { attempts = 0, initial = "5s" }
`;

/** What a killed engine left: half in the database, half in its log. */
const master = { folder: h.temporaryFolder(), events: 0 };
const files = ["journal.db", "journal.db-wal"];
const data = (folder) => join(folder, "signalbox-data");

before(async () => {
  const nobody = `http://127.0.0.1:${await h.freePort()}/`;
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    oracle.begins();
    const e = await h.engine(config(nobody), {
      folder: master.folder,
      drain: 0,
    });
    // Batches of all sizes, each in a row of its own.
    for (const end = master.events + 200; master.events < end; ) {
      const more = Math.min(random.int(1, burst), end - master.events);
      for (let i = 0; i < more; ++i)
        await h.send(
          e.ports[0],
          datagram(oracle.event(random.pick([20, 400, 3000]))),
        );
      master.events += more;
      await e.until((l) => l.events.journaled === master.events);
    }
    await e.stop(signal);
    oracle.ended(signal === "SIGKILL");
  }
  for (const file of files) {
    const { size } = statSync(join(data(master.folder), file));
    assert.ok(size > 100_000, `${file}: ${size}`);
    master[file] = size;
  }
  master.lastCommit = lastCommitIn(join(data(master.folder), files[1]));
});

/**
 * Where the last commit begins in a write-ahead log. Damage there looks like a
 * commit that a power cut has cut short.
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
function lastCommitIn(path) {
  const log = readFileSync(path);
  const frame = 24 + log.readUInt32BE(8);
  const ends = [];
  for (let at = 32; at + frame <= log.length; at += frame)
    if (log.readUInt32BE(at + 4) !== 0) ends.push(at + frame);
  return ends.at(-2);
}

/** All cases share it: what came, by the path of the case. */
const came = new Map();
const hook = await h.receiver((request, response) => {
  const mine = came.get(request.path);
  for (const event of JSON.parse(request.body)) mine.push(event);
  response.end("ok");
});

let cases = 0;

/**
 * Damages a copy of the journal, lets an engine start with it, and judges.
 * Answers how many events were lost, of `most` that may be, and the words.
 */
async function survive(what, damage, { most = 400, silent = false } = {}) {
  const folder = h.temporaryFolder();
  mkdirSync(data(folder), { mode: 0o700 });
  for (const file of files)
    copyFileSync(join(data(master.folder), file), join(data(folder), file));
  damage(data(folder));
  const path = `/${++cases}`;
  came.set(path, []);
  try {
    const e = await h.engine(config(hook.url + path), { folder });
    const books = await within(
      20_000,
      async () => {
        const l = await e.ledger();
        assert.equal(l.balanced, true, what);
        const d = l.destinations.hook;
        return d.waiting + d.in_flight === 0 && l;
      },
      `${what}: everything to be delivered\n${e.stderr}`,
    );
    // It works: something new arrives, and is kept.
    await h.send(e.ports[0], h.g2({ id: "new" }));
    const isNew = (x) => x.user.id === "new";
    await within(5000, () => came.get(path).some(isNew), `${what}: a new event`);
    const { code } = await e.stop();
    assert.equal(code, 0, `${what}: ${e.stderr}`);
    const lines = assertReadable(e.stderr);
    const words = lines.filter((x) => / error +journal: /.test(x));

    const got = came.get(path).filter((x) => !isNew(x));
    for (const x of got) oracle.checkEvent(what, x);
    const ns = got.map((x) => oracle.sent.get(x.user.id)?.n);
    for (let i = 1; i < ns.length; ++i)
      if (ns[i] <= ns[i - 1])
        oracle.complain(`${what}: ${ns[i]} behind ${ns[i - 1]}`);
    const lost = master.events - got.length;
    const d = books.destinations.hook;
    if (lost > most) oracle.complain(`${what}: ${lost} are lost`);
    if (lost > 0 && words.length === 0 && !silent)
      oracle.complain(`${what}: ${lost} are lost, and nobody says so`);
    if (d.delivered !== got.length)
      oracle.complain(`${what}: ${got.length} came, the books: ${d.delivered}`);
    if (d.delivered + d.dropped !== d.journaled)
      oracle.complain(`${what}: ${JSON.stringify(books)}`);
    if (process.env.FAULT_LOGS)
      console.log(`# ${what}: lost ${lost}, dropped ${d.dropped}\n` + words.join("\n"));
    rmSync(folder, { recursive: true });
    return { what, lost, dropped: d.dropped, words, got };
  } catch (why) {
    oracle.complain(`${what}: ${why.message.slice(0, 1500)}`);
    return { what, lost: NaN, words: [], got: [] };
  }
}

/** A few at a time: each waits for a disk more than for a processor. */
async function surviveAll(all) {
  const out = [];
  const rest = [...all];
  await Promise.all(
    [1, 2, 3].map(async () => {
      for (let x = rest.shift(); x; x = rest.shift())
        out.push(await survive(...x));
    }),
  );
  const lost = out.map((x) => x.lost).sort((a, b) => a - b);
  const most = out.find((x) => x.lost === lost.at(-1));
  console.log(
    JSON.stringify({
      cases: out.length,
      "that lost events": lost.filter((x) => x > 0).length,
      "with words": out.filter((x) => x.words.length > 0).length,
      median: lost[Math.floor(lost.length / 2)],
      most: `${most.lost}: ${most.what}`,
      uncounted: out.filter((x) => x.lost > x.dropped).map((x) => x.what),
    }),
  );
  oracle.verdict();
  return out;
}

const burst = 12; // events of a batch, at most
const page = 8192; // bytes

const flip = (file, at, mask) => [
  `${file}, byte ${at}, ^${mask}`,
  (folder) => {
    const path = join(folder, file);
    const bytes = readFileSync(path);
    bytes[at] ^= mask;
    writeFileSync(path, bytes);
  },
  { most: burst, silent: file.endsWith("-wal") && at >= master.lastCommit },
];

const anyMask = () => random.pick([1, 2, 4, 8, 16, 32, 64, 128, 255]);

test("a flipped byte loses no more than its batch", async () => {
  const all = [];
  for (const file of files) {
    const size = master[file];
    // Headers, and the last pages, matter most.
    const end = file.endsWith("-wal") ? master.lastCommit : size;
    const last = end - 2 * page;
    for (let i = 0; i < times(10, 200); ++i)
      all.push(flip(file, random.int(0, size - 1), anyMask()));
    for (let i = 0; i < times(12, 200); ++i)
      all.push(flip(file, random.int(last, end - 1), anyMask()));
    for (let i = 0; i < times(8, 100); ++i)
      all.push(flip(file, random.int(0, 200), anyMask()));
    if (full)
      for (let at = last; at < end; ++at) all.push(flip(file, at, anyMask()));
  }
  await surviveAll(all);
});

test("a file that is cut short keeps what it still holds", async () => {
  const all = [];
  for (const file of files) {
    const size = master[file];
    const lengths = [1, 32, 100, 4096, size - 4096, size - 1];
    while (lengths.length < times(13, 60)) lengths.push(random.int(0, size));
    for (const length of lengths)
      all.push([
        `${file} cut at ${length} of ${size}`,
        (folder) => truncateSync(join(folder, file), length),
        // Commits at the end that are missing have never been, as it were.
        { most: 200, silent: file.endsWith("-wal") },
      ]);
  }
  await surviveAll(all);
});

test("other files than ours in its place", async () => {
  const put = (file, bytes) => (folder) =>
    writeFileSync(join(folder, file), bytes);
  const noise = Buffer.from(
    Array.from({ length: 50_000 }, () => random.int(0, 255)),
  );
  const half = { most: 200 };
  const all = [
    ["an empty database", put("journal.db", ""), half],
    ["a database of noise", put("journal.db", noise), half],
    ["a database of text", put("journal.db", "remember the milk\n"), half],
    ["no database", (folder) => rmSync(join(folder, "journal.db")), half],
    ["a log of noise", put("journal.db-wal", noise), half],
    ["an empty log", put("journal.db-wal", ""), { ...half, silent: true }],
    [
      "no log",
      (folder) => rmSync(join(folder, "journal.db-wal")),
      { ...half, silent: true },
    ],
    [
      "another's database",
      (folder) => {
        for (const file of files) rmSync(join(folder, file));
        execFileSync("sqlite3", [
          join(folder, "journal.db"),
          "CREATE TABLE batches (a, b); INSERT INTO batches VALUES (1, 2)",
        ]);
      },
    ],
    [
      "a database of the future",
      (folder) =>
        execFileSync("sqlite3", [
          join(folder, "journal.db"),
          "UPDATE snapshots SET content = '99', checksum = 99 WHERE name = " +
            "'version'; PRAGMA user_version = 99",
        ]),
    ],
    [
      "a version that nobody else knows of",
      (folder) =>
        execFileSync("sqlite3", [
          join(folder, "journal.db"),
          "PRAGMA user_version = 99",
        ]),
      { most: 0 },
    ],
  ];
  const out = await surviveAll(all);
  const future = out.find((x) => x.what.includes("future"));
  assert.match(future.words.join("\n"), /run the later version/);
});

test("a second engine on the same journal is refused with words", async () => {
  const e = await h.engine("", { drain: 0 });
  const x = h.start(
    process.env.SIGNALBOX_BIN,
    ["run", "--config", join(e.folder, "signalbox.toml")],
    { cwd: e.folder },
  );
  const { code } = await Promise.race([
    x.ended,
    pause(10_000).then(() => ({ code: "still running" })),
  ]);
  assert.equal(code, 1, x.stderr);
  assert.match(x.stderr, new RegExp(`in use by process ${e.child.pid}`));
  assertReadable(x.stderr);
  await e.stop();
});
