// What a lamp is told, and when: seen by a lamp that takes HTTP requests.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as h from "./harness.mjs";

/** A lamp on the wall; `answer` as for a receiver. */
async function lamp(answer) {
  const x = await h.receiver(answer);
  x.told = () => x.requests.map((r) => r.body);
  x.shows = () => x.requests.at(-1)?.body;
  x.untilItShows = (what) => h.until(() => x.shows() === what, what);
  x.config = (more, name = "desk") => `
[[light]]
name   = "${name}"
driver = "webhook"
url    = "${x.url}/"
body   = "{{state}} {{hex}}"
${more}
`;
  return x;
}

const comings = `
[[light.on]]
match  = { kind = "connection_open" }
effect = { color = "green", for = "300ms" }
[[light.on]]
match  = { kind = "connection_close" }
effect = { color = "red", for = "300ms" }
`;

const open = (id = "goran") => h.g2({ id });
const close = (id = "goran") => h.g2({ id, command: "Close connection" });
const start = (id, host) => h.g2({ id, host, command: "Start session" });
const stop = (id, host) => h.g2({ id, host, command: "Stop session" });

const OFF = "OFF #000000";
const GREEN = "ON #00ff00";
const RED = "ON #ff0000";
const BLUE = "ON #0000ff";

test("2,000 events in a storm are a few commands, the last wish wins, and the lamp ends idle", async () => {
  const wall = await lamp();
  const rate = 4;
  const e = await h.engine(wall.config(`max_rate = "${rate}/s"\n` + comings));
  await wall.untilItShows(OFF);
  for (let i = 0; i < 1999; ++i)
    await h.send(e.ports[0], i % 2 ? close() : open());
  await h.send(e.ports[0], close());
  await h.until(() => wall.told().includes(RED), "red");
  await wall.untilItShows(OFF);
  const told = wall.requests.slice(1);
  assert.equal(told.at(-2).body, RED, "the last wish was the last that was shown");
  // In no stretch of time more than the rate allows. A request that was slow to
  // arrive may come close to the next one.
  for (let i = 0; i < told.length; ++i)
    for (let j = i + 1; j < told.length; ++j) {
      const seconds = (told[j].at - told[i].at) / 1000;
      assert.ok(
        j - i <= rate * seconds + 1.5,
        `${j - i + 1} commands in ${seconds} s`,
      );
    }
  const { lights } = await e.get("/api/lights");
  const { events, commands, coalesced } = lights[0];
  assert.equal(events, 2000);
  assert.equal(commands, wall.requests.length);
  assert.ok(coalesced >= 2000 - commands, `${coalesced} of 2,000 in ${commands}`);
  assert.equal((await e.stop()).code, 0);
});

test("a lamp shows how many people are here, also after kill -9", async () => {
  const wall = await lamp();
  const config = wall.config(`
[[light.level]]
of    = "active_users"
steps = [{ from = 1, color = "green" }, { from = 2, color = "red" }]
`);
  const first = await h.engine(config);
  await wall.untilItShows(OFF);
  await h.send(first.ports[0], start("ann", "p1"));
  await wall.untilItShows(GREEN);
  await h.send(first.ports[0], start("ann", "p2"), start("bob", "p2"));
  await wall.untilItShows(RED);
  const snapshot = join(first.folder, "signalbox-data", "sessions.json");
  await h.until(() => existsSync(snapshot) && readFileSync(snapshot).includes('"bob"'), "the snapshot");
  await first.stop("SIGKILL");

  const before = wall.requests.length;
  const second = await h.engine(config, { folder: first.folder });
  await h.until(() => wall.told().slice(before).includes(RED), "red again");
  await h.send(second.ports[0], stop("ann", "p1"), stop("ann", "p2"));
  await wall.untilItShows(GREEN);
  await h.send(second.ports[0], stop("bob", "p2"));
  await wall.untilItShows(OFF);
  // Nothing stale was replayed on the way.
  const states = wall.told().slice(before).filter((x) => x !== OFF);
  assert.deepEqual(states, [RED, GREEN]);
});

test("a lamp shows that a destination has given up, and that it is back", async () => {
  const wall = await lamp();
  let status = 404;
  const hook = await h.receiver((_, response) => {
    response.statusCode = status;
    response.end("ok");
  });
  const e = await h.engine(
    wall.config(`
[[light.level]]
of          = "breaker_open"
destination = "hook"
steps       = [{ from = 1, color = "blue" }]
`) +
      `
[[destination]]
name  = "hook"
kind  = "webhook"
url   = "${hook.url}/"
retry = { attempts = 0, initial = "20ms", max = "100ms" }
`,
  );
  await h.send(e.ports[0], open());
  await wall.untilItShows(BLUE);
  status = 200;
  await wall.untilItShows(OFF);
  await e.atRest(1);
});

test("in quiet hours a lamp stays dark, but for what is urgent", async () => {
  const wall = await lamp();
  const hour = (n) =>
    new Date(Date.now() + n * 3_600_000).toISOString().slice(11, 16);
  const e = await h.engine(
    wall.config(
      `quiet = { from = "${hour(-1)}", to = "${hour(1)}", priority = 30 }
[[light.on]]
match  = { kind = "connection_close" }
effect = { color = "red", for = "300ms", priority = 31 }
[[light.on]]
match  = { kind = "connection_open" }
effect = { color = "green", for = "1h" }
`,
    ),
    { env: { TZ: "UTC" } },
  );
  await wall.untilItShows(OFF);
  await h.send(e.ports[0], open());
  await h.until(
    async () => (await e.get("/api/lights")).lights[0].events === 1,
    "the wish",
  );
  await h.send(e.ports[0], close());
  await wall.untilItShows(RED);
  await wall.untilItShows(OFF);
  assert.ok(!wall.told().includes(GREEN), wall.told().join());
});

test("a lamp that never answers delays neither the others nor the stop", async () => {
  const good = await lamp();
  const stuck = await lamp(() => {});
  const hook = await h.receiver();
  const e = await h.engine(
    good.config(`idle = { color = "blue" }\n` + comings, "good") +
      stuck.config(comings, "stuck") +
      `[[destination]]\nname = "hook"\nkind = "webhook"\nurl = "${hook.url}/"\n`,
  );
  await good.untilItShows(BLUE);
  await h.until(() => stuck.requests.length > 0, "the first command");
  await h.send(e.ports[0], open());
  await h.until(() => hook.requests.length === 1, "the event");
  await h.until(() => good.told().includes(GREEN), "green");
  const { code } = await e.stop();
  assert.equal(code, 0);
  // Told to be idle at the end, whatever it showed.
  assert.equal(good.shows(), BLUE);
  assert.match(e.stderr, /ledger balanced/);
});

test("a lamp stops idle, even while an effect lasts", async () => {
  const wall = await lamp();
  const e = await h.engine(
    wall.config(`
idle = { color = "blue" }
[[light.on]]
match  = { kind = "connection_open" }
effect = { color = "green", for = "1h" }
`),
  );
  await h.send(e.ports[0], open());
  await wall.untilItShows(GREEN);
  await e.stop();
  assert.equal(wall.shows(), BLUE);
});

test("a reload changes a lamp, adds one, and lets one go", async () => {
  const first = await lamp();
  const second = await lamp();
  const e = await h.engine(first.config(`idle = { color = "blue" }\n`));
  await first.untilItShows(BLUE);
  const reload = async (config) => {
    writeFileSync(join(e.folder, "signalbox.toml"), h.common + config);
    const answer = await e.post("/api/reload");
    assert.equal(answer.status, 200, answer.text);
  };
  await reload(
    first.config(`idle = { color = "green" }\n`) +
      second.config(`idle = { color = "red" }\n`, "hall"),
  );
  await first.untilItShows(GREEN);
  await second.untilItShows(RED);
  await reload(second.config(`idle = { color = "red" }\n`, "hall"));
  await h.until(async () => {
    const { lights } = await e.get("/api/lights");
    return lights.length === 1 && lights[0].name === "hall";
  }, "the first lamp to be gone");
  // The one that stayed was not told again.
  assert.deepEqual(second.told(), [RED]);
});
