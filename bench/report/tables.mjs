// The report in Markdown.
import { format, inOrder, metric, speeds } from "./metrics.mjs";
import { distinct, find, subjectsInOrder } from "./samples.mjs";

/** Rows of cells as a Markdown table; all but the first `left` are numbers. */
export function table(head, rows, left) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const ruler = head.map((_, i) => (i < left ? "---" : "--:"));
  return [line(head), line(ruler), ...rows.map(line)].join("\n") + "\n";
}

/** One scenario: a row for each load and subject. */
export function scenarioTable(scenario, samples) {
  const metrics = inOrder(distinct(samples, "metric"));
  const subjects = distinct(samples, "subject");
  const columns = metrics.flatMap((name) =>
    columnsOf(name, speeds.includes(name) && subjects.includes("floor")),
  );
  const rows = [];
  for (const load of distinct(samples, "load")) {
    const here = samples.filter((x) => x.load === load);
    for (const subject of subjectsInOrder(distinct(here, "subject"))) {
      const at = (who, name) => find(here, scenario, load, who, name);
      rows.push([
        load || "–",
        subject,
        ...columns.map(({ cell }) => cell((name) => at(subject, name),
          subject === "floor" ? () => undefined : (name) => at("floor", name))),
      ]);
    }
  }
  return table(["load", "subject", ...columns.map((x) => x.title)], rows, 2);
}

/** The column of a metric, and those that compare it with the floor. */
function columnsOf(name, compared) {
  const { title, digits, more } = metric(name);
  const show = (x, n = digits) => (x === undefined ? "" : format(x, n));
  const columns = [{ title, cell: (mine) => show(mine(name)) }];
  if (!compared) return columns;
  const both = (mine, floor, f) =>
    mine(name) === undefined || floor(name) === undefined
      ? undefined
      : f(mine(name), floor(name));
  if (!more)
    columns.push({
      title: "above the floor",
      cell: (mine, floor) => show(both(mine, floor, (x, y) => x - y)),
    });
  columns.push({
    title: "÷ floor",
    cell: (mine, floor) => show(both(mine, floor, (x, y) => x / y), 2),
  });
  return columns;
}

export function goalsTable(verdicts) {
  return table(
    ["goal", "measured", "bound", ""],
    verdicts.map((x) => [
      x.text,
      x.value === undefined ? "not measured" : format(x.value, x.digits),
      `${x.least ? "≥" : "≤"} ${format(x.bound, x.digits)}`,
      x.value === undefined ? "" : x.met ? "met" : "**missed**",
    ]),
    1,
  );
}

export function changesTable(changes) {
  return table(
    ["scenario", "load", "subject", "what", "before", "now", "change"],
    changes.map((x) => [
      x.scenario,
      x.load || "–",
      x.subject,
      metric(x.metric).title + (x.relative ? ", ÷ floor" : ""),
      format(x.before, x.relative ? 2 : metric(x.metric).digits),
      format(x.now, x.relative ? 2 : metric(x.metric).digits),
      `${x.worse ? "**" : ""}${format(100 * x.change, 0)} %${x.worse ? " worse**" : ""}`,
    ]),
    4,
  );
}
