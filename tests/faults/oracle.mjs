// Knows every event that was sent and every request that was answered, and
// judges by them. Nothing in here reads the engine's mind: what it holds
// against the engine is what it said and did.
import assert from "node:assert/strict";

/** The long version, for a machine with time. */
export const full = process.env.FAULTS === "full";

/** How much of it: `few` by default, `many` in the full version. */
export const times = (few, many) => (full ? many : few);

/**
 * A cursor is written this long after its event was delivered, and a batch
 * this long after it came, in milliseconds (`linger` is 50 ms).
 */
export const promised = 50;

/** For the commit itself, on a disk and two cores that others use as well. */
export const slack = Number(process.env.FAULT_SLACK ?? 500);

export const now = () => performance.now();

/** Polls until `probe` gives something true; for so many milliseconds. */
export async function within(ms, probe, what) {
  const end = now() + ms;
  for (;;) {
    const x = await probe();
    if (x) return x;
    if (now() > end) throw new Error(`gave up waiting: ${what}`);
    await pause(20);
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Random numbers that FAULT_SEED repeats. */
export function randomness(what) {
  const seed = Number(
    process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31),
  );
  console.log(`${what}: FAULT_SEED=${seed}${full ? " FAULTS=full" : ""}`);
  let state = seed >>> 0;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from, to) => from + Math.floor(random() * (to - from + 1));
  return {
    seed,
    random,
    int,
    pick: (xs) => xs[int(0, xs.length - 1)],
    chance: (p) => random() < p,
  };
}

const letters = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const poolSize = 2 ** 16;

/** What carries an event of the oracle. */
export const datagram = (x) =>
  "/qseow-proxy-connection/;pro2-win1;Open connection;LAB;" +
  `${x.id};AppAccess;/app/x;${x.text}`;

export class Oracle {
  /** @param random From `randomness`. */
  constructor(random) {
    this.random = random;
    this.sent = new Map(); // By id, in order.
    this.inOrder = [];
    this.lives = [];
    this.deliveries = new Map(); // By destination, in order of arrival.
    this.eventIds = new Map(); // The engine's id of each, by ours.
    this.wrong = [];
    this.pool = Array.from({ length: poolSize }, () =>
      random.pick(letters),
    ).join("");
  }

  /** A new event, with a text of so many bytes. */
  event(bytes = 20) {
    const n = this.inOrder.length;
    // A part of one long text: it takes no memory of its own.
    const from = this.random.int(0, poolSize - bytes);
    const text = this.pool.slice(from, from + bytes);
    const x = { n, id: `u${n}`, text, life: this.life, at: now() };
    this.sent.set(x.id, x);
    this.inOrder.push(x);
    return x;
  }

  /** The number of the engine's life, from 1. */
  get life() {
    return this.lives.length;
  }

  /** A new process begins. */
  begins() {
    this.lives.push({ number: this.life + 1, began: now(), sure: 0, told: [] });
    return this.life;
  }

  /** It has ended: by `kill -9`, or well. */
  ended(killed) {
    const life = this.lives.at(-1);
    life.over = now();
    life.killed = killed;
  }

  /**
   * The ledger has called so many of the events that this life was sent
   * journaled: one socket, one parser, so they are the first.
   */
  journaled(count) {
    const life = this.lives.at(-1);
    if (count <= life.sure) return;
    life.sure = count;
    life.told.push({ count, at: now() });
  }

  /** A request, or a line, that arrived; `x` has `life`, `ids`, `key`. */
  arrived(destination, x) {
    x.at ??= now();
    if (!this.deliveries.has(destination)) this.deliveries.set(destination, []);
    this.deliveries.get(destination).push(x);
    return x;
  }

  of(destination) {
    return this.deliveries.get(destination) ?? [];
  }

  complain(words) {
    if (this.wrong.length < 20) this.wrong.push(words);
  }

  /** Our own JSON of an event, as it must arrive. */
  checkEvent(destination, x) {
    const sent = this.sent.get(x?.user?.id);
    if (
      !sent ||
      x.message !== sent.text ||
      x.user.directory !== "LAB" ||
      x.host !== "pro2-win1" ||
      x.context !== "/app/x" ||
      x.kind !== "connection_open"
    ) {
      this.complain(
        `${destination}: never sent: ${JSON.stringify(x)?.slice(0, 300)}`,
      );
      return;
    }
    const known = this.eventIds.get(sent.id);
    if (known === undefined) this.eventIds.set(sent.id, x.id);
    else if (known !== x.id)
      this.complain(`${destination}: ${sent.id} is ${known} and ${x.id}`);
  }

  /** Ids that a destination has acknowledged. */
  received(destination) {
    const out = new Set();
    for (const x of this.of(destination))
      if (x.acked !== undefined) for (const id of x.ids) out.add(id);
    return out;
  }

  /** Each event of `must` has arrived at each of the destinations. */
  checkComplete(destinations, must) {
    for (const name of destinations) {
      const got = this.received(name);
      const missing = must.filter((x) => !got.has(x.id));
      if (missing.length > 0)
        this.complain(
          `${name}: ${missing.length} of ${must.length} are missing: ` +
            missing
              .slice(0, 10)
              .map((x) => `${x.id} (life ${x.life})`)
              .join(", "),
        );
    }
  }

  /** Events that a ledger has called journaled; `told` says when. */
  sure() {
    const out = [];
    const seen = new Map();
    for (const x of this.inOrder) {
      const n = seen.get(x.life) ?? 0;
      seen.set(x.life, n + 1);
      const life = this.lives[x.life - 1];
      if (n >= life.sure) continue;
      x.told = life.told.find((one) => one.count > n).at;
      out.push(x);
    }
    return out;
  }

  /**
   * With `linger`: what the ledger, or a receiver, has seen and not all of the
   * receivers have got was journaled less than `most` milliseconds before the
   * kill. Answers how many, and how long before the oldest was.
   */
  checkLost(destinations, most) {
    const got = destinations.map((name) => this.received(name));
    const first = new Map(this.sure().map((x) => [x.id, x.told]));
    for (const name of destinations)
      for (const x of this.of(name))
        for (const id of x.ids)
          first.set(id, Math.min(first.get(id) ?? Infinity, x.at));
    let lost = 0;
    let oldest = 0;
    for (const [id, at] of first) {
      if (got.every((one) => one.has(id))) continue;
      ++lost;
      const { life } = this.sent.get(id);
      const { over, killed } = this.lives[life - 1];
      oldest = Math.max(oldest, over - at);
      if (!killed || over - at > most)
        this.complain(
          `${id} is lost, though it was journaled ` +
            `${(over - at).toFixed(0)} ms before the end of life ${life}`,
        );
    }
    return { events: lost, oldest: Math.round(oldest) };
  }

  /**
   * Within a life nothing that was acknowledged comes again; after a kill only
   * what was in flight, or acknowledged just before. Answers how many came
   * again, and how long before its kill the oldest of them was acknowledged.
   */
  checkRepeats(destination, most = promised + slack) {
    const acked = new Map(); // id → the delivery that was acknowledged last
    let repeats = 0;
    let oldest = 0;
    for (const x of this.of(destination)) {
      for (const id of x.ids) {
        const before = acked.get(id);
        if (before) {
          ++repeats;
          const over = this.lives[before.life - 1];
          const age = (over.over ?? Infinity) - before.acked;
          if (before.life >= x.life)
            this.complain(
              `${destination}: ${id} again in the same life ${x.life}, ` +
                `${(x.at - before.acked).toFixed(0)} ms after it was answered`,
            );
          else if (!over.killed && age > 0)
            this.complain(
              `${destination}: ${id} again after the orderly end of life ` +
                `${before.life}`,
            );
          else {
            oldest = Math.max(oldest, age);
            if (age > most)
              this.complain(
                `${destination}: ${id} again, though it was answered ` +
                  `${age.toFixed(0)} ms before the kill of life ${before.life}`,
              );
          }
          if (x.single && before.key !== x.key)
            this.complain(
              `${destination}: ${id} again with another key: ` +
                `${before.key}, ${x.key}`,
            );
        }
      }
      if (x.acked !== undefined) for (const id of x.ids) acked.set(id, x);
    }
    return { repeats, oldest: Math.round(oldest) };
  }

  /** One key for each event, and one event for each key. */
  checkKeys(destination) {
    const keys = new Map();
    for (const x of this.of(destination)) {
      const what = x.ids.join();
      if (keys.has(x.key) && keys.get(x.key) !== what)
        this.complain(
          `${destination}: key ${x.key} for ${keys.get(x.key)} and ${what}`,
        );
      keys.set(x.key, what);
    }
  }

  /**
   * With concurrency 1, events come in the order of the log: in each life only
   * forward, but for the request that was not acknowledged.
   */
  checkOrder(destination) {
    let last;
    for (const x of this.of(destination)) {
      const ns = x.ids.map((id) => this.sent.get(id)?.n ?? -1);
      if (ns.some((n, i) => i > 0 && ns[i - 1] >= n))
        this.complain(`${destination}: a request out of order: ${x.ids}`);
      if (last && last.life === x.life) {
        // The same again, or, after a reload, another group from there on.
        const again = last.acked === undefined && last.ids[0] === x.ids[0];
        const end = this.sent.get(last.ids.at(-1))?.n ?? -1;
        if (!again && ns[0] <= end)
          this.complain(
            `${destination}: ${x.ids[0]} came behind ${last.ids.at(-1)}, ` +
              `life ${x.life}`,
          );
      }
      last = x;
    }
  }

  /** What has been gathered must be nothing. */
  verdict() {
    assert.deepEqual(this.wrong, [], "the oracle objects");
  }
}

/**
 * What a person reads: a record a line, each with its time and level, none of
 * them endless, and not more of them than somebody reads.
 */
export function assertReadable(stderr, most = 60) {
  const lines = stderr.split("\n").filter((x) => x.length > 0);
  for (const line of lines) {
    assert.match(
      line,
      /^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warning|error|critical) +\S/,
      "a record a line",
    );
    if (!/ info +ledger /.test(line)) // It names every destination.
      assert.ok(line.length < 700, `a line of ${line.length}: ${line}`);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/, "plain text");
  }
  assert.ok(
    lines.length <= most,
    `${lines.length} lines:\n${lines.slice(0, most).join("\n")}`,
  );
  return lines;
}
