// A LIFX bulb on loopback, made of the codec of lifx-lan-client, which is a
// third party's reading of the protocol.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createRequire } from "node:module";

const packet = createRequire(import.meta.url)("lifx-lan-client/src/lifx/packet");

export const types = Object.fromEntries(
  packet.typeList.map(({ id, name }) => [name, id]),
);

/**
 * `mac` is twelve digits. `heard` is every packet in order, `color`, `power` and `waveform` what it came
 * to. Answers only while `answers(packet)` holds.
 */
export async function lifxBulb(mac, port = 0, answers = () => true) {
  const x = { heard: [], color: undefined, power: undefined, waveform: undefined };
  const socket = createSocket("udp4");
  x.answers = answers;
  socket.on("message", (bytes, from) => {
    const got = packet.toObject(bytes);
    x.heard.push(got);
    if (!x.answers(got)) return;
    const say = (type, params) => {
      const answer = packet.create(type, params, got.source, mac);
      answer.sequence = got.sequence;
      socket.send(packet.toBuffer(answer), from.port, from.address);
    };
    if (got.type === types.getService)
      say("stateService", { service: 1, port: socket.address().port });
    if (got.target !== mac) return;
    if (got.type === types.setColor)
      [x.color, x.waveform] = [got.color, undefined];
    if (got.type === types.setPower) x.power = got.level;
    if (got.type === types.setWaveform) x.waveform = got;
    if (got.ackRequired) say("acknowledgement", {});
  });
  // All addresses, as it is to hear broadcasts.
  socket.bind(port, "0.0.0.0");
  await once(socket, "listening");
  x.port = socket.address().port;
  x.vanish = () => new Promise((done) => socket.close(done));
  return x;
}
