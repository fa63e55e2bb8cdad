// A Hue bridge over TLS, whose certificate no system trusts: by its key alone,
// or by its id and an authority.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as h from "./harness.mjs";

const id = "3883f8bf-30a3-445b-ac06-b047d50599df";
const bridgeId = "001788fffe09a168";
const key = "s3cretKey";

const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe" });

/** A key and a self-signed certificate for it, as a bridge has. */
function certificate(name = bridgeId) {
  const folder = h.temporaryFolder();
  const x = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-keyout", x.key, "-out", x.cert, "-days", "2"],
    ...["-subj", `/C=NL/O=Philips Hue/CN=${name}`],
  );
  const spki = join(folder, "spki.der");
  writeFileSync(join(folder, "pub.pem"), openssl("x509", "-in", x.cert, "-pubkey", "-noout"));
  openssl(
    ...["pkey", "-pubin", "-in", join(folder, "pub.pem")],
    ...["-outform", "der", "-out", spki],
  );
  x.pin = `sha256//${openssl("dgst", "-sha256", "-binary", spki).toString("base64")}`;
  return x;
}

/** A bridge that keeps what it was told, and has its button pressed by `press`. */
async function bridge(certified) {
  let pressed = false;
  const x = await h.receiver(
    (request, response) => {
      const known = request.headers["hue-application-key"] === key;
      if (request.path === "/api") {
        const refusal = { type: 101, address: "", description: "link button not pressed" };
        const welcome = { username: key, clientkey: "00" };
        response.end(JSON.stringify([pressed ? { success: welcome } : { error: refusal }]));
      } else if (!known) {
        response.writeHead(403, { "content-type": "text/html" });
        response.end("<html>forbidden</html>");
      } else if (request.method === "GET") {
        const lamp = { id, type: "light", metadata: { name: "Door" } };
        response.end(JSON.stringify({ errors: [], data: [lamp] }));
      } else {
        response.end(JSON.stringify({ errors: [], data: [{ rid: id, rtype: "light" }] }));
      }
    },
    { cert: readFileSync(certified.cert), key: readFileSync(certified.key) },
  );
  x.press = () => (pressed = true);
  x.puts = () => x.requests.filter((r) => r.method === "PUT");
  return x;
}

const rules = `
  [[light.on]]
  match = { kind = "connection_open" }
  effect = { color = "green", for = "60s" }
`;

const lamp = (name, url, keys) => `
  [[light]]
  name = "${name}"
  driver = "hue"
  url = "${url}"
  key = "${key}"
  light = "${id}"
  ${keys}
  ${rules}
`;

const light = async (e, name) =>
  (await e.get("/api/lights")).lights.find((x) => x.name === name);

const shines = (e, name) => async () => (await light(e, name)).shows.show === "on";

const warnings = (e, name) =>
  e.stderr.split("\n").filter((x) => x.includes(`lamp '${name}' (hue): `));

test("a bridge is met for the first time, paired with, and known again", async () => {
  const certified = certificate();
  const b = await bridge(certified);
  const pairing = h.start(process.env.SIGNALBOX_BIN, [
    ...["lights", "pair", "hue", "--url", b.url, "--timeout", "20s"],
  ]);
  await h.until(() => pairing.stderr.includes("was not pressed"), "a refusal");
  assert.ok(pairing.stderr.includes(certified.pin), pairing.stderr);
  assert.match(pairing.stderr, /trust on first use/);
  b.press();
  assert.equal((await pairing.ended).code, 0, pairing.stderr);
  const asked = JSON.parse(b.requests[0].body);
  assert.match(asked.devicetype, /^signalbox#[\w.-]{1,19}$/);
  assert.equal(asked.generateclientkey, true);
  assert.match(pairing.stdout, /^light +=\s"3883f8bf-.*" # Door$/m);

  const e = await h.engine(pairing.stdout + rules);
  await h.send(e.ports[0], h.g2());
  await h.until(shines(e, "hue"), "the lamp to shine");
  await e.stop();
  const green = b.puts().find((x) => JSON.parse(x.body).on.on);
  assert.equal(green.path, `/clip/v2/resource/light/${id}`);
  assert.equal(green.headers["hue-application-key"], key);
  assert.ok(!e.stderr.includes(key), "no key in the log");
});

test("whoever has another key gets to hear nothing", async () => {
  const certified = certificate();
  const b = await bridge(certified);
  // Two lamps of one bridge, so that a connection is open that the one with the
  // wrong pin must not use.
  const e = await h.engine(
    lamp("right", b.url, `tls = { pin = "${certified.pin}" }`) +
      lamp("wrong", b.url, `tls = { pin = "${certificate().pin}" }`) +
      lamp("none", b.url, ""),
  );
  await h.send(e.ports[0], h.g2());
  await h.until(shines(e, "right"), "the lamp to shine");
  for (const name of ["wrong", "none"])
    await h.until(
      async () => (await light(e, name)).errors >= 3,
      `${name} to be tried again`,
    );
  const [line, ...more] = warnings(e, "wrong");
  assert.deepEqual(more, []);
  assert.match(
    line,
    /the server's key is not the pinned one, so nothing was sent to it; if the bridge was replaced, pair again/,
  );
  const [unknown, ...others] = warnings(e, "none");
  assert.deepEqual(others, []);
  assert.match(
    unknown,
    /the server's certificate is not trusted \(self-signed certificate\); set tls\.pin, which 'signalbox lights pair hue' prints/,
  );
  const { commands } = await light(e, "right");
  assert.equal(b.puts().length, commands, "only the right one spoke");
  await e.stop();
});

test("a bridge is called by its id, and its authority vouches for it", async () => {
  const certified = certificate();
  const b = await bridge(certified);
  const ca = `tls = { ca = "${certified.cert}" }`;
  const e = await h.engine(
    lamp("door", b.url, `${ca}\nbridge_id = "${bridgeId.toUpperCase()}"`) +
      lamp("other", b.url, `${ca}\nbridge_id = "001788fffe000000"`) +
      lamp("address", b.url, ca),
  );
  await h.send(e.ports[0], h.g2());
  await h.until(shines(e, "door"), "the lamp to shine");
  const port = new URL(b.url).port;
  assert.equal(b.puts()[0].headers.host, `${bridgeId}:${port}`);
  for (const name of ["other", "address"])
    await h.until(() => warnings(e, name).length > 0, `${name} to be refused`);
  assert.match(
    warnings(e, "other")[0],
    /https:\/\/001788fffe000000:\d+ at 127\.0\.0\.1:\d+: the server's certificate is for another name/,
  );
  assert.match(warnings(e, "address")[0], /for another name/);
  const { commands } = await light(e, "door");
  assert.equal(b.puts().length, commands, "only the right one spoke");
  await e.stop();
});
