// Third parties judge what destinations send: reads lines of a judge's name, a
// tab and a body, as dump_bodies prints them. Each judge must also turn down a
// body that is known to be bad, so that none of them nods everything through.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const Ajv = require('ajv');
const { createGenerator } = require('ts-json-schema-generator');

// The published types, as a JSON Schema. Every type gets a definition of its
// own (`expose`): written out in place, those of a card would never end.
function schemaOf(file, type) {
  const generator = createGenerator({
    path: file, type, skipTypeCheck: true, expose: 'all', additionalProperties: false,
  });
  const ajv = new Ajv({ strict: false, allErrors: false });
  const validate = ajv.compile(generator.createSchema(type));
  return (value) => validate(value)
    ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`);
}

const types = (name) => path.join(__dirname, 'node_modules', name, 'dist');

const slackBlock = schemaOf(path.join(types('@slack/types'), 'index.d.ts'), 'KnownBlock');
const teamsCard = schemaOf(path.join(types('@microsoft/teams.cards'), 'core.d.ts'), 'IAdaptiveCard');

globalThis.window = globalThis; // what adaptivecards asks of a browser
const cards = require('adaptivecards/dist/adaptivecards.js');

function parseCard(value) {
  const context = new cards.SerializationContext(cards.Versions.v1_4);
  const card = new cards.AdaptiveCard();
  card.parse(value, context);
  const faults = card.validateProperties().validationEvents.map((e) => e.message);
  for (let i = 0; i < context.eventCount; ++i) faults.push(context.getEventAt(i).message);
  return faults;
}

const codePoints = (text) => [...text].length;

// What the types do not say (docs.slack.dev, "Blocks").
function slackLimits(message) {
  const faults = [];
  const check = (ok, what) => { if (!ok) faults.push(what); };
  check(message.blocks.length >= 1 && message.blocks.length <= 50, '1 to 50 blocks');
  check(codePoints(message.text) >= 1 && codePoints(message.text) <= 4000, 'fallback text of 1 to 4000');
  check(codePoints(JSON.stringify(message.blocks)) <= 13200, 'all blocks within 13200');
  for (const block of message.blocks) {
    if (block.type === 'header') check(codePoints(block.text.text) <= 150, 'header within 150');
    if (block.type === 'section') {
      check(block.text || block.fields, 'a section has text or fields');
      if (block.text) check(codePoints(block.text.text) >= 1 && codePoints(block.text.text) <= 3000, 'section text of 1 to 3000');
      if (block.fields) {
        check(block.fields.length <= 10, 'at most 10 fields');
        for (const x of block.fields) check(codePoints(x.text) <= 2000, 'a field within 2000');
      }
    }
    if (block.type === 'context') check(block.elements.length <= 10, 'at most 10 elements');
  }
  return faults;
}

const { HTTP } = require('cloudevents');

function receive(contentType, value) {
  try {
    const headers = { 'content-type': contentType };
    const events = [].concat(HTTP.toEvent({ headers, body: JSON.stringify(value) }));
    return events.length > 0 && events.every((x) => x.validate()) ? [] : ['not a CloudEvent'];
  } catch (error) {
    return [error.message];
  }
}

// Microsoft's documentation spells the width "Full", its types "full".
const asTyped = (value) => ({ ...value, ...(value.msteams?.width === 'Full' && { msteams: { width: 'full' } }) });

const adaptiveCard = (value) => [...teamsCard(asTyped(value)), ...parseCard(value)];

const judges = {
  slack: (x) => [...x.blocks.flatMap(slackBlock), ...slackLimits(x)],
  teams: (x) => [
    ...(x.type === 'message' && x.attachments.length === 1
      && x.attachments[0].contentType === 'application/vnd.microsoft.card.adaptive'
      ? [] : ['not a message with one card']),
    ...(Buffer.byteLength(JSON.stringify(x)) <= 28 * 1024 ? [] : ['more than 28 KB']),
    ...adaptiveCard(x.attachments[0].content)],
  'adaptive-card': adaptiveCard,
  cloudevents: (x) => receive('application/cloudevents+json', x),
  'cloudevents-batch': (x) => receive('application/cloudevents-batch+json', x),
};

const text = (value) => ({ type: 'plain_text', text: value });
const card = (element) => ({ type: 'AdaptiveCard', version: '1.4', body: [element] });
const message = (content) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});

const bad = {
  slack: [
    { text: 'x', blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] },
    { text: 'x', blocks: [{ type: 'sektion', text: text('x') }] },
    { text: 'x', blocks: [{ type: 'section', text: text('x'), colour: 'red' }] },
    { text: 'x', blocks: [{ type: 'section' }] },
    { text: 'x', blocks: [{ type: 'section', text: text('x'.repeat(3001)) }] },
  ],
  teams: [
    message(card({ type: 'TextBlock' })),
    message(card({ type: 'TextBlock', text: 'x'.repeat(29000) })),
  ],
  'adaptive-card': [
    card({ type: 'TextBlock' }),
    card({ type: 'TextBlock', text: 'x', color: 'Green' }),
    card({ type: 'TextBlok', text: 'x' }),
  ],
  cloudevents: [{ specversion: '1.0', id: '1', type: 't' }],
  'cloudevents-batch': [[{ specversion: '1.0', id: '1', type: 't' }]],
};

let failures = 0;
const fail = (why) => { ++failures; console.error(why); };

for (const [name, bodies] of Object.entries(bad))
  for (const body of bodies)
    if (judges[name](body).length === 0)
      fail(`${name} accepts what is known to be bad: ${JSON.stringify(body).slice(0, 200)}`);

const judged = Object.fromEntries(Object.keys(judges).map((name) => [name, 0]));
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const at = line.indexOf('\t');
  const name = line.slice(0, at);
  const faults = judges[name](JSON.parse(line.slice(at + 1)));
  ++judged[name];
  if (faults.length > 0) fail(`${name}: ${faults.join('; ')}\n  ${line.slice(at + 1, at + 500)}`);
}
for (const [name, count] of Object.entries(judged)) {
  console.log(`${name}: ${count} bodies`);
  if (count === 0) fail(`${name} was given nothing to judge`);
}
process.exitCode = failures === 0 ? 0 : 1;
