// The dashboard. Every value comes from strangers (datagrams, answers), so
// nothing is ever parsed as HTML: text goes in by textContent alone.

const MAX_EVENTS = 200; // rows kept on the page
const POLL_MS = 1000;
const LIGHTS_POLL_MS = 5000; // changes come by themselves, too
const LETTERS_POLL_MS = 5000;
const PEOPLE_POLL_MS = 2000;
const MAX_PEOPLE = 200; // listed by name
const MAX_SERVERS = 30;
const PACE_SECONDS = 120;
const MAX_RECORD = 1 << 20; // characters of one server-sent event

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", {
  notation: "compact", maximumFractionDigits: 2,
});
const rateFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

// ---- Small helpers ---------------------------------------------------------

function element(tag, text = "", properties = {}) {
  const x = Object.assign(document.createElement(tag), properties);
  x.textContent = text;
  return x;
}

function copy(template) {
  return $(template).content.firstElementChild.cloneNode(true);
}

/// Sets text only when it changed, so that a selection survives a refresh.
function say(x, text) {
  if (x.textContent !== text)
    x.textContent = text;
}

function count(x) {
  const n = Number(x);
  return Number.isFinite(n) ? number.format(n) : "–";
}

/// "1 command", "2 commands".
function many(n, thing) {
  return `${count(n)} ${thing}${n === 1 ? "" : "s"}`;
}

function sayCount(x, value) {
  const n = Number(value);
  say(x, n >= 1e7 ? compact.format(n) : count(n));
  x.title = n >= 1e7 ? count(n) : "";
}

function seconds(x) {
  if (x < 1)
    return "less than 1 s";
  if (x < 120)
    return `${Math.round(x)} s`;
  if (x < 7200)
    return `${Math.round(x / 60)} min`;
  return `${Math.round(x / 3600)} h`;
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- Asking the engine -----------------------------------------------------

const TOKEN = "signalbox.token";
let tokenGiven = null; // resolves when the person has typed a token

function askForToken() {
  tokenGiven ??= new Promise((done) => {
    $("login-error").hidden = !sessionStorage.getItem(TOKEN);
    $("token").value = "";
    $("login").showModal();
    $("login-form").onsubmit = (submit) => {
      submit.preventDefault();
      sessionStorage.setItem(TOKEN, $("token").value.trim());
      $("login").close();
      tokenGiven = null;
      done();
    };
  });
  return tokenGiven;
}

$("login").addEventListener("cancel", (x) => x.preventDefault());

/// Fetches with the token, if there is one, and asks for it when it is needed.
async function ask(path, options = {}) {
  for (;;) {
    await tokenGiven;
    const token = sessionStorage.getItem(TOKEN);
    const answer = await fetch(path, {
      ...options,
      cache: "no-store",
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    if (answer.ok)
      return answer;
    if (answer.status !== 401)
      throw new Error(`${path}: HTTP ${answer.status}`);
    if (token === sessionStorage.getItem(TOKEN))
      await askForToken();
  }
}

const read = async (path) =>
  (await ask(path, { signal: AbortSignal.timeout(10_000) })).json();

// ---- The connection --------------------------------------------------------

const link = { stream: false, poll: false, since: new Date(), tried: false };

function showLink() {
  const live = link.stream && link.poll;
  if (live) {
    link.since = null;
    link.tried = true;
  } else {
    link.since ??= new Date();
  }
  const state = live ? "live" : link.tried ? "lost" : "connecting";
  document.body.dataset.link = state;
  say($("link-text"),
      { live: "Live", lost: "Connection lost", connecting: "Connecting…" }[state]);
  $("lost").hidden = state !== "lost";
  if (link.since)
    say($("lost-since"), clock.format(link.since));
}

// ---- Lamps -----------------------------------------------------------------

const lamps = new Map(); // name → its figure
let lampsAt = 0;         // when the newest picture of them arrived

const HUES = [
  [15, "red"], [45, "orange"], [70, "yellow"], [165, "green"], [200, "cyan"],
  [255, "blue"], [290, "violet"], [345, "pink"], [361, "red"],
];

function colorName(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const max = Math.max(r, g, b);
  const spread = max - Math.min(r, g, b);
  if (spread < 40)
    return "white";
  const sector = max === r ? ((g - b) / spread + 6) % 6
    : max === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return HUES.find(([end]) => sector * 60 < end)[1];
}

const LOOKS = {
  on: "Shining", blink: "Blinking", pulse: "Pulsing", fade: "Fading to", off: "Off",
};

function showLamp(figure, x) {
  const shows = x.shows ?? {};
  const lit = ["on", "blink", "pulse", "fade"].includes(shows.show)
    && /^#[0-9a-f]{6}$/i.test(shows.color);
  const show = lit ? shows.show : "off";
  if (lit) // an unlit lamp keeps its colour, to fade out in it
    figure.style.setProperty("--lamp", shows.color);
  const level = Math.min(1, Math.max(0, Number(shows.brightness) || 0));
  const period = Math.max(334, Number(shows.period_ms) || 1000);
  figure.style.setProperty("--level", level);
  figure.style.setProperty("--period", `${period}ms`);
  figure.dataset.show = show;

  const find = (name) => figure.querySelector(name);
  const look = LOOKS[show] + (lit ? ` ${colorName(shows.color)}` : "");
  say(find(".lamp-name"), x.name);
  find(".lamp-name").title = x.name;
  say(find(".lamp-shows"), look);
  find("svg").setAttribute("aria-label", `${x.name}: ${look}`);
  const state = find(".lamp-state");
  state.dataset.state = x.state;
  say(state, x.state === "up" ? x.driver : `${x.driver}: ${x.state}`);
  say(find(".lamp-counts"), [
    `${count(x.events)} ${x.events === 1 ? "wish" : "wishes"}`,
    many(x.commands, "command"), ...(x.errors > 0 ? [many(x.errors, "error")] : []),
  ].join(", "));
}

function showLamps(list) {
  lampsAt = performance.now();
  const names = new Set(list.map((x) => x.name));
  for (const [name, figure] of lamps)
    if (!names.has(name)) {
      figure.remove();
      lamps.delete(name);
    }
  for (const x of list) {
    if (!lamps.has(x.name)) {
      lamps.set(x.name, copy("lamp"));
      $("lamps").append(lamps.get(x.name));
    }
    showLamp(lamps.get(x.name), x);
  }
  $("lamps").hidden = list.length === 0;
}

async function pollLamps() {
  const asked = performance.now();
  const { lights = [] } = await read("api/lights");
  if (lampsAt < asked) // else the stream was quicker
    showLamps(lights);
}

// ---- The books -------------------------------------------------------------

const REJECTED = {
  malformed: "malformed", oversized: "oversized", source: "source not allowed",
  encoding: "bad encoding",
};
const EVENT_TERMS = {
  journaled: "Journaled", excluded: "Excluded by a rule", duplicate: "Duplicate",
  limited: "Over a limit", shed: "Shed, the journal was full",
};
const DESTINATION_TERMS = {
  delivered: "Delivered", folded: "In a digest", waiting: "Waiting",
  in_flight: "In flight", not_matched: "Not matched", dead_lettered: "Dead letters",
  expired: "Expired", dropped: "Dropped",
};
const LOSSES = ["dead_lettered", "expired", "dropped"];

function showTerms(body, terms) {
  body.replaceChildren(...terms.map(([name, value, lost]) => {
    const row = element("tr");
    row.className = value > 0 ? (lost ? "lost" : "some") : "";
    row.append(element("th", name, { scope: "row" }), element("td", count(value)));
    return row;
  }));
}

function showBalance(balanced) {
  $("balance").dataset.balanced = String(balanced);
  say($("balance"), balanced ? "The books balance" : "The books do not balance");
}

function showDrops(dropped) {
  $("drops").hidden = !(dropped > 0);
  if (dropped > 0)
    say($("drops"), `The kernel dropped ${many(dropped, "datagram")} before `
        + "Signalbox could read them: raise receive_buffer, or the number of workers.");
}

function showMatrix(destinations) {
  const titles = Object.values(DESTINATION_TERMS);
  if (!$("matrix-head").hasChildNodes())
    $("matrix-head").append(...["Destination", ...titles].map(
      (x) => element("th", x, { scope: "col" })));
  $("matrix-body").replaceChildren(...destinations.map(([name, terms]) => {
    const row = element("tr");
    const head = element("th", "", { scope: "row", title: name });
    head.append(element("bdi", name));
    row.append(head);
    for (const term of Object.keys(DESTINATION_TERMS)) {
      const value = terms[term] ?? 0;
      const cell = element("td", count(value));
      cell.className = value === 0 ? "none" : LOSSES.includes(term) ? "lost" : "";
      row.append(cell);
    }
    return row;
  }));
}

function showBooks({ balanced, ingest = {}, events = {}, destinations = {} }) {
  const accounts = Object.entries(destinations);
  const sum = (term) => accounts.reduce((n, [, x]) => n + (x[term] ?? 0), 0);
  const figures = {
    received: ingest.received, events: events.parsed,
    delivered: sum("delivered") + sum("folded"),
    waiting: sum("waiting") + sum("in_flight"),
  };
  for (const [name, value] of Object.entries(figures))
    for (const x of document.querySelectorAll(
      `[data-figure="${name}"], [data-sum="${name}"]`))
      sayCount(x, value);

  showBalance(balanced === true);
  showDrops(ingest.kernel_dropped);
  const rejected = Object.entries(REJECTED).map(
    ([key, name]) => [`Rejected: ${name}`, ingest.rejected?.[key] ?? 0]);
  showTerms($("datagrams"), [
    ["Parsed", ingest.parsed ?? 0], ...rejected,
    ["Dropped by the kernel", ingest.kernel_dropped ?? 0, true],
  ]);
  showTerms($("event-terms"), Object.entries(EVENT_TERMS).map(
    ([key, name]) => [name, events[key] ?? 0, key === "shed"]));
  showMatrix(accounts);
  showPace(events.parsed ?? 0);
  showWaiting(events.parsed ?? 0);
}

const pace = { at: 0, total: 0, rates: [] };

/// Draws the events a second, from the growth of the total.
function showPace(total) {
  const now = performance.now();
  if (pace.at > 0 && total >= pace.total) {
    pace.rates.push((total - pace.total) / ((now - pace.at) / 1000));
    pace.rates = pace.rates.slice(-PACE_SECONDS);
  }
  Object.assign(pace, { at: now, total });
  if (pace.rates.length === 0)
    return;
  const latest = pace.rates.at(-1);
  say($("pace-now"), `${rateFormat.format(latest)} /s`);
  const top = Math.max(1, ...pace.rates);
  const step = 600 / (PACE_SECONDS - 1);
  const left = 600 - step * (pace.rates.length - 1);
  const points = pace.rates.map(
    (rate, i) => `${(left + i * step).toFixed(1)} ${(62 - 58 * rate / top).toFixed(1)}`);
  document.querySelector(".pace-line").setAttribute("d", `M${points.join("L")}`);
  document.querySelector(".pace-area").setAttribute(
    "d", `M${left.toFixed(1)} 64L${points.join("L")}L600 64Z`);
}

// ---- Who is active ---------------------------------------------------------

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const minute = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/// "09:15", or "21 Nov 09:15" if that was not today.
function sinceText(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    return String(text ?? "");
  const today = day.format(time) === day.format(new Date());
  return today ? minute.format(time) : `${day.format(time)} ${minute.format(time)}`;
}

function personRow(x) {
  const row = copy("person");
  const name = [x.directory, x.id].filter(Boolean).join("\\");
  const servers = (x.servers ?? []).join(", ");
  const facts = row.querySelector(".person-facts");
  row.querySelector(".person-name").textContent = name;
  facts.querySelector("bdi").textContent = servers;
  facts.querySelector("span").textContent = `since ${sinceText(x.since)}`;
  row.title = `${name} on ${servers}: ${many(x.sessions, "session")}, `
    + many(x.connections, "connection");
  return row;
}

function serverRow([name, users]) {
  const row = element("li");
  row.append(element("bdi", name || "(no name)", { title: name }),
             element("b", count(users)));
  return row;
}

function showPeople({ total = 0, servers = {}, users = [] }) {
  const all = Object.entries(servers).sort(([, a], [, b]) => b - a);
  say($("people-total"), many(total, "user"));
  $("people-servers").replaceChildren(...all.slice(0, MAX_SERVERS).map(serverRow));
  $("people-list").replaceChildren(...users.slice(0, MAX_PEOPLE).map(personRow));
  const others = total - Math.min(users.length, MAX_PEOPLE);
  $("people-more").hidden = !(others > 0);
  say($("people-more"), `and ${count(others)} more`);
  $("nobody").hidden = total > 0;
}

/// An engine that has just started does not know them yet, an older one never.
async function pollPeople() {
  try {
    showPeople(await read(`api/sessions?limit=${MAX_PEOPLE}`));
  } catch (error) {
    console.warn("Who is active is not known:", error);
  }
}

// ---- Destinations ----------------------------------------------------------

const STATES = {
  ok: "Delivering", idle: "Idle", retrying: "Retrying", open: "Not reachable",
  disabled: "Disabled",
};
const destinationRows = new Map(); // name → its row

function facts(x) {
  const list = [`${count(x.delivered)} delivered`];
  if (x.waiting > 0)
    list.push(`${count(x.waiting)} waiting up to ${seconds(x.oldest_age_s)}`);
  if (x.in_flight > 0)
    list.push(`${count(x.in_flight)} in flight`);
  if (x.retry_in_s > 0)
    list.push(`next try in ${seconds(x.retry_in_s)}`);
  return list.join(" · ");
}

const letters = new Map(); // name → how many dead letters are kept

/// The books tell who has any; how many are kept, only the journal knows.
async function pollLetters(list) {
  for (const { name, dead_lettered } of list) {
    if (!(dead_lettered > 0)) {
      letters.delete(name);
      continue;
    }
    const query = new URLSearchParams({ destination: name, limit: 1 });
    try {
      letters.set(name, (await read(`api/dead-letters?${query}`)).total);
    } catch (error) {
      console.warn("Dead letters were not read:", error);
    }
  }
}

async function sendAgain(name, row) {
  const button = row.querySelector("button");
  const text = row.querySelector(".destination-letters span");
  button.disabled = true;
  try {
    const query = new URLSearchParams({ destination: name });
    const answer = await ask(`api/dead-letters/retry?${query}`, { method: "POST" });
    const n = (await answer.json()).letters;
    say(text, n === 0 ? "None of them can be sent again"
      : `${many(n, "dead letter")} ${n === 1 ? "is" : "are"} sent again`);
  } catch (error) {
    console.warn("They were not sent again:", error);
    say(text, "The engine did not take it; try once more");
  }
  // Meanwhile they were sent, or refused once more.
  await wait(LETTERS_POLL_MS);
  button.disabled = false;
}

function showLetters(row, name) {
  const kept = letters.get(name) ?? 0;
  const box = row.querySelector(".destination-letters");
  const button = box.querySelector("button");
  if (button.disabled)
    return; // what came of a click stays a moment
  box.hidden = kept === 0;
  say(box.querySelector("span"), many(kept, "dead letter"));
  button.onclick = () => sendAgain(name, row);
}

function showDestination(row, x) {
  const find = (name) => row.querySelector(name);
  say(find("strong"), x.name);
  find("strong").title = x.name;
  say(find(".kind-tag"), x.kind);
  const badge = find(".badge");
  badge.dataset.state = x.state;
  say(badge, STATES[x.state] ?? String(x.state));
  say(find(".destination-facts"), facts(x));
  const troubled = x.state === "retrying" || x.state === "open";
  say(find(".destination-error"), troubled ? x.last_error ?? "" : "");
  showLetters(row, x.name);
}

function showDestinations(list) {
  const names = new Set(list.map((x) => x.name));
  for (const [name, row] of destinationRows)
    if (!names.has(name)) {
      row.remove();
      destinationRows.delete(name);
    }
  for (const x of list) {
    if (!destinationRows.has(x.name)) {
      destinationRows.set(x.name, copy("destination-row"));
      $("destination-list").append(destinationRows.get(x.name));
    }
    showDestination(destinationRows.get(x.name), x);
  }
  $("no-destinations").hidden = list.length > 0;
}

// ---- Events ----------------------------------------------------------------

const KINDS = {
  session_start: "Session started", session_stop: "Session stopped",
  connection_open: "App opened", connection_close: "App closed",
};

let paused = false;
let fresh = [];     // arrived, not yet on the page; newest last
let freshCount = 0; // since the pause began
let skipped = 0;
let drawing = false;

function timeOf(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? String(text ?? "") : clock.format(time);
}

function userOf(x) {
  return [x.user?.directory, x.user?.id].filter(Boolean).join("\\");
}

/// All of an event, one line a field: "app.name" → "Sales".
function fieldsOf(x, prefix = "") {
  return Object.entries(x).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? fieldsOf(value, `${prefix}${key}.`)
      : [[prefix + key, typeof value === "string" ? value : JSON.stringify(value)]]);
}

function showFields(details, x) {
  const list = element("dl");
  for (const [name, value] of fieldsOf(x))
    list.append(element("dt", name), element("dd", value, { dir: "auto" }));
  details.append(list);
}

function eventRow(x) {
  const row = copy("event-row");
  const find = (name) => row.querySelector(name);
  const kind = Object.hasOwn(KINDS, x.kind) ? x.kind : "other";
  find("time").textContent = timeOf(x.time);
  find("time").title = String(x.time ?? "");
  find(".kind").dataset.kind = kind;
  find(".kind-text").textContent = KINDS[kind] ?? x.command ?? "Other";
  find(".user").textContent = userOf(x);
  find(".what bdi").textContent = x.app?.name || x.app?.id || x.message || x.context || "";
  find(".where bdi").textContent = x.host ?? "";
  find("details").addEventListener(
    "toggle", (toggle) => showFields(toggle.target, x), { once: true });
  row.classList.add("new");
  return row;
}

function draw() {
  drawing = false;
  if (paused || fresh.length === 0)
    return;
  const list = $("event-list");
  list.prepend(...fresh.reverse().map(eventRow));
  fresh = [];
  while (list.childElementCount > MAX_EVENTS)
    list.lastElementChild.remove();
  $("waiting").hidden = true;
}

/// Many events between two frames cost one redraw of at most MAX_EVENTS rows.
function showEvent(x) {
  fresh.push(x);
  if (fresh.length > MAX_EVENTS)
    fresh.shift();
  if (paused)
    say($("pause"), `Resume (${count(++freshCount)} new)`);
  else if (!drawing) {
    drawing = true;
    requestAnimationFrame(draw);
  }
}

function showSkipped(events) {
  skipped += Number(events) || 0;
  $("skipped").hidden = skipped === 0;
  say($("skipped"), `${count(skipped)} not shown: this page was too slow`);
}

function showWaiting(total) {
  say($("waiting-text"), total > 0
    ? "Quiet since this page was opened" : "Waiting for the first event");
}

$("pause").addEventListener("click", () => {
  paused = !paused;
  freshCount = 0;
  $("pause").setAttribute("aria-pressed", String(paused));
  say($("pause"), paused ? "Resume" : "Pause");
  draw();
});

// ---- Server-sent events ----------------------------------------------------
// By fetch, as EventSource cannot carry the token.

function dispatch(type, data) {
  const x = JSON.parse(data);
  if (type === "light")
    showLamps(x.lights ?? []);
  else if (type === "skipped")
    showSkipped(x.events);
  else if (type === "message")
    showEvent(x);
}

function take(record) {
  let type = "message";
  const data = [];
  for (const line of record.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event")
      type = value;
    else if (field === "data")
      data.push(value);
  }
  if (data.length === 0)
    return; // a comment keeps the connection alive
  try {
    dispatch(type, data.join("\n"));
  } catch (error) {
    console.warn("A record was not understood:", error);
  }
}

async function follow(signal) {
  const answer = await ask("api/events", { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  link.stream = true;
  showLink();
  await pollLamps();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done)
      return;
    text += value.replaceAll("\r", "");
    const records = text.split("\n\n");
    text = records.pop();
    if (text.length > MAX_RECORD)
      throw new Error("a record is too long");
    records.forEach(take);
  }
}

let stream = new AbortController();

async function followForEver() {
  for (let pause = 500;; pause = Math.min(10_000, pause * 2)) {
    stream = new AbortController();
    try {
      await follow(stream.signal);
    } catch (error) {
      console.warn("The stream of events broke:", error);
    }
    stream.abort();
    if (link.stream)
      pause = 500;
    Object.assign(link, { stream: false, tried: true });
    showLink();
    await wait(pause * (0.5 + Math.random() / 2));
  }
}

async function pollForEver() {
  let lightsAt = 0;
  let lettersAt = -LETTERS_POLL_MS;
  let peopleAt = -PEOPLE_POLL_MS;
  for (;; await wait(POLL_MS)) {
    try {
      const [books, { destinations = [] }]
        = await Promise.all([read("api/ledger"), read("api/destinations")]);
      showBooks(books);
      if (performance.now() - lettersAt > LETTERS_POLL_MS) {
        lettersAt = performance.now();
        await pollLetters(destinations);
      }
      showDestinations(destinations);
      if (performance.now() - lightsAt > LIGHTS_POLL_MS) {
        lightsAt = performance.now();
        await pollLamps();
      }
      if (performance.now() - peopleAt > PEOPLE_POLL_MS) {
        peopleAt = performance.now();
        await pollPeople();
      }
      link.poll = true;
    } catch (error) {
      console.warn("The engine did not answer:", error);
      Object.assign(link, { poll: false, tried: true });
      stream.abort(); // it may not have noticed
    }
    showLink();
  }
}

followForEver();
pollForEver();
