// What the numbers are: heading, digits, and whether more of it is better.

const known = {
  cpu_us_per_event: { title: "CPU, µs/event", digits: 2 },
  delivery_us_per_event: { title: "of it delivering, µs/event", digits: 2 },
  cpu_ns_per_event: { title: "CPU, ns/event", digits: 1 },
  events_per_core_second: { title: "events a core-second", digits: 0, more: true },
  events_per_second: { title: "events/s", digits: 0, more: true },
  sent_per_second: { title: "sent/s", digits: 0, more: true },
  of_highest_rate: { title: "of the highest rate", digits: 2, more: true },
  p50_us: { title: "p50, µs", digits: 0 },
  p99_us: { title: "p99, µs", digits: 0 },
  rss_mib: { title: "RSS, MiB", digits: 1 },
  rss_idle_mib: { title: "RSS when idle, MiB", digits: 1 },
  rss_growth_mib: { title: "RSS growth, MiB", digits: 1 },
  bytes_per_key: { title: "bytes/key", digits: 0 },
  lost: { title: "lost", digits: 0 },
};

/** Metrics that depend on the machine's speed: told as a ratio to the floor. */
export const speeds = [
  "cpu_us_per_event",
  "delivery_us_per_event",
  "cpu_ns_per_event",
  "events_per_core_second",
  "events_per_second",
  "p50_us",
  "p99_us",
];

/** All that is known of a metric; one that is not known is shown by its name. */
export function metric(name) {
  const { title = name.replaceAll("_", " "), digits = 2, more = false } =
    known[name] ?? {};
  return { title, digits, more };
}

/** Known metrics in the order of their columns, before those that are not. */
export function inOrder(names) {
  const order = Object.keys(known);
  const place = (x) => (order.indexOf(x) + 1 || order.length + 1);
  return [...names].sort((a, b) => place(a) - place(b));
}

/** A number for a person: "1,234,567", "0.84". */
export function format(value, digits) {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
