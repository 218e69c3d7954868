// The script as a file: where it may be loaded, and what it leaves there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import vm from 'node:vm';
import { Desk, source } from '../page.mjs';
import { Phone } from '../phone.mjs';

const good = ['example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', ''];
const functions = ['SetCallBack', 'directCall', 'Clear', 'Mute', 'on', 'off', 'state', 'sendDTMF', 'take', 'shift', 'setShift', 'help', 'pair'];

test('no global but nxWebApi, and nothing else on it than is documented', async () => {
  const names = (window) => vm.runInContext('Object.getOwnPropertyNames(globalThis).join()', window).split(',');
  const desk = new Desk();
  desk.listen(17070, new Phone(desk));
  const page = desk.open();
  await desk.advance(1000);
  const { nxWebApi, ...rest } = page.window;
  const bare = vm.createContext({ ...rest, document: { currentScript: null, documentElement: { lang: '' } } });
  const before = names(bare);
  vm.runInContext(source, bare);
  await desk.advance(1000);
  assert.deepEqual(names(bare).filter((n) => !before.includes(n)), ['nxWebApi']);
  assert.equal(bare.nxWebApi.state().reachable, true, 'the script element may be gone already');
  assert.notEqual(bare.nxWebApi, nxWebApi);
  assert.deepEqual(Object.keys(page.api), functions);
  const declared = readFileSync(new URL('../../nxWebApi.d.ts', import.meta.url), 'utf8');
  for (const name of functions) assert.match(declared, new RegExp(`^  ${name}[(<]`, 'm'));
});

test('every event that is sent is declared', () => {
  const declared = readFileSync(new URL('../../nxWebApi.d.ts', import.meta.url), 'utf8');
  const events = readFileSync(new URL('../../../call/events.go', import.meta.url), 'utf8');
  const names = [...source.matchAll(/emit\('(\w+)'/g), ...source.matchAll(/Type: '(\w+)'/g),
    ...events.matchAll(/typ(?:, d\.\w+)? = "(\w+)"/g)].map((m) => m[1]);
  assert.ok(names.length > 12);
  for (const name of names) assert.match(declared, new RegExp(`^  ${name}: `, 'm'));
});

test('loaded twice: the first one stays', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(1000);
  page.api.directCall(...good);
  await desk.advance(10);
  page.run(source);
  assert.equal(page.window.nxWebApi, page.api);
  await desk.advance(1000);
  assert.equal(phone.conns.size, 1);
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
});

test('in a worker, without WebSocket, without crypto: everything says no', async () => {
  for (const without of ['document', 'WebSocket', 'crypto']) {
    const desk = new Desk();
    desk.listen(17070, new Phone(desk));
    const page = desk.open({ [without]: undefined });
    page.listen();
    assert.deepEqual(page.texts, ['{"Type":"SetCallBack","Data":{"result":"Success"}}']);
    assert.equal(page.api.directCall(...good), -1);
    assert.equal(page.api.directCall(), -1);
    assert.equal(page.api.Clear(), -1);
    assert.equal(page.api.Mute('Audio', true), -1);
    assert.equal(page.api.sendDTMF('1'), -1);
    assert.equal(page.api.take(), -1);
    assert.equal(page.api.pair('1'), -1);
    page.api.on('*', () => {})();
    assert.equal(page.api.state().reachable, false);
    assert.deepEqual(await desk.advance(10_000), []);
    assert.equal(page.sockets.length, 0);
  }
});

test('only ASCII, one script, nothing newer than ES2020', () => {
  assert.doesNotMatch(source, /[^\n\x20-\x7e]/);
  assert.doesNotMatch(source, /^\s*(import|export)\b/m);
  assert.doesNotMatch(source, /\?\?=|\|\|=|&&=|\.at\(|\.replaceAll\(|Promise\.any|structuredClone|Object\.hasOwn/);
});

test('no function throws, whatever it is given', async () => {
  const desk = new Desk();
  desk.listen(17070, new Phone(desk));
  const page = desk.open();
  for (let round = 0; round < 2; round++) {
    for (const name of functions) {
      for (const value of [undefined, null, 0, NaN, '', 'x', {}, [], () => {}, Symbol('s'), 10n, Object.create(null)]) {
        page.api[name](value, value, value, value, value);
      }
    }
    assert.deepEqual(await desk.advance(1000), []);
  }
});
