// A receiver in the manner of today's tools: a datagram, a callback, a message.
// node receiver.mjs PORT receive | file PATH | webhook PORT | mqtt PORT QOS text|message
import dgram from 'node:dgram';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [port, task, where, qos, form] = process.argv.slice(2);
const topics = {
  'Start session': 'qliksense/session/start',
  'Stop session': 'qliksense/session/stop',
  'Open connection': 'qliksense/connection/open',
  'Close connection': 'qliksense/connection/close',
};

const outputs = {
  receive: () => () => {},
  file: () => {
    const file = fs.createWriteStream(where, { flags: 'a' });
    return (event) => file.write(JSON.stringify(event) + '\n');
  },
  webhook: () => {
    const agent = new http.Agent({ keepAlive: true });
    const target = { agent, host: '127.0.0.1', port: where, method: 'POST' };
    return (event) => {
      const body = JSON.stringify(event);
      const headers = { 'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body) };
      const request = http.request({ ...target, headers }, (r) => r.resume());
      request.on('error', (why) => console.error(why.message));
      request.end(body);
    };
  },
  mqtt: () => { // MQTT 3.1.1: CONNECT, then one PUBLISH a message.
    const broker = net.connect({ host: '127.0.0.1', port: where, noDelay: true });
    broker.write(Buffer.from('\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04node', 'latin1'));
    broker.on('data', () => {}); // CONNACK and PUBACKs
    let id = 0;
    return (event) => {
      const topic = Buffer.from(topics[event.command] ?? 'qliksense/other');
      const payload = Buffer.from(form === 'message'
        ? event.message : `${event.host}: ${event.userDir}/${event.userId}`);
      const ids = qos === '0' ? [] : [(id = (id % 65535) + 1) >> 8, id & 255];
      const size = 2 + topic.length + ids.length + payload.length;
      const length = size < 128 ? [size] : [(size & 127) | 128, size >> 7];
      broker.write(Buffer.concat([Buffer.from([0x30 | (qos << 1), ...length,
        topic.length >> 8, topic.length & 255]), topic, Buffer.from(ids), payload]));
    };
  },
};

const send = outputs[task]();
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
socket.on('message', (bytes) => {
  const [messageType, host, command, userDir, userId, origin, context, ...rest] =
    bytes.toString().split(';');
  send({ messageType, host, command, userDir, userId, origin, context,
    message: rest.join(';') });
});
socket.bind(Number(port), '127.0.0.1');
