// Makes a report of a run: report.mjs FOLDER [FORMER_RESULTS]
//
// FOLDER holds what was measured: scenarios.json, and micro/*.json of the micro
// benchmarks. It gets results.json (all of it in one form), report.md, and a
// plot each as *.svg. FORMER_RESULTS is the results.json to compare with.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, tolerance } from "./compare.mjs";
import { judge } from "./goals.mjs";
import { drawPlots } from "./plots.mjs";
import { distinct, readMicro, readRun } from "./samples.mjs";
import { changesTable, goalsTable, scenarioTable } from "./tables.mjs";

const data = (name) =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

/** A sample a line, so that a change of the file is readable as such. */
function write(file, { samples, ...head }) {
  const lines = samples.map((x) => JSON.stringify(x)).join(",\n");
  const rest = Object.entries(head).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`,
  );
  writeFileSync(file, `{${rest.join("")}"samples":[\n${lines}\n]}\n`);
}

function machineText({ machine, commit, date }) {
  return (
    `${machine.processor}, ${machine.cores} cores, ${machine.kernel}, ` +
    `net.core.rmem_max ${machine.rmem_max}; commit ${commit}, ${date}.\n`
  );
}

function changesText(run, former) {
  const changes = compare(former.samples, run.samples);
  const worse = changes.filter((x) => x.worse);
  const count = `${changes.length} numbers compared, ${worse.length} of them`;
  const text = `With commit ${former.commit} (${former.date}): ${count} more than ${100 * tolerance} % worse. Where there is a floor, the ratio to it is compared.\n`;
  return worse.length > 0 ? `${text}\n${changesTable(worse)}` : text;
}

function markdown(run, former, goals, plots) {
  const titles = data("scenarios.json");
  const part = (title, text) => `## ${title}\n\n${text}\n`;
  const parts = [
    "# What it costs\n",
    run.smoke
      ? "A smoke test: it shows that the benchmarks work, and its numbers mean nothing.\n"
      : "The engine beside the least that its work can cost, and beside others, in the same run.\n",
    machineText(run),
  ];
  if (goals.length > 0) parts.push(part("Goals", goalsTable(goals)));
  if (former) parts.push(part("Compared", changesText(run, former)));
  for (const name of distinct(run.samples, "scenario")) {
    const { title = name, text = "" } = titles[name] ?? {};
    const table = scenarioTable(
      name,
      run.samples.filter((x) => x.scenario === name),
    );
    const images = plots
      .filter((x) => x.scenario === name)
      .map((x) => `\n![${x.title}](${x.file})\n`);
    parts.push(part(title, `${text && `${text}\n\n`}${table}${images.join("")}`));
  }
  return parts.join("\n");
}

const [folder, formerFile] = process.argv.slice(2);
if (!folder) {
  console.error("usage: report.mjs FOLDER [FORMER_RESULTS]");
  process.exit(2);
}
const run = readRun(join(folder, "scenarios.json"));
if (existsSync(join(folder, "micro")))
  run.samples.push(...readMicro(join(folder, "micro")));
const former =
  formerFile && existsSync(formerFile) && !run.smoke
    ? readRun(formerFile)
    : undefined;
const goals = (run.smoke ? [] : data("goals.json"))
  .filter((x) => distinct(run.samples, "scenario").includes(x.scenario))
  .map((x) => judge(x, run.samples));
write(join(folder, "results.json"), run);
const plots = drawPlots(folder, run.samples);
writeFileSync(join(folder, "report.md"), markdown(run, former, goals, plots));
if (goals.length > 0) console.log(goalsTable(goals));
if (former) console.log(changesText(run, former));
