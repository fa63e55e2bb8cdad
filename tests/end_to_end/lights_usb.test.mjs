// USB lamps of the real program, above the real hidapi: umockdev stands in for
// the kernel.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { atEnd, engine, g2, send, until } from "./harness.mjs";

const preload = "libumockdev-preload.so.0";

/** A bus that lamps are plugged into. */
async function bus() {
  const child = spawn(process.env.USB_HOST_BIN, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, LD_PRELOAD: preload },
  });
  let text = "";
  child.stdout.on("data", (d) => (text += d));
  // So that it takes its files with it.
  atEnd(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  const lines = () => text.split("\n").slice(0, -1);
  await until(() => lines().length > 0, "the bus");
  const x = { env: { LD_PRELOAD: preload, UMOCKDEV_DIR: lines()[0] } };
  let commands = 0;
  x.tell = async (command) => {
    child.stdin.write(command + "\n");
    ++commands;
    await until(
      () => lines().filter((l) => l === "done").length === commands,
      command,
    );
  };
  // What was sent since `mark`.
  let from = 1;
  x.mark = () => (from = lines().length);
  x.reports = () =>
    lines()
      .slice(from)
      .filter((l) => l !== "done");
  x.got = (report) =>
    until(() => x.reports().includes(report), `the report ${report}`);
  return x;
}

const blink1 = "27b8 01ed 3a1c0de0";
const luxafor = "04d8 f372";

const tended = "feature 01 44 01 0b b8 01 04 04 00";
const prepared = [
  "feature 01 70 00 00 00 00 00 00 00",
  "feature 01 6c 00 00 00 00 00 00 00",
  "feature 01 50 00 00 00 00 01 04 00",
];
const blink1Shows = (rgb) => `feature 01 63 ${rgb} 00 01 00 00`;
const luxaforShows = (rgb) => `output 00 01 ff ${rgb} 00 00 00`;
const green = "00 ff 00";
const red = "ff 00 00";
const dark = "00 00 00";

const lamp = (name, driver) => `
[[light]]
name = "${name}"
driver = "${driver}"
[[light.on]]
match = { kind = "connection_open" }
effect = { color = "green" }
[[light.on]]
match = { kind = "connection_close" }
effect = { color = "red" }
`;

const config = lamp("desk", "blink1") + lamp("door", "luxafor");
const opened = g2({ command: "Open connection" });
const closed = g2({ command: "Close connection" });

test("an event lights the lamps, the end darkens them", async () => {
  const usb = await bus();
  await usb.tell(`plug 0 ${blink1}`);
  await usb.tell(`plug 1 ${luxafor}`);
  const x = await engine(config, { env: usb.env });
  // Whatever they showed before.
  await usb.got(blink1Shows(dark));
  await usb.got(luxaforShows(dark));
  usb.mark();
  await send(x.ports[0], opened);
  await usb.got(blink1Shows(green));
  await usb.got(luxaforShows(green));
  await usb.got(tended);
  usb.mark();
  await x.stop();
  assert.ok(usb.reports().includes(blink1Shows(dark)));
  assert.ok(usb.reports().includes(luxaforShows(dark)));
});

test("a lamp that comes back is told what it shows now", async () => {
  const usb = await bus();
  await usb.tell(`plug 0 ${blink1}`);
  await usb.tell(`plug 1 ${luxafor}`);
  const x = await engine(config, { env: usb.env });
  await send(x.ports[0], opened);
  await usb.got(blink1Shows(green));

  await usb.tell("unplug 0");
  usb.mark();
  await send(x.ports[0], closed);
  await until(
    () => x.stderr.includes("no blink(1) is plugged in"),
    "a line about the lamp",
  );
  // The other one is none the worse for it.
  await usb.got(luxaforShows(red));
  await send(x.ports[0], opened);
  await usb.got(luxaforShows(green));
  await send(x.ports[0], closed);
  await until(() => usb.reports().at(-1) === luxaforShows(red), "red again");

  // Elsewhere, so that its node has another name.
  usb.mark();
  await usb.tell(`plug 7 ${blink1}`);
  await usb.got(blink1Shows(red));
  assert.deepEqual(
    usb
      .reports()
      .filter((l) => l.startsWith("feature"))
      .slice(0, 5),
    [...prepared, tended, blink1Shows(red)],
  );
  await until(() => /lamp 'desk' works again/.test(x.stderr), "good news");
  // One line for all the time that it was away.
  const troubles = x.stderr.split("\n").filter((l) => / warning /.test(l));
  assert.equal(troubles.length, 1, troubles.join("\n"));
  assert.match(
    troubles[0],
    /lamp 'desk' \(blink1\): no blink\(1\) is plugged in$/,
  );
  await x.stop();
});

test("a lamp that was never there is named, and waited for", async () => {
  const usb = await bus();
  const x = await engine(lamp("desk", "blink1"), { env: usb.env });
  await until(
    () => /lamp 'desk' \(blink1\): no blink\(1\) is plugged in/.test(x.stderr),
    "a line about the lamp",
  );
  await usb.tell(`plug 0 ${blink1}`);
  await usb.got(blink1Shows(dark));
  await x.stop();
});

test("after kill -9 the lamp is set anew", async () => {
  const usb = await bus();
  await usb.tell(`plug 1 ${luxafor}`);
  const x = await engine(lamp("door", "luxafor"), { env: usb.env });
  await send(x.ports[0], opened);
  await usb.got(luxaforShows(green));
  await x.stop("SIGKILL");
  usb.mark();
  const y = await engine(lamp("door", "luxafor"), {
    env: usb.env,
    folder: x.folder,
  });
  await usb.got(luxaforShows(dark));
  await y.stop();
});
