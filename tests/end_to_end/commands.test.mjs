// The command line, as an administrator uses it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

function configFile(text) {
  const file = join(h.temporaryFolder(), "signalbox.toml");
  writeFileSync(file, text);
  return file;
}

test("every mistake is told at once, with its place and a cure", async () => {
  const file = configFile(
    [
      "[[listen]]",
      "adress = '[::]:9997'",
      "allow = []",
      "[[destination]]",
      'name = "a"',
      'kind = "slak"',
      "[[destination]]",
      'name = "a"',
      'kind = "webhook"',
      'url = "https:///hook"',
      'rate = "fast"',
      "[[destination]]",
      'name = "b"',
      'kind = "slack"',
      'url_file = "/no/such/file"',
      'template = "{{user.nam}}"',
      "[[destination]]",
      'name = "c"',
      'kind = "file"',
      'path = "x"',
      'excess = "digest"',
      "[cluster]",
      'listen = "0.0.0.0:9795"',
    ].join("\n"),
  );
  for (const command of ["check", "run"]) {
    const { code, stderr } = await h.signalbox(command, "--config", file);
    assert.equal(code, 78);
    for (const expected of [
      /toml:2:1: .*adress.*address/s,
      /toml:3:\d+: .*allow/,
      /toml:6:\d+: .*slak.*did you mean.*slack/,
      /toml:8:\d+: .*'?a'?.*/,
      /toml:10:\d+: .*host/,
      /toml:11:\d+: .*rate/,
      /toml:15:\d+: .*\/no\/such\/file/,
      /toml:16:\d+: .*user\.nam.*user\.id|toml:16:\d+: .*user\.nam/,
      /toml:21:\d+: .*excess.*wait/,
      /toml:22:\d+: .*cluster.*not available in this version/,
    ])
      assert.match(stderr, expected);
  }
});

test("a good file is good, and check can reach every destination", async () => {
  const up = await h.receiver();
  const down = await h.freePort();
  const file = configFile(`
    [[destination]]
    name = "up"
    kind = "webhook"
    url = "${up.url}/secret-path"
    [[destination]]
    name = "down"
    kind = "webhook"
    url = "http://127.0.0.1:${down}/secret-path"
  `);
  const plain = await h.signalbox("check", file);
  assert.equal(plain.code, 0, plain.stderr);
  assert.match(plain.stdout, /good/);
  const reached = await h.signalbox("check", "--connect", "--config", file);
  assert.equal(reached.code, 1);
  assert.match(reached.stdout, /up \(webhook\): reached/);
  assert.match(reached.stdout, /down \(webhook\): .*(refused|connect)/i);
  assert.doesNotMatch(reached.stdout + reached.stderr, /secret-path/);
  assert.equal(up.requests.length, 0, "nothing was delivered");
});

test("a port in use is told in words, with exit code 1", async () => {
  const e = await h.engine("");
  const file = configFile(`
    [[listen]]
    address = "127.0.0.1:${e.ports[0]}"
    [admin]
    listen = ""
  `);
  const udp = await h.signalbox("run", "--config", file);
  assert.equal(udp.code, 1);
  assert.match(udp.stderr, new RegExp(`${e.ports[0]}.*in use`));
  const other = configFile(`
    [[listen]]
    address = "127.0.0.1:0"
    [admin]
    listen = "${new URL(e.url).host}"
  `);
  const admin = await h.signalbox("run", "--config", other);
  assert.equal(admin.code, 1);
  assert.match(admin.stderr, /in use/);
  await e.stop();
});

test("usage mistakes end with 2 and help with 0", async () => {
  assert.equal((await h.signalbox()).code, 2);
  assert.equal((await h.signalbox("dance")).code, 2);
  assert.equal((await h.signalbox("send", "--to", "nowhere")).code, 2);
  const help = await h.signalbox("--help");
  assert.equal(help.code, 0);
  for (const command of [
    ...["run", "check", "send", "listen", "status", "reload", "dead-letters"],
  ]) {
    assert.match(help.stdout, new RegExp(`\\b${command}\\b`));
    const one = await h.signalbox(command, "--help");
    assert.equal(one.code, 0);
    assert.match(one.stdout, /--/);
  }
  assert.match((await h.signalbox("--version")).stdout, /^signalbox \d/);
  const manual = (await h.signalbox("man")).stdout;
  assert.match(manual, /^\.TH SIGNALBOX 1/);
  for (const x of ["reload", "dead\\\\-letters", "dead\\\\-letters purge"])
    assert.match(manual, new RegExp(`^\\.SS ${x}$`, "m"));
});

test("send and listen understand each other in every format", async () => {
  const port = await h.freePort();
  const ear = h.start(process.env.SIGNALBOX_BIN, [
    ...["listen", "--port", String(port), "--count", "5", "--json"],
  ]);
  await h.until(() => /listening/.test(ear.stderr), "listen to listen");
  const to = ["--to", `127.0.0.1:${port}`];
  for (const format of ["g2", "g1", "g0", "json"]) {
    const sent = await h.signalbox(
      ...["send", ...to, "--format", format, "--user", "LAB\\joe"],
      ...["--host", "srv", "--kind", "session_stop"],
    );
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, /sent 1 datagram /);
  }
  const file = configFile("what is this\n");
  await h.signalbox("send", ...to, "--file", file);
  assert.equal((await ear.ended).code, 0);
  const lines = ear.stdout.trim().split("\n").map((x) => JSON.parse(x));
  assert.equal(lines.length, 5);
  for (const x of lines.slice(0, 4)) {
    assert.equal(x.kind, "session_stop");
    assert.equal(x.host, "srv");
    assert.deepEqual(x.user, { directory: "LAB", id: "joe" });
  }
  assert.equal(lines[4].rejected, "malformed");
});

test("status prints the books of a running engine", async () => {
  const e = await h.engine(`
    [[destination]]
    name = "archive"
    kind = "file"
    path = "events.ndjson"
  `);
  await h.send(e.ports[0], h.g2(), "noise");
  await e.until((l) => l.destinations.archive.delivered === 1);
  const text = await h.signalbox("status", "--url", e.url);
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /The books balance\./);
  assert.match(text.stdout, /received 2/);
  assert.match(text.stdout, /malformed 1/);
  assert.match(text.stdout, /^archive +(idle|ok) +1 /m);
  // A proxy would not reach this machine.
  const proxied = h.start(process.env.SIGNALBOX_BIN, ["status", "--url", e.url], {
    env: { ...process.env, http_proxy: `http://127.0.0.1:${await h.freePort()}` },
  });
  assert.equal((await proxied.ended).code, 0, proxied.stderr);
  const json = await h.signalbox("status", "--url", e.url, "--json");
  assert.equal(JSON.parse(json.stdout).ledger.ingest.received, 2);
  await e.stop();
  const gone = await h.signalbox("status", "--url", e.url);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /no engine answers/);
});
