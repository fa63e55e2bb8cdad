// receive.cjs artnet PORT | sacn PORT INTERFACE: prints each frame of universe 1
// that a third party has decoded, as one line of JSON: its first 8 slots, and
// what else it knows.
'use strict';

const [protocol, port, iface] = process.argv.slice(2);
const print = (x) => console.log(JSON.stringify(x));
const first = (slots) => [...slots].slice(0, 8);

if (protocol === 'artnet') {
  const { dmxnet } = require('dmxnet');
  const node = new dmxnet({
    listen: Number(port), hosts: ['127.0.0.1'], log: { level: 'error' },
  });
  node.newReceiver({ universe: 1 })
    .on('data', (slots) => print({ slots: first(slots), length: slots.length }));
  node.listener4.once('listening', () => print('ready'));
} else {
  const { Receiver } = require('sacn');
  const node = new Receiver({ universes: [1], port: Number(port), iface, reuseAddr: true });
  node.on('packet', (x) => print({
    slots: first(x.payloadAsBuffer), length: x.payloadAsBuffer.length,
    name: x.sourceName, priority: x.priority, sequence: x.sequence, id: x.cid.toString('hex'),
  }));
  for (const fault of ['error', 'PacketCorruption', 'PacketOutOfOrder'])
    node.on(fault, (why) => print({ fault: String(why) }));
  node.socket.once('listening', () => print('ready'));
}
