// What the counsellor does between calls, and the request for help.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk } from '../page.mjs';
import { Phone } from '../phone.mjs';

const good = ['example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', ''];
const opened = async (shift) => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  if (shift !== undefined) phone.shift = shift;
  const page = desk.open().listen().watch();
  assert.equal(page.api.shift(), undefined);
  assert.deepEqual([page.api.setShift('away'), page.api.help(true)], [-1, -1], 'nobody hears it');
  await desk.advance(100);
  return { desk, phone, page, api: page.api };
};
const told = (page, ...types) => page.events.filter((e) => types.includes(e.Type)).map(({ n, Kind, Type, Data }) => [n, Kind, Type, Data]);

test('read, set, and be told', async () => {
  const { desk, phone, page, api } = await opened();
  const ready = { state: 'ready', since: 0, until: 0, help: false, helpCall: 0, seen: false };
  assert.deepEqual({ ...api.shift() }, ready);
  assert.equal(api.setShift('away'), 0);
  await desk.advance(10);
  assert.deepEqual({ ...api.shift() }, { ...ready, state: 'away' });
  phone.setShift({ state: 'rest', since: 5, until: 9 });
  await desk.advance(10);
  assert.deepEqual({ ...api.shift() }, { ...ready, state: 'rest', since: 5, until: 9 });
  assert.deepEqual(told(page, 'Shift', 'Help').map(([n, kind, type, { state }]) => [n, kind, type, state]),
    [[1, 'nxphone', 'Shift', 'away'], [2, 'nxphone', 'Shift', 'rest']]);
  api.shift().state = 'ready';
  assert.equal(api.shift().state, 'rest', 'it is a copy');
  assert.deepEqual(phone.commands.map(({ type, state }) => [type, state]), [['shift', 'away']]);
});

test('help names the call, is seen, and ends', async () => {
  const { desk, phone, page, api } = await opened();
  api.directCall(...good);
  await desk.advance(10);
  assert.equal(api.help(true), 0);
  await desk.advance(10);
  assert.deepEqual([api.shift().help, api.shift().helpCall], [true, 1]);
  api.help('seen');
  api.help(false);
  await desk.advance(10);
  assert.deepEqual(told(page, 'Help').map((e) => e[3]),
    [{ on: true, id: 1, seen: false }, { on: true, id: 1, seen: true }, { on: false, id: 0, seen: false }]);
  assert.deepEqual(phone.commands.slice(1).map(({ on }) => on), [true, 'seen', false]);
  for (const [given, sent] of [[1, true], ['yes', true], [undefined, false], [null, false]]) {
    api.help(given);
    await desk.advance(200);
    assert.equal(phone.commands.at(-1).on, sent);
  }
});

test('a refusal is told: a state that is none, a phone that is nobody\'s desk', async () => {
  const { desk, page, api } = await opened();
  for (const wrong of ['lunch', '', 7, null]) assert.equal(api.setShift(wrong), 0);
  await desk.advance(10);
  assert.deepEqual(told(page, 'Refused').map((e) => e[3]), Array(4).fill({ command: 'shift', code: 'bad-request' }));
  const none = await opened(null);
  assert.equal(none.api.shift(), undefined);
  none.api.setShift('ready');
  none.api.help(true);
  await none.desk.advance(10);
  assert.deepEqual(told(none.page, 'Refused').map((e) => e[3]),
    [{ command: 'shift', code: 'no-shift' }, { command: 'help', code: 'no-shift' }]);
});

test('what happened while there was no connection', async () => {
  const { desk, phone, page, api } = await opened();
  phone.drop();
  phone.setShift({ state: 'after-call', since: 7 });
  await desk.advance(50);
  assert.equal(api.shift().since, 7);
  assert.equal(told(page, 'Shift').length, 1, 'told once');
  phone.drop();
  phone.keep = 0; // half a story is not told, the state is known all the same
  phone.setShift({ state: 'away', since: 8 });
  await desk.advance(2000);
  assert.equal(api.shift().state, 'away');
});

test('old pages see nothing of it', async () => {
  const { desk, phone, page, api } = await opened();
  api.directCall(...good);
  await desk.advance(10);
  phone.setShift({ state: 'away', help: true, helpCall: 1 });
  phone.tell('Clear');
  phone.setShift({ state: 'after-call', help: false });
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
});
