// Plots of a run, by gnuplot (Debian: gnuplot-nox). Without it there are none.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { format } from "./metrics.mjs";
import { distinct, find, isFloor, isOurs, subjectsInOrder } from "./samples.mjs";

// Told apart by people who see no red or green, too (Okabe and Ito, 2008).
const ours = ["#0072b2", "#56b4e9", "#7fa8d9"];
const peers = ["#e69f00", "#009e73", "#cc79a7", "#d55e00"];
const floors = ["#8c8c8c", "#c4c4c4"];

const plots = [
  {
    scenario: "receive",
    metric: "cpu_us_per_event",
    title: "CPU time of receiving an event, by rate",
    unit: "µs CPU/event",
  },
  {
    scenario: "highest_rate",
    metric: "events_per_second",
    title: "Highest rate with under 0.1 % lost",
    unit: "million events/s",
    scale: 1e-6,
  },
  {
    scenario: "file",
    metric: "cpu_us_per_event",
    title: "CPU time of an event from UDP to a file",
    unit: "µs CPU/event",
  },
  {
    scenario: "mqtt",
    metric: "cpu_us_per_event",
    title: "CPU time of an event from UDP to MQTT",
    unit: "µs CPU/event",
  },
  {
    scenario: "mqtt",
    metric: "delivery_us_per_event",
    title: "CPU time of it that delivering to MQTT takes",
    unit: "µs CPU/event",
  },
  {
    scenario: "webhook",
    metric: "cpu_us_per_event",
    title: "CPU time of an event from UDP to a webhook",
    unit: "µs CPU/event",
  },
  {
    scenario: "webhook",
    metric: "delivery_us_per_event",
    title: "CPU time of it that delivering to a webhook takes",
    unit: "µs CPU/event",
  },
  {
    scenario: "latency",
    metric: "p99_us",
    inner: "p50_us",
    title: "From datagram to message: median (dark) and 99th percentile (pale)",
    unit: "µs, logarithmic",
    logarithmic: true,
  },
];

/** Draws what the samples have; returns what the report needs to show it. */
export function drawPlots(folder, samples) {
  const drawn = [];
  for (const plot of plots) {
    const mine = samples.filter(
      (x) => x.scenario === plot.scenario && x.metric === plot.metric,
    );
    if (mine.length === 0) continue;
    const delivery = plot.metric.startsWith("delivery") ? "_delivery" : "";
    const file = `${plot.scenario}${delivery}.svg`;
    const { error, status, stderr } = spawnSync("gnuplot", [], {
      input: script(plot, mine, samples, join(folder, file)),
      encoding: "utf8",
    });
    if (error?.code === "ENOENT") return [];
    if (error || status !== 0)
      throw new Error(`gnuplot: ${error?.message ?? stderr}`);
    drawn.push({ scenario: plot.scenario, title: plot.title, file });
  }
  return drawn;
}

/** A colour for each subject, the same in all plots of one set of subjects. */
export function colours(subjects) {
  const left = { ours: [...ours], peers: [...peers], floors: [...floors] };
  const fixed = { rsyslog: peers[0], "syslog-ng": peers[1], node: peers[2] };
  return new Map(
    subjects.map((x) => {
      const kind = isFloor(x) ? "floors" : isOurs(x) ? "ours" : "peers";
      return [x, fixed[x] ?? left[kind].shift() ?? "#000000"];
    }),
  );
}

/** Text between gnuplot's double quotes; a line break stays one. */
const quoted = (text) =>
  `"${text.replaceAll(/["\\`]/g, "").replaceAll("\n", "\\n")}"`;

/** Groups of bars, one group a load, one bar a subject. */
function script(plot, mine, samples, file) {
  const { scale = 1, inner, logarithmic, scenario, title, unit } = plot;
  const subjects = subjectsInOrder(distinct(mine, "subject"));
  const loads = distinct(mine, "load");
  const colour = colours(subjects);
  const bars = [];
  const tics = [];
  let x = 0;
  for (const load of loads) {
    const begin = x;
    for (const subject of subjects) {
      const of = (metric) => find(samples, scenario, load, subject, metric);
      const value = of(plot.metric);
      if (value === undefined) continue;
      bars.push({ x: x++, subject, value: value * scale, inner: of(inner) });
    }
    tics.push(`${quoted(loadText(load))} ${(begin + x - 1) / 2}`);
    x += 1;
  }
  const top = Math.max(...bars.map((b) => b.value));
  const low = Math.min(...bars.map((b) => b.inner ?? b.value));
  const range = logarithmic
    ? `[${10 ** Math.floor(Math.log10(low))}:${top * 3}]`
    : `[0:${top * 1.15}]`;
  const data = [];
  const drawings = [];
  const draw = (rows, how) => {
    const name = `$d${data.length}`;
    data.push(`${name} << EOD\n${rows.join("\n")}\nEOD`);
    drawings.push(`${name} ${how}`);
  };
  // A few bars are not drawn wider than many.
  const middle = x / 2 - 1;
  const half = Math.max(x, 16) / 2 - 0.1;
  const digits = (v) => (v < 10 ? 2 : v < 100 ? 1 : 0);
  for (const subject of subjects) {
    const own = bars.filter((b) => b.subject === subject);
    const fill = isFloor(subject) ? "fillstyle pattern 4 border" : "fillstyle solid border";
    const rgb = `linecolor rgb "${colour.get(subject)}"`;
    const pale = inner && !isFloor(subject) ? "fillstyle solid 0.35 border" : fill;
    draw(
      own.map((b) => `${b.x} ${b.value}`),
      `using 1:2 with boxes ${rgb} ${pale} title ${quoted(subject)}`,
    );
    if (inner)
      draw(
        own.map((b) => `${b.x} ${b.inner}`),
        `using 1:2 with boxes ${rgb} fillstyle solid border notitle`,
      );
  }
  const label = (of, how) =>
    draw(
      bars.map((b) => `${b.x} ${of(b)} "${format(of(b), digits(of(b)))}"`),
      `using 1:2:3 with labels center font ',11' ${how} notitle`,
    );
  label((b) => b.value, "offset 0,0.6");
  if (inner) label((b) => b.inner, "offset 0,-0.7 textcolor rgb 'white'");
  return [
    `set terminal svg size ${120 + 36 * Math.max(x, 16)},440 font "sans-serif,13" background "white"`,
    `set output ${quoted(file)}`,
    ...data,
    // Above the legend, where the plot's own title cannot be.
    `set key title ${quoted(`{/=15 ${title}}`)} center`,
    `set ylabel ${quoted(unit)}`,
    `set xrange [${middle - half}:${middle + half}]`,
    logarithmic ? "set logscale y; set format y '%.0f'" : "",
    `set yrange ${range}`,
    `set xtics (${tics.join(", ")}) scale 0`,
    "set ytics nomirror",
    'set grid ytics linecolor rgb "#dddddd" linetype 1',
    "set bmargin 4.5", // Room for three lines.
    "set border 3 linecolor rgb '#555555'",
    "set boxwidth 0.85",
    "set key outside top center horizontal reverse Left",
    `plot ${drawings.join(", ")}`,
    "",
  ].join("\n");
}

/** A load under its bars, on two lines. */
function loadText(load) {
  return load
    .replaceAll(/(\d)000\/s/g, "$1,000/s")
    .replace(/,? (?=[\d,]+\/s)/, "\n")
    .replaceAll(", ", "\n");
}
