// A run beside an earlier one.
import { metric, speeds } from "./metrics.mjs";
import { find, isOurs } from "./samples.mjs";

/** A change for the worse beyond this part is told. */
export const tolerance = 0.1;

/**
 * What became of each number of the engine that both runs have. Speeds are
 * compared by their ratio to the floor of their own run, where there is one, as
 * machines differ, and the same machine from hour to hour.
 */
export function compare(before, now) {
  const changes = [];
  for (const x of now) {
    if (!isOurs(x.subject) || x.metric === "lost") continue;
    const mine = [before, now].map((run) => number(run, x));
    if (mine.some((y) => y === undefined)) continue;
    const relative = mine.every((y) => y.relative);
    const [old, fresh] = mine.map((y) => (relative ? y.ratio : y.value));
    if (old === 0) continue;
    const change = (fresh - old) / old;
    const worse = (metric(x.metric).more ? -change : change) > tolerance;
    changes.push({ ...x, relative, before: old, now: fresh, change, worse });
  }
  return changes;
}

function number(run, { scenario, load, subject, metric: name }) {
  const value = find(run, scenario, load, subject, name);
  if (value === undefined) return undefined;
  const floor = speeds.includes(name)
    ? find(run, scenario, load, "floor", name)
    : undefined;
  return { value, relative: floor > 0, ratio: value / floor };
}
