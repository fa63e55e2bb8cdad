// Whether a run meets its goals, which are data (goals.json).
import { metric } from "./metrics.mjs";
import { find } from "./samples.mjs";

/**
 * A goal's verdict: `value` is what was measured (undefined: it was not), and
 * `met` whether that keeps the bound. Kinds:
 * - above_floor: the engine's value less that of `to` (the floor) is at most so;
 * - ratio_to: the engine's value by that of `to` is at most so, or at least so
 *   for a metric of which more is better;
 * - peer_ratio: the value of the best of `to` by the engine's is at least so;
 * - at_most, at_least: the engine's value itself.
 * `subject` is "signalbox", `to`, a name or a list of them, the "floor", and
 * `to_load` the same load, unless the goal says otherwise.
 */
export function judge(goal, samples) {
  const {
    subject = "signalbox",
    to = "floor",
    scenario,
    load,
    to_load = load,
  } = goal;
  const of = (at, who) => find(samples, scenario, at, who, goal.metric);
  const { more, digits } = metric(goal.metric);
  const mine = of(load, subject);
  const theirs = [to]
    .flat()
    .map((who) => of(to_load, who))
    .filter((x) => x !== undefined)
    .sort((a, b) => (more ? b - a : a - b))[0];
  const compare = (f) =>
    mine === undefined || theirs === undefined ? undefined : f(mine, theirs);
  const kinds = {
    above_floor: () => [compare((x, y) => x - y), false, digits],
    ratio_to: () => [compare((x, y) => x / y), more, 2],
    peer_ratio: () => [compare((x, y) => y / x), true, 2],
    at_most: () => [mine, false, digits],
    at_least: () => [mine, true, digits],
  };
  const kind = kinds[goal.kind];
  if (!kind) throw new Error(`goals.json: no such kind: ${goal.kind}`);
  const [value, least, places] = kind();
  const met = least ? value >= goal.bound : value <= goal.bound;
  return { ...goal, value, least, digits: places, met };
}
