// A run: its samples, and how to find one of them.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** A run as `bench_scenarios` or an earlier report has written it. */
export function readRun(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** What Google Benchmark's programs wrote into a folder, as samples. */
export function readMicro(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) =>
      microSamples(
        basename(name, ".json"),
        JSON.parse(readFileSync(join(folder, name), "utf8")),
      ),
    );
}

/**
 * The samples of one such program. A benchmark's name is its subject, and what
 * follows behind a slash its load: "floor/64".
 */
export function microSamples(scenario, { benchmarks }) {
  const samples = [];
  for (const x of benchmarks) {
    if (x.error_occurred)
      throw new Error(`${scenario}: ${x.name}: ${x.error_message}`);
    const [subject, ...rest] = x.name.split("/");
    const load = rest.filter((word) => word !== "real_time").join("/");
    const add = (metric, value) => {
      if (value !== undefined)
        samples.push({ scenario, load, subject, metric, value });
    };
    const seconds = x.per_event && x.per_event * 1e9;
    add("cpu_ns_per_event", x.cpu_ns_per_event ?? x["cpu_ns/event"] ?? seconds);
    add("events_per_core_second", x.events_per_core_second);
    add("bytes_per_key", x.bytes_per_key || undefined);
  }
  return samples;
}

/** The value of a sample; undefined if there is none. */
export function find(samples, scenario, load, subject, metric) {
  return samples.find(
    (x) =>
      x.scenario === scenario &&
      x.load === load &&
      x.subject === subject &&
      x.metric === metric,
  )?.value;
}

/** Distinct values of a property, in the order of their first appearance. */
export function distinct(samples, property) {
  return [...new Set(samples.map((x) => x[property]))];
}

export const isFloor = (subject) => subject.startsWith("floor");
export const isOurs = (subject) => subject.startsWith("signalbox");

/** The floor first, then the engine, then its peers. */
export function subjectsInOrder(subjects) {
  const rank = (x) => (x === "floor" ? 0 : isFloor(x) ? 1 : isOurs(x) ? 2 : 3);
  return [...subjects].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
