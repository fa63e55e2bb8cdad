// What a report says of numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.mjs";
import { judge } from "./goals.mjs";
import { microSamples } from "./samples.mjs";
import { scenarioTable } from "./tables.mjs";

const sample = (subject, metric, value, load = "qlik 100000/s") => ({
  scenario: "receive",
  load,
  subject,
  metric,
  value,
});

const cpu = "cpu_us_per_event";

const goal = (kind, bound, rest = {}) => ({
  scenario: "receive",
  load: "qlik 100000/s",
  metric: cpu,
  kind,
  bound,
  ...rest,
});

test("a goal is judged by its kind and by what is better", () => {
  const samples = [
    sample("signalbox", cpu, 1.5),
    sample("signalbox", cpu, 1, "idle"),
    sample("floor", cpu, 1),
    sample("rsyslog", cpu, 3),
    sample("node", cpu, 6),
    sample("signalbox", "events_per_second", 900),
    sample("floor", "events_per_second", 1000),
  ];
  const rate = { metric: "events_per_second" };
  for (const [x, value, met] of [
    [goal("above_floor", 0.5), 0.5, true],
    [goal("above_floor", 0.4), 0.5, false],
    [goal("ratio_to", 1.6), 1.5, true],
    [goal("ratio_to", 1.4), 1.5, false],
    [goal("ratio_to", 0.9, rate), 0.9, true],
    [goal("ratio_to", 0.95, rate), 0.9, false],
    [goal("peer_ratio", 2, { to: ["rsyslog", "node", "nobody"] }), 2, true],
    [goal("peer_ratio", 3, { to: ["rsyslog", "node"] }), 2, false],
    [goal("ratio_to", 2, { to: "signalbox", to_load: "idle" }), 1.5, true],
    [goal("at_most", 1.5), 1.5, true],
    [goal("at_least", 1000, rate), 900, false],
  ]) {
    const verdict = judge(x, samples);
    assert.equal(verdict.value, value, JSON.stringify(x));
    assert.equal(verdict.met, met, JSON.stringify(x));
  }
});

test("a goal without its numbers is not judged", () => {
  const verdict = judge(goal("above_floor", 1), [sample("signalbox", cpu, 1)]);
  assert.equal(verdict.value, undefined);
  assert.equal(verdict.met, false);
  assert.throws(() => judge(goal("about", 1), []), /about/);
});

test("runs are compared by the ratio to their own floor", () => {
  const before = [sample("signalbox", cpu, 2), sample("floor", cpu, 1)];
  const slowMachine = [sample("signalbox", cpu, 4), sample("floor", cpu, 2)];
  assert.deepEqual(
    compare(before, slowMachine).map((x) => [x.change, x.worse]),
    [[0, false]],
  );
  const worse = [sample("signalbox", cpu, 2.3), sample("floor", cpu, 1)];
  assert.deepEqual(
    compare(before, worse).map((x) => x.worse),
    [true],
  );
});

test("less of what is better is worse", () => {
  const run = (rss, rate) => [
    sample("signalbox", "rss_mib", rss),
    sample("signalbox", "events_per_second", rate),
  ];
  const worse = (now) => compare(run(10, 100), now).map((x) => x.worse);
  assert.deepEqual(worse(run(12, 120)), [true, false]);
  assert.deepEqual(worse(run(8, 80)), [false, true]);
  assert.deepEqual(worse(run(10.5, 95)), [false, false]);
});

test("each subject stands beside the floor of its load", () => {
  const table = scenarioTable("receive", [
    sample("signalbox", cpu, 1.5),
    sample("floor", cpu, 1),
    sample("signalbox", "lost", 0),
  ]);
  assert.match(table, /\| floor \| 1\.00 \| {2}\| {2}\| {2}\|\n/);
  assert.match(table, /\| signalbox \| 1\.50 \| 0\.50 \| 1\.50 \| 0 \|\n/);
});

test("micro benchmarks become samples", () => {
  const benchmarks = [
    { name: "floor/64", per_event: 25e-9 },
    { name: "limit/1000", per_event: 50e-9, bytes_per_key: 16 },
    { name: "write_store/256/4/real_time", "cpu_ns/event": 800 },
  ];
  assert.deepEqual(
    microSamples("blob", { benchmarks }).map((x) => [
      x.subject,
      x.load,
      x.metric,
      Math.round(x.value),
    ]),
    [
      ["floor", "64", "cpu_ns_per_event", 25],
      ["limit", "1000", "cpu_ns_per_event", 50],
      ["limit", "1000", "bytes_per_key", 16],
      ["write_store", "256/4", "cpu_ns_per_event", 800],
    ],
  );
  assert.throws(() =>
    microSamples("blob", {
      benchmarks: [{ name: "x", error_occurred: true, error_message: "no" }],
    }),
  );
});
