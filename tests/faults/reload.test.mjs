// The configuration changes again and again while 20,000 events a second come
// in: none is lost, none comes twice, and nobody waits.
import assert from "node:assert/strict";
import { createReadStream, createWriteStream, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { assertReadable, now, pause, randomness, times } from "./oracle.mjs";
import { within } from "./oracle.mjs";
import { memory } from "./peers.mjs";

const rate = Number(process.env.FAULT_RATE ?? 20_000);

const file = (name, template) => `
  [[destination]]
  name = "${name}"
  kind = "file"
  path = "${name}.txt"
  match = { user = "LAB/*" }
  template = "${template}"
`;

/** Configuration number `n`: what changes, and what comes and goes. */
const configuration = (n, hook, port) =>
  `
  [[listen]]
  address = "127.0.0.1:${port}"
  [admin]
  listen = "127.0.0.1:0"
  [[destination]]
  name = "probe"
  kind = "webhook"
  url = "${hook}"
  match = { user = "PROBE/*" }
  concurrency = 4
` +
  file("stays", "{{user.id}}") +
  file("changes", `{{user.id}} ${n}`) +
  (n % 2 === 0 ? file("comes", "{{user.id}}") : "");

/** The ids in a file, in order. */
async function idsIn(path) {
  const ids = [];
  const lines = createInterface({ input: createReadStream(path) });
  for await (const line of lines) ids.push(Number(line.split(" ")[0].slice(1)));
  return ids;
}

/** Strictly upwards: nothing twice, and in order. */
function assertAscending(ids, name) {
  for (let i = 1; i < ids.length; ++i)
    if (ids[i] <= ids[i - 1])
      assert.fail(`${name}: ${ids[i]} behind ${ids[i - 1]}, line ${i + 1}`);
}

const quantile = (xs, q) => {
  const sorted = [...xs].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
};

test("a reload loses no datagram, repeats nothing, and delays nobody", async () => {
  const random = randomness("reload");
  const reloads = times(30, 100);
  const folder = h.temporaryFolder();
  const answered = [];
  const hook = await h.receiver((got, response) => {
    response.end("ok");
    answered.push([JSON.parse(got.body).user.id, now()]);
  });
  const port = await h.freePort();
  const e = await h.engine(configuration(0, hook.url, port), {
    folder,
    whole: true,
  });
  const rss = memory(e.child.pid);

  // Each datagram its own event; more than will be sent.
  const most = rate * times(20, 75);
  const datagrams = join(folder, "datagrams.txt");
  const out = createWriteStream(datagrams);
  for (let i = 0; i < most; ++i) {
    const line = `${h.g2({ id: `u${i}`, context: "/app/x", message: "m" })}\n`;
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  const load = h.start(process.env.SIGNALBOX_BIN, [
    ...["send", "--to", `127.0.0.1:${port}`, "--rate", String(rate)],
    ...["--file", datagrams],
  ]);

  // A probe every 10 ms, beside the load.
  const probes = [];
  let over = false;
  const probing = (async () => {
    while (!over) {
      probes.push(now());
      const id = String(probes.length - 1);
      await h.send(port, h.g2({ directory: "PROBE", id }));
      await pause(10);
    }
  })();

  await e.until((l) => l.ingest.received > rate, "the load");
  await pause(times(2000, 5000));
  const calm = probes.length;
  const file = join(folder, "signalbox.toml");
  const reloaded = () => e.stderr.split(" reloaded: ").length - 1;
  for (let n = 1; n <= reloads; ++n) {
    assert.equal(load.child.exitCode, null, "the load has ended too early");
    writeFileSync(file, configuration(n, hook.url, port));
    e.child.kill("SIGHUP");
    await h.until(() => reloaded() === n, `reload ${n}`);
    await pause(random.int(0, 300));
  }
  over = true;
  await probing;
  const { code } = await load.ended;
  assert.equal(code, 0, load.stderr);
  const all = most + probes.length;
  const books = await within(
    30_000,
    async () => {
      const l = await e.ledger();
      assert.equal(l.balanced, true);
      return (
        l.ingest.received + l.ingest.kernel_dropped >= all &&
        l.ingest.in_flight + l.events.in_flight === 0 &&
        Object.values(l.destinations).every(
          (d) => d.waiting + d.in_flight === 0,
        ) &&
        l
      );
    },
    "everything to be delivered",
  ).catch(async (why) => {
    console.log(JSON.stringify(await e.ledger()), all, load.stdout);
    console.log(e.stderr.slice(-2000));
    throw why;
  });
  await e.stop();
  assertReadable(e.stderr, reloads * 4 + 30);
  if (process.env.FAULT_LOGS) console.log(e.stderr.slice(0, 5000));
  assert.equal(reloaded(), reloads, e.stderr);

  const late = answered.map(([id, at]) => at - probes[Number(id)]);
  const calmLate = late.filter((_, i) => Number(answered[i][0]) < calm);
  const busyLate = late.filter((_, i) => Number(answered[i][0]) >= calm);
  const report = {};
  for (const [name, xs] of [
    ["calm", calmLate],
    ["reloading", busyLate],
  ])
    report[name] =
      `p50 ${quantile(xs, 0.5).toFixed(1)}, p99 ${quantile(xs, 0.99).toFixed(1)}, ` +
      `max ${Math.max(...xs).toFixed(1)} ms`;
  console.log(
    JSON.stringify({ rate, reloads, datagrams: all, ...report, rss: rss.most }),
  );

  assert.equal(books.ingest.kernel_dropped, 0, "dropped by the kernel");
  assert.equal(books.ingest.received, all);
  assert.equal(books.events.journaled, all);
  assert.equal(answered.length, probes.length, "probes");
  assert.equal(new Set(answered.map(([id]) => id)).size, probes.length);
  for (const name of ["stays", "changes"]) {
    const ids = await idsIn(join(folder, `${name}.txt`));
    assertAscending(ids, name);
    assert.equal(ids.length, most, name);
    assert.equal(books.destinations[name].delivered, most, name);
    assert.equal(books.destinations[name].dropped, 0, name);
  }
  assertAscending(await idsIn(join(folder, "comes.txt")), "comes");
  assert.ok(Math.max(...late) < 1000, "a stall");
});
