// Hands messages to Zigbee2MQTT's own converters, as Zigbee2MQTT does, and
// compares the Zigbee commands that come out. Reads lines of a name, a tab and
// a payload, as dump_messages prints them.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const toZigbee = require('zigbee-herdsman-converters/converters/toZigbee');

// Those of a lamp with colours and whites (`light({colorTemp, color})`).
const converters = [toZigbee.light_onoff_brightness, toZigbee.light_color_colortemp];

// The converters tell an endpoint by this name.
class Endpoint {
  constructor(commands) {
    this.ID = 1;
    this.deviceIeeeAddress = '0x0000000000000001';
    this.command = async (cluster, name, payload) => { commands.push([cluster, name, payload]); };
  }
  getDevice() { return { manufacturerID: 0 }; }
  getClusterAttributeValue(cluster, attribute) {
    return { colorTempPhysicalMin: 153, colorTempPhysicalMax: 500 }[attribute];
  }
  saveClusterAttributeKeyValue() {}
  supportsInputCluster() { return true; }
  async read() { return {}; }
  async write() {}
}

/** The Zigbee commands of a message; throws where a converter does. */
async function commandsOf(message) {
  const commands = [];
  const endpoint = new Endpoint(commands);
  const meta = { message, state: {}, options: {}, mapped: { meta: {}, exposes: [] }, device: {} };
  const used = new Set();
  const unknown = [];
  for (const [key, value] of Object.entries(message)) {
    if (key === 'transition') continue; // the others look at it
    const converter = converters.find((x) => x.key.includes(key));
    if (!converter) unknown.push(key);
    if (!converter || used.has(converter)) continue;
    used.add(converter);
    await converter.convertSet(endpoint, key, value, meta);
  }
  assert.deepEqual(unknown, [], 'keys that no converter takes');
  return commands.map(([cluster, name, { optionsMask, optionsOverride, ...rest }]) => [cluster, name, rest]);
}

const level = (level, transtime = 0) => ['genLevelCtrl', 'moveToLevelWithOnOff', { level, transtime }];
const colour = (colorx, colory, transtime = 0) =>
  ['lightingColorCtrl', 'moveToColor', { transtime, colorx, colory }];

// Red .7006 .2993, green .1724 .7468, blue .1355 .0399 in 65,535ths.
const red = [45914, 19615];
const green = [11298, 48942];
const blue = [8880, 2615];

const expected = {
  'off': [['genOnOff', 'off', {}]],
  'red': [level(254), colour(...red)],
  'green': [level(254), colour(...green)],
  'blue, half as bright': [level(127), colour(...blue)],
  'a dark green': [level(16), colour(...green)],
  'the least green': [level(1), colour(...green)],
  'a white of 2700 K': [level(254), ['lightingColorCtrl', 'moveToColorTemp', { colortemp: 370, transtime: 0 }]],
  'a point': [level(254), colour(11141, 45875)],
  'a fade of 400 ms to green': [level(254, 4), colour(...green, 4)],
  'a fade of two days to green': [level(254, 36000), colour(...green, 36000)],
};

async function main() {
  // It must also turn down what is known to be bad.
  await assert.rejects(commandsOf({ state: 'LIT' }), /must be 'ON', 'OFF' or 'TOGGLE'/);
  await assert.rejects(commandsOf({ state: 'ON', colour: 'green' }), /no converter takes/);
  assert.notDeepEqual(await commandsOf({ state: 'ON', color: { hex: '#xyz' } }), expected.green);

  const lines = fs.readFileSync(0, 'utf8').trim().split('\n');
  const missing = new Set(Object.keys(expected));
  for (const line of lines) {
    const [name, payload] = line.split('\t');
    assert.ok(missing.delete(name), `unexpected: ${name}`);
    assert.deepEqual(await commandsOf(JSON.parse(payload)), expected[name], name);
  }
  assert.deepEqual([...missing], [], 'never sent');
  console.log(`${lines.length} messages are as Zigbee2MQTT understands them`);
  process.exit(); // the converters leave timers behind
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
