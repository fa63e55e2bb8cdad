// A storm of events to a channel that takes one message a second: few messages,
// no refusal, and every event in exactly one of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as h from "../end_to_end/harness.mjs";
import { assertReadable, now, pause, times, within } from "./oracle.mjs";
import { memory } from "./peers.mjs";

/** How many events a message tells of. */
function eventsIn(body) {
  const message = JSON.parse(body);
  const fields = message.blocks.flatMap((x) => x.fields ?? []);
  const events = fields.find((x) => x.text.startsWith("*Events*"));
  if (!events) return 1;
  const numbers = [...events.text.matchAll(/^`([^`]+)`/gm)];
  return numbers.reduce((sum, x) => sum + Number(x[1].replace(/\D/g, "")), 0);
}

test("a storm becomes few messages that tell of every event", async () => {
  const events = times(200_000, 1_000_000);
  const rate = 100_000; // 1,000,000 in 10 s
  let last = -Infinity;
  let refused = 0;
  const slack = await h.receiver((got, response) => {
    got.at = now();
    // Slack's limit, without its patience for bursts.
    got.refused = got.at - last < 1000;
    if (got.refused) {
      ++refused;
      response.writeHead(429, { "retry-after": "1" });
      response.end();
      return;
    }
    last = got.at;
    response.end("ok");
  });
  const e = await h.engine(`
    [[destination]]
    name = "channel"
    kind = "slack"
    url = "${slack.url}/services/T/B/secret"
  `);
  const rss = memory(e.child.pid);
  const began = now();
  const load = await h.signalbox(
    ...["send", "--to", `127.0.0.1:${e.ports[0]}`, "--users", "1000"],
    ...["--rate", String(rate), "--count", String(events)],
  );
  assert.equal(load.code, 0, load.stderr);
  const took = (now() - began) / 1000;
  const books = await within(
    30_000,
    async () => {
      const l = await e.ledger();
      assert.equal(l.balanced, true);
      const d = l.destinations.channel;
      return (
        l.ingest.received + l.ingest.kernel_dropped >= events &&
        l.ingest.in_flight + l.events.in_flight === 0 &&
        d.waiting + d.in_flight === 0 &&
        l
      );
    },
    "the storm to be told",
  );
  const { journaled } = books.events;
  const { delivered, folded } = books.destinations.channel;
  const first = slack.requests[0].at;
  const early = slack.requests.filter((x) => x.at - first < 10_000).length;
  const told = slack.requests
    .filter((x) => !x.refused)
    .map((x) => eventsIn(x.body));
  console.log(
    JSON.stringify({
      events,
      took: `${took.toFixed(1)} s`,
      kernelDropped: books.ingest.kernel_dropped,
      journaled,
      refused,
      messages: slack.requests.length,
      inTenSeconds: early,
      told,
      rss: `${rss.look()} MiB`,
    }),
  );
  h.assertBooks(books, { datagrams: events });
  assert.equal(refused, 0, "answers of 429");
  assert.ok(early <= 12, `${early} messages in the first 10 s`);
  assert.equal(
    told.reduce((a, b) => a + b, 0),
    journaled,
    "each event in one message",
  );
  assert.equal(delivered + folded, journaled);
  assert.ok(rss.most < 64 + 100, `${rss.most} MiB`);

  // Quiet again: one message, one event.
  for (let i = 0; i < times(2, 5); ++i) {
    await pause(1500);
    const before = slack.requests.length;
    await h.send(e.ports[0], h.g2({ id: `quiet${i}` }));
    await h.until(() => slack.requests.length > before, "a single message");
    assert.match(slack.requests.at(-1).body, new RegExp(`LAB/quiet${i} `));
    assert.equal(slack.requests.length, before + 1);
  }
  assert.equal(refused, 0, "answers of 429");
  await e.stop();
  assertReadable(e.stderr);
});
