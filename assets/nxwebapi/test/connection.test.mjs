// Losing the connection, reloads, several tabs, resuming.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk, Store } from '../page.mjs';
import { heritageText, Phone } from '../phone.mjs';

const good = ['example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', ''];
const inCall = async (over) => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open(over).listen().watch();
  await desk.advance(2000);
  assert.equal(page.api.directCall(...good), 0);
  await desk.advance(10);
  phone.tell('Trying');
  phone.tell('InCall');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Trying', 'InCall']);
  return { desk, phone, page, api: page.api };
};
const numbers = (page) => page.events.filter((e) => e.Kind === 'SIP').map((e) => e.n);
const clears = (page) => page.types().filter((t) => t === 'Clear').length;

test('a connection that breaks is made anew at once, without loss or repetition', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.drop();
  phone.tell('', { Kind: 'nxphone', Type: 'RemoteHold', Data: { id: 1, rev: 9, on: true } });
  await desk.advance(50);
  assert.equal(api.state().reachable, true);
  assert.equal(api.state().call.hold, false, 'the state is the phone\'s, not the history\'s');
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Trying', 'InCall', 'Clear']);
  assert.deepEqual(page.events.filter((e) => e.Type === 'RemoteHold').length, 1);
  const seen = page.events.filter((e) => !['Phone', 'Control', 'Ended'].includes(e.Type)).map((e) => e.n);
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
});

test('what happened meanwhile is told in order, once, in one message or in many', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.batch = 1;
  const page = desk.open().listen().watch();
  await desk.advance(2000);
  page.api.directCall(...good);
  await desk.advance(10);
  phone.drop();
  for (const type of ['Trying', 'Ringing', 'InCall']) phone.tell(type);
  await desk.advance(50);
  phone.tell('Clear');
  await desk.advance(50);
  assert.deepEqual(page.types(), ['Connecting', 'Trying', 'Ringing', 'InCall', 'Clear']);
  assert.deepEqual(numbers(page), [1, 2, 3, 4, 5]);
});

test('a call that ended meanwhile: one Clear, the phone\'s', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.drop();
  phone.tell('Clear');
  await desk.advance(5000);
  assert.equal(clears(page), 1);
  assert.equal(page.texts.at(-1), heritageText('Clear', '1000', 1));
  assert.equal(api.directCall(...good), 0);
});

test('more was missed than is kept: the present state, and a gap for new pages', async () => {
  for (const empty of [false, true]) {
    for (const ended of [false, true]) {
      const desk = new Desk();
      const phone = desk.listen(17070, new Phone(desk));
      phone.hooks.empty = empty;
      const page = desk.open().listen().watch();
      await desk.advance(2000);
      page.api.directCall(...good);
      await desk.advance(10);
      phone.keep = 1;
      phone.drop();
      for (const type of ['Trying', 'Ringing', 'InCall']) phone.tell(type);
      if (ended) phone.tell('Clear');
      await desk.advance(50);
      if (empty) {
        assert.equal(page.types().length, 2, 'an empty list says that nothing more comes');
        assert.equal(page.events.filter((e) => e.Type === 'Gap').length, 1);
      }
      phone.otherCall(ended); // any message shows the page where it stands
      await desk.advance(50);
      const gaps = page.events.filter((e) => e.Type === 'Gap');
      assert.deepEqual(gaps.map((e) => e.Data.missed), [ended ? 4 : 3]);
      assert.deepEqual(page.types().slice(0, 2), ['Connecting', ended ? 'Clear' : 'InCall']);
      assert.equal(page.api.state().n, phone.n);
    }
  }
});

test('after a gap a call can be placed at once', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen().watch();
  await desk.advance(2000);
  phone.keep = 0;
  phone.drop();
  for (const on of [true, false, true, false]) phone.otherCall(on);
  await desk.advance(50);
  assert.equal(page.api.directCall(...good), 0);
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting']);
  assert.equal(page.events.filter((e) => e.Type === 'Gap')[0].Data.missed, 4);
});

test('the phone was restarted: exactly one Clear, and no old numbers', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.die();
  const next = desk.listen(17071, new Phone(desk, { secret: phone.secret }));
  await desk.advance(1000);
  assert.equal(clears(page), 1);
  assert.equal(page.texts.at(-1), heritageText('Clear', '1000', 1));
  assert.equal(api.state().n, 0);
  assert.equal(api.state().epoch, next.epoch);
  assert.equal(api.directCall(...good), 0);
  await desk.advance(10);
  assert.equal(page.heard.at(-1).Data.id, 1, 'the new phone counts from 1 again');
  next.tell('Clear');
  await desk.advance(3000);
  assert.equal(clears(page), 2);
});

test('not back within 2 s: exactly one Clear', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.die();
  await desk.advance(1990);
  assert.equal(clears(page), 0);
  assert.equal(api.Clear(), 0, 'the call is up as the page knows');
  await desk.advance(20);
  assert.equal(clears(page), 1);
  assert.equal(api.Clear(), -1);
  await desk.advance(60_000);
  assert.equal(clears(page), 1);
});

test('back later, and the call is still up: nothing more in the callback, but it can be ended', async () => {
  const { desk, phone, page, api } = await inCall();
  desk.ports.delete(17070);
  phone.drop();
  await desk.advance(2100);
  assert.equal(clears(page), 1);
  desk.ports.set(17070, phone);
  await desk.advance(6000);
  assert.equal(api.state().control, true);
  assert.equal(api.directCall(...good), -1, 'a call is up');
  assert.equal(api.Mute('Audio', true), 0);
  phone.tell('', { Kind: 'nxphone', Type: 'RemoteHold', Data: { id: 1, rev: 9, on: true } });
  await desk.advance(10);
  assert.equal(phone.call.mute, true);
  assert.equal(api.Clear(), 0);
  await desk.advance(10);
  assert.equal(phone.call, null);
  assert.equal(clears(page), 1);
  assert.equal(api.directCall(...good), 0);
  await desk.advance(10);
  assert.equal(page.types().at(-1), 'Connecting');
});

test('back later, and another call was tried meanwhile: the one that is up can be ended', async () => {
  const { desk, phone, page, api } = await inCall();
  const { accept } = phone;
  const held = [];
  phone.accept = (socket) => { // the port answers nothing for a while
    held.push(socket);
    return { take() {}, left() {} };
  };
  phone.drop();
  await desk.advance(2500);
  assert.equal(clears(page), 1);
  assert.equal(api.directCall(...good), 0);
  phone.accept = accept;
  held.forEach((socket) => socket.close(1006));
  await desk.advance(1000);
  assert.deepEqual(page.types().slice(-2), ['Connecting', 'Clear'], 'the phone is busy with the first one');
  assert.equal(phone.call.id, 1);
  assert.equal(api.directCall(...good), -1, 'a call is up');
  assert.equal(api.Mute('Audio', true), 0);
  assert.equal(api.Clear(), 0);
  await desk.advance(10);
  assert.equal(phone.call, null);
  assert.equal(clears(page), 2);
});

test('back later, and gone for good then: still one Clear', async () => {
  const { desk, phone, page, api } = await inCall();
  desk.ports.delete(17070);
  phone.drop();
  await desk.advance(2100);
  desk.ports.set(17070, phone);
  await desk.advance(6000);
  assert.equal(api.state().control, true);
  phone.die();
  await desk.advance(10_000);
  assert.equal(clears(page), 1);
  assert.equal(api.Clear(), -1);
});

test('after a restart the phone counts its calls anew, and a call with a known number is a new one', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.tell('Clear');
  await desk.advance(10);
  phone.die();
  const next = desk.listen(17070, new Phone(desk, { secret: phone.secret }));
  await desk.advance(500);
  const other = desk.open().listen();
  await desk.advance(100);
  assert.equal(other.api.directCall(...good), 0);
  await desk.advance(10);
  other.leave();
  await desk.advance(10);
  assert.equal(next.call.id, 1);
  assert.equal(api.take(), 0);
  await desk.advance(10);
  assert.deepEqual(page.types().slice(4), ['Connecting']);
});

test('Clear while the connection is away is sent when it is back', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.drop();
  await desk.advance(0);
  assert.equal(api.Clear(), 0);
  await desk.advance(100);
  assert.equal(phone.call, null);
  assert.equal(clears(page), 1);
});

test('a dial whose answer is lost is the same dial again', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(2000);
  phone.hooks.result = (m, conn) => { conn.socket.close(1006); };
  phone.hooks.events = () => undefined;
  phone.keep = 0; // the events would have said it too
  page.api.directCall(...good);
  await desk.advance(0);
  phone.hooks = { empty: true };
  await desk.advance(100);
  assert.equal(phone.dials.length, 1);
  assert.equal(phone.commands.filter((c) => c.type === 'dial').length, 2);
  assert.equal(phone.commands[0].key, phone.commands[1].key);
  assert.deepEqual(page.types(), ['Connecting']);
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
});

test('a dial on its way when the phone is restarted ends; it is not dialled by the new one', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(2000);
  phone.deaf = true;
  page.api.directCall(...good);
  await desk.advance(5);
  phone.die();
  const next = desk.listen(17070, new Phone(desk, { secret: phone.secret }));
  await desk.advance(1000);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  assert.deepEqual(next.commands, []);
});

test('a dial on its way to a phone that never comes back', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(2000);
  phone.deaf = true;
  page.api.directCall(...good);
  await desk.advance(5);
  phone.die();
  await desk.advance(60_000);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
});

test('a reload in a call: SetCallBack, the present state, then what comes', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  await desk.advance(20);
  const again = desk.open({ session: page.session });
  assert.equal(again.api.directCall(...good), -1, 'a call is up');
  assert.equal(again.api.Mute('Video', true), 0);
  again.listen();
  assert.deepEqual(again.types(), []);
  await desk.advance(100);
  phone.tellControl();
  await desk.advance(10);
  assert.deepEqual(again.types(), ['InCall'], 'once');
  assert.equal(again.texts[1], heritageText('InCall', '1000', 1));
  assert.equal(phone.call.video, true);
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(again.types(), ['InCall', 'Clear']);
  assert.equal(again.api.directCall(...good), 0);
});

test('a reload while it rings, answered meanwhile: only the present state', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(2000);
  page.api.directCall(...good);
  await desk.advance(10);
  page.leave();
  for (const type of ['Trying', 'Ringing', 'InCall']) phone.tell(type);
  const again = desk.open({ session: page.session }).listen().watch();
  await desk.advance(100);
  assert.deepEqual(again.types(), ['InCall']);
  assert.deepEqual(numbers(again), [2, 3, 4], 'new pages get what they missed');
});

test('a reload, and the callback set late', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  const again = desk.open({ session: page.session });
  await desk.advance(500);
  again.listen();
  await desk.advance(1);
  assert.deepEqual(again.types(), ['InCall']);
  phone.tell('Clear');
  await desk.advance(1);
  assert.deepEqual(again.types(), ['InCall', 'Clear']);
});

test('the call ended during the reload: one Clear', async () => {
  for (const restart of [false, true]) {
    const { desk, phone, page } = await inCall();
    page.leave();
    await desk.advance(5);
    phone.tell('Clear');
    if (restart) {
      phone.die();
      desk.listen(17070, new Phone(desk, { secret: phone.secret }));
    }
    const again = desk.open({ session: page.session }).listen();
    await desk.advance(8000);
    assert.deepEqual(again.types(), ['Clear']);
    assert.equal(again.texts[1], heritageText('Clear', '1000', 1));
    assert.equal(again.api.directCall(...good), 0);
  }
});

test('another call began during the reload: one Clear for the old one', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  await desk.advance(5);
  phone.tell('Clear');
  phone.call = { id: ++phone.calls, origin: 'https://helpline.example', tab: phone.spoken.find(([, m]) => m.tab)[1].tab, dn: '1000', type: 'Connecting' };
  const again = desk.open({ session: page.session }).listen();
  await desk.advance(500);
  assert.deepEqual(again.heard.slice(1).map((e) => [e.Type, e.Data.id]), [['Clear', 1], ['Connecting', 2]]);
});

test('the phone does not come back after a reload: one Clear', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  phone.die();
  const again = desk.open({ session: page.session }).listen();
  await desk.advance(60_000);
  assert.deepEqual(again.types(), ['Clear']);
});

test('a reload without session storage: control comes back, as the page is the only one', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  await desk.advance(20);
  const again = desk.open().listen();
  await desk.advance(100);
  assert.deepEqual(again.types(), ['InCall']);
  assert.equal(again.api.Clear(), 0);
  await desk.advance(20);
  assert.equal(phone.call, null);
  assert.deepEqual(again.types(), ['InCall', 'Clear']);
});

test('what lies in the session storage says nothing of the number or a key', async () => {
  const { page } = await inCall();
  assert.equal(page.session.getItem('nxWebApi'), null, 'nothing while the page is alive');
  page.leave();
  const left = page.session.getItem('nxWebApi');
  assert.doesNotMatch(left, /01012345678|sbc\.example/);
  assert.deepEqual(Object.keys(JSON.parse(left)), ['tab', 'epoch', 'n', 'at', 'dead', 'call']);
});

const tabOf = (phone, at) => phone.spoken.filter(([d, m]) => d === 'in' && m.type === 'prove')[at][1].tab;

test('a tab keeps its name over a reload; a duplicated one gets its own', async () => {
  const { desk, phone, page } = await inCall();
  const copy = desk.open({ session: page.session.copy() }).listen();
  await desk.advance(100);
  assert.notEqual(tabOf(phone, 1), tabOf(phone, 0));
  assert.equal(copy.api.state().control, false);
  assert.equal(copy.api.state().call.state, 'in-call');
  assert.deepEqual(copy.types(), []);
  assert.equal(copy.api.directCall(...good), -1);
  assert.equal(copy.api.Clear(), -1);
  page.leave();
  const again = desk.open({ session: page.session });
  const twin = desk.open({ session: page.session.copy() });
  await desk.advance(100);
  assert.equal(tabOf(phone, 2), tabOf(phone, 0));
  assert.notEqual(tabOf(phone, 3), tabOf(phone, 0), 'nor a duplicate of one that was reloaded');
  again.leave();
  twin.leave();
});

test('a tab that comes back after long is a new one', async () => {
  const { desk, phone, page } = await inCall();
  page.leave();
  await desk.advance(60_000);
  const back = desk.open({ session: page.session }).listen();
  await desk.advance(100);
  assert.notEqual(tabOf(phone, 1), tabOf(phone, 0));
  assert.deepEqual(back.types(), ['InCall'], 'and gets the call that nobody controls');
});

test('two pages: one controls, the other watches and may take the call when the first is gone', async () => {
  const { desk, phone, page } = await inCall();
  const other = desk.open().listen().watch();
  await desk.advance(100);
  assert.equal(other.api.take(), -1);
  phone.tell('', { Kind: 'nxphone', Type: 'Mute', Data: { id: 1, rev: 9, on: true } });
  await desk.advance(10);
  assert.equal(other.api.state().call.mute, true);
  assert.deepEqual(other.types(), []);
  page.leave();
  await desk.advance(10);
  assert.equal(other.api.state().free, true);
  assert.equal(other.api.take(), 0);
  await desk.advance(10);
  assert.deepEqual(other.types(), ['InCall']);
  assert.deepEqual(other.events.filter((e) => e.Type === 'Control').map((e) => [e.Data.control, e.Data.free]), [[false, true], [true, false]]);
  assert.equal(other.api.Clear(), 0);
  await desk.advance(10);
  assert.deepEqual(other.types(), ['InCall', 'Clear']);
});

test('another page has taken the call while the connection was away: one Clear', async () => {
  const { desk, phone, page } = await inCall();
  const other = desk.open().listen();
  await desk.advance(100);
  phone.tell('', { Kind: 'nxphone', Type: 'MediaUp', Data: { id: 1, rev: 9, codec: 'opus' } });
  [...phone.conns].find((c) => c.tab === phone.call.tab).socket.close(1006);
  await desk.advance(0);
  phone.call.tab = [...phone.conns][0].tab;
  phone.tellControl();
  await desk.advance(100);
  assert.deepEqual(other.types(), ['InCall']);
  assert.equal(clears(page), 1);
  assert.equal(page.api.Clear(), -1);
  phone.tell('Clear');
  await desk.advance(10);
  assert.equal(clears(page), 1);
  assert.equal(clears(other), 1);
});

test('into the back-forward cache and back', async () => {
  const { desk, phone, page, api } = await inCall();
  page.leave();
  await desk.advance(10);
  assert.equal(phone.conns.size, 0, 'a page in the cache has no connection');
  await desk.advance(1000); // timers of a frozen page would stand still
  page.window.document.hidden = false;
  page.fire('pageshow');
  await desk.advance(100);
  assert.equal(page.session.getItem('nxWebApi'), null);
  assert.equal(api.state().reachable, true);
  await desk.advance(5000);
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Trying', 'InCall', 'Clear']);
});

test('a page that has left does not connect', async () => {
  const desk = new Desk();
  const page = desk.open();
  await desk.advance(100);
  page.leave();
  const before = page.sockets.length;
  desk.listen(17070, new Phone(desk));
  page.fire('visibilitychange');
  page.fire('online');
  await desk.advance(60_000);
  assert.equal(page.sockets.length, before);
  page.window.document.hidden = false;
  page.fire('visibilitychange');
  await desk.advance(100);
  assert.equal(page.api.state().reachable, true);
});

test('retries come at once, then slower, up to 5 s, never all at the same moment', async () => {
  const desk = new Desk();
  const page = desk.open();
  const rounds = [];
  let seen = 0;
  for (let t = 0; t < 40_000; t += 10) {
    await desk.advance(10);
    if (page.fetched.length > seen && page.fetched.length % 10 === 0) rounds.push(t);
    seen = page.fetched.length;
  }
  assert.equal(page.sockets.length, 10, 'WebSockets that fail make later ones wait: only the first round');
  const gaps = rounds.slice(1).map((t, i) => t - rounds[i]);
  assert.ok(rounds[0] < 50, 'the second round is at once');
  for (const [i, most] of [250, 500, 1000, 2000, 4000, 5000, 5000].entries()) {
    assert.ok(gaps[i] <= most + 20 && gaps[i] >= most * 0.8 - 20, `gap ${i} is ${gaps[i]}`);
  }
  const late = gaps.slice(6);
  assert.ok(new Set(late).size > 1, `jitter: ${late}`);
});

test('online, a page that is shown and directCall cut the wait short', async () => {
  for (const signal of ['online', 'pageshow', 'visibilitychange', 'directCall', 'permission']) {
    const desk = new Desk();
    const page = desk.open();
    await desk.advance(30_000);
    desk.listen(17070, new Phone(desk));
    await desk.advance(50);
    if (page.api.state().reachable) continue; // it was just the moment
    if (signal === 'directCall') page.api.directCall(...good);
    else if (signal === 'permission') page.permission.onchange();
    else page.fire(signal);
    await desk.advance(50);
    assert.equal(page.api.state().reachable, true, signal);
  }
});

test('a phone that throws the page out again and again is not asked without pause', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.hooks.welcome = (m, conn) => { conn.socket.close(4408); return m; };
  const page = desk.open();
  await desk.advance(60_000);
  assert.ok(page.sockets.length < 10 + 30, `${page.sockets.length} connections`);
});

test('a phone found on a second port is used, wherever it is', async () => {
  for (const port of [17071, 17079]) {
    const desk = new Desk();
    desk.listen(port, new Phone(desk));
    const page = desk.open();
    await desk.advance(1000);
    assert.equal(page.api.state().reachable, true);
  }
});

test('data-ports: a range, a list, and nonsense', async () => {
  for (const [ports, tried] of [['17085', [17085]], ['18000-18002', [18000, 18001, 18002]], ['1,5-6', [1, 5, 6]], ['x', []], ['9-8', []], ['70000', []]]) {
    const desk = new Desk();
    const page = desk.open({ attributes: { ports } });
    assert.deepEqual(page.sockets.map((s) => s.port), [], 'nothing happens before the script has run');
    assert.deepEqual(await desk.advance(20), []);
    assert.deepEqual(page.sockets.map((s) => s.port).filter((p) => p < 65536), tried, ports);
  }
});

test('messages that are broken, strange or too long', async () => {
  const { desk, phone, page, api } = await inCall();
  const [conn] = phone.conns;
  const before = page.texts.length;
  for (const text of ['', '{', 'null', '5', '[]', '"x"', '{"type":5}', '{"type":"new"}', '{"type":"events"}', '{"type":"events","list":5}',
    '{"type":"events","list":[null,5,{},{"n":"x"},{"n":-1},{"n":1,"old":"{}"}]}', '{"type":"result"}', '{"type":"result","id":99,"ok":true}',
    '{"type":"result","id":"constructor"}', '{"type":"quality"}', '{"type":"welcome"}', '{"type":"phone"}', `{"type":"events","x":"${'x'.repeat(1 << 22)}"}`]) {
    conn.socket.send(text);
    assert.deepEqual(await desk.advance(1), [], text.slice(0, 40));
  }
  for (const old of ['{', 'null', '5', '{}', '{"Type":"InCall"}', '{"Type":"InCall","Data":null}', '{"Type":"InCall","Data":{"id":77}}']) {
    conn.say({ type: 'events', list: [{ n: ++phone.n, old, state: 'in-call' }] });
    assert.deepEqual(await desk.advance(1), [], old);
  }
  assert.equal(page.texts.length, before, 'nothing of it reaches an old page');
  assert.equal(api.state().reachable, true);
  phone.tell('Clear');
  await desk.advance(10);
  assert.equal(page.types().at(-1), 'Clear');
});

test('a control message without a state takes no call away that goes on', async () => {
  const { desk, phone, page } = await inCall();
  phone.tellControl();
  phone.tellControl();
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting', 'Trying', 'InCall']);
});

test('batches, and 3000 events in order', async () => {
  const { desk, phone, page } = await inCall();
  const from = phone.n;
  const [conn] = phone.conns;
  const list = Array.from({ length: 3000 }, () => ({ n: ++phone.n, state: 'in-call', new: { Kind: 'nxphone', Type: 'DigitSent', Data: { id: 1, digit: '1' } } }));
  for (let i = 0; i < list.length; i += 50) conn.say({ type: 'events', list: list.slice(i, i + 50) });
  conn.say({ type: 'events', list: list.slice(0, 50) }); // again: known already
  conn.say({ type: 'events', list: list.slice(-1) });
  conn.say({ type: 'quality', data: { loss: 0 } });
  await desk.advance(10);
  const got = page.events.filter((e) => e.Type === 'DigitSent').map((e) => e.n);
  assert.deepEqual(got, list.map((e) => e.n));
  assert.deepEqual(page.events.at(-1), { n: from + 3000, Kind: 'nxphone', Type: 'Quality', Data: { loss: 0 } });
});

test('on and off', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open();
  await desk.advance(100);
  const got = [];
  const fn = (e) => got.push(`a ${e.Type}`);
  const stop = page.api.on('Busy', fn);
  page.api.on('*', (e) => got.push(`all ${e.Type}`));
  for (const nothing of [null, undefined, 5, {}]) page.api.on('Busy', nothing)();
  phone.otherCall(true);
  await desk.advance(10);
  stop();
  stop();
  phone.otherCall(false);
  await desk.advance(10);
  assert.deepEqual(got, ['a Busy', 'all Busy', 'all Busy']);
  page.api.on('Busy', fn);
  page.api.off('Busy', fn);
  page.api.off('Busy', () => {});
  phone.otherCall(true);
  await desk.advance(10);
  assert.equal(got.length, 4);
});

test('state() is a copy', async () => {
  const { api } = await inCall();
  const state = api.state();
  state.busy = false;
  state.call.id = 9;
  assert.deepEqual([api.state().busy, api.state().call.id, 'old' in api.state().call], [true, 1, false]);
  assert.deepEqual(Object.keys(state), ['reachable', 'reason', 'message', 'version', 'epoch', 'n', 'busy', 'control', 'free', 'call']);
});

test('storage that throws stops nothing', async () => {
  const wall = new Proxy({}, { get: () => { throw new Error('SecurityError'); } });
  for (const secure of [true, false]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    const page = desk.open({ secure, session: wall, localStorage: wall, ...secure ? { indexedDB: wall } : {} }).listen();
    assert.deepEqual(await desk.advance(3000), []);
    assert.equal(page.api.directCall(...good), 0);
    await desk.advance(10);
    phone.drop();
    assert.deepEqual(await desk.advance(1500), []);
    phone.tell('Clear');
    await desk.advance(10);
    assert.deepEqual(page.types(), ['Connecting', 'Clear'], 'the key is kept in memory at least');
    page.leave();
    assert.equal(phone.spoken.filter(([, m]) => m.type === 'pair').length, 1);
  }
  const desk = new Desk();
  desk.listen(17070, new Phone(desk));
  const bare = desk.open({ session: undefined, sessionStorage: undefined, localStorage: undefined, indexedDB: undefined });
  assert.deepEqual(await desk.advance(3000), []);
  assert.equal(bare.api.state().reachable, true);
  bare.leave();
  assert.ok(new Store());
});

test('state() follows the events', async () => {
  const { desk, phone, page, api } = await inCall();
  const answered = desk.clock.now - 10;
  const call = { id: 1, state: 'in-call', dn: '1000', mute: false, mutePending: false, video: false, hold: false, earlyMedia: false, mediaUp: false, codec: '', since: answered };
  const now = async (change) => {
    await desk.advance(10);
    assert.deepEqual(JSON.parse(JSON.stringify(api.state().call)), Object.assign(call, change));
  };
  const tell = (Type, more) => phone.tell('', { Kind: 'nxphone', Type, Data: { id: 1, rev: 1, ...more } });
  await now({});
  const state = { ...phone.stateFor([...phone.conns][0]) };
  [...phone.conns][0].say({ type: 'control', state: { ...state, call: { ...state.call, mutePending: true, since: answered } } });
  await now({ mutePending: true });
  tell('RemoteHold', { on: true });
  await now({ hold: true });
  tell('RemoteHold', { on: false });
  await now({ hold: false });
  tell('Mute', { on: true });
  await now({ mute: true, mutePending: false });
  tell('VideoMute', { on: true });
  await now({ video: true });
  tell('EarlyMedia');
  await now({ earlyMedia: true });
  tell('MediaUp', { codec: 'opus' });
  await now({ mediaUp: true, codec: 'opus' });
  tell('Mute', { on: false });
  tell('DigitSent', { digit: '1', codec: 'x' });
  await now({ mute: false });
  phone.call.type = 'Ringing'; // any other state is the phone's to say
  tell('HangingUp');
  await now({ state: 'ringing' });
  // In the callback of Clear the call is over, whatever else is still to come.
  let within;
  api.SetCallBack((json) => {
    if (JSON.parse(json).Type === 'Clear') within = [api.state().busy, api.state().call, api.directCall(...good)];
  });
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(within, [false, null, 0]);
  assert.ok(page);
});

test('the event may come before the answer to the dial, or instead of it', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  await desk.advance(2000);
  phone.hooks.result = (m) => (m.id === 1 ? undefined : m);
  phone.hooks.control = () => undefined;
  page.api.directCall(...good);
  page.api.Mute('Audio', true);
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Connecting']);
  assert.deepEqual(phone.commands.map((c) => c.type), ['dial', 'mute']);
  phone.hooks = {};
  await desk.advance(10_000);
  assert.deepEqual(page.types(), ['Connecting']);
  assert.equal(phone.call.mute, true);
});

test('events that are missing in the middle are told', async () => {
  const { desk, phone, page } = await inCall();
  phone.n += 2;
  phone.tell('', { Kind: 'nxphone', Type: 'RemoteHold', Data: { id: 1, rev: 9, on: true } });
  await desk.advance(10);
  assert.deepEqual(page.events.slice(-2).map((e) => [e.Type, e.Data.missed]), [['Gap', 2], ['RemoteHold', undefined]]);
});

test('any message after the welcome shows that nothing more was kept', async () => {
  const { desk, phone, page } = await inCall();
  phone.keep = 0;
  phone.drop();
  phone.tell('', { Kind: 'nxphone', Type: 'RemoteHold', Data: { id: 1, rev: 9, on: true } });
  await desk.advance(50);
  [...phone.conns][0].say({ type: 'quality', data: {} });
  await desk.advance(10);
  assert.deepEqual(page.events.slice(-2).map((e) => e.Type), ['Gap', 'Quality']);
});

test('after a connection that held, the next one is made at once, however long the search was before', async () => {
  const desk = new Desk();
  const page = desk.open();
  await desk.advance(20_000);
  const phone = desk.listen(17070, new Phone(desk));
  await desk.advance(6000);
  assert.equal(page.api.state().reachable, true);
  phone.drop();
  await desk.advance(50);
  assert.equal(page.api.state().reachable, true);
  // One that broke at once was no reason to hurry.
  phone.drop();
  await desk.advance(150);
  assert.equal(page.api.state().reachable, false);
  await desk.advance(500);
  assert.equal(page.api.state().reachable, true);
});

test('while one port still may answer the phone is not known to be absent', async () => {
  const desk = new Desk();
  desk.listen(17075, { hold: true });
  const page = desk.open().listen();
  await desk.advance(6000);
  assert.equal(page.api.directCall(...good), 0);
  const phone = desk.listen(17075, new Phone(desk));
  page.sockets.filter((s) => s.readyState === 0).forEach((s) => s.enter(phone));
  await desk.advance(500);
  assert.deepEqual(page.types(), ['Connecting'], 'the user said yes in time');
});

test('several signals at once are one round', async () => {
  const desk = new Desk();
  const page = desk.open();
  await desk.advance(10_000);
  const phone = desk.listen(17070, new Phone(desk));
  const before = page.sockets.length;
  for (let i = 0; i < 5; i++) {
    page.fire('online');
    page.api.directCall(...good);
    await desk.advance(0);
  }
  await desk.advance(500);
  assert.equal(page.sockets.length, before + 1);
  assert.equal(phone.conns.size, 1);
  page.fire('online');
  await desk.advance(500);
  assert.equal(page.sockets.length, before + 1, 'nor is there a reason for one with a connection');
});
