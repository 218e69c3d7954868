// What an old page sees: return values, the order of events, one Clear for
// each 0, in every state and every failure.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk } from '../page.mjs';
import { heritageText, Phone } from '../phone.mjs';

const good = ['example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', ''];
const desks = async (over) => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open(over).listen();
  await desk.advance(100);
  return { desk, phone, page, api: page.api };
};
const inCall = async (over) => {
  const all = await desks(over);
  assert.equal(all.api.directCall(...good), 0);
  await all.desk.advance(10);
  for (const type of ['Trying', 'Ringing', 'InCall']) all.phone.tell(type);
  await all.desk.advance(10);
  return all;
};

test('a call from its beginning to its end, byte for byte', async () => {
  const { desk, phone, page, api } = await inCall();
  assert.equal(api.Clear(), 0);
  await desk.advance(10);
  assert.deepEqual(page.texts, ['{"Type":"SetCallBack","Data":{"result":"Success"}}',
    ...['Connecting', 'Trying', 'Ringing', 'InCall', 'Clear'].map((type) => heritageText(type, '1000', 1))]);
  const { type, realm, dn, tel, url, push, key } = phone.dials[0];
  assert.deepEqual({ type, realm, dn, tel, url, push }, { type: 'dial', realm: good[0], dn: good[1], tel: good[2], url: good[3], push: '' });
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.equal(api.directCall(...good), 0);
  await desk.advance(10);
  assert.notEqual(phone.dials[1].key, key);
  assert.deepEqual(page.types().slice(5), ['Connecting']);
});

test('SetCallBack tells at once, and only then', async () => {
  const desk = new Desk();
  const page = desk.open();
  page.listen();
  assert.deepEqual(page.texts, ['{"Type":"SetCallBack","Data":{"result":"Success"}}']);
  await desk.advance(60_000);
  assert.equal(page.texts.length, 1);
});

test('a new callback takes the place of the old one; no function takes it away', async () => {
  const { desk, phone, page, api } = await inCall();
  const second = [];
  api.SetCallBack((json) => second.push(JSON.parse(json).Type));
  assert.deepEqual(second, ['SetCallBack']);
  await desk.advance(10);
  assert.deepEqual(second, ['SetCallBack'], 'the state was told to the first one');
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(second, ['SetCallBack', 'Clear']);
  assert.equal(page.types().at(-1), 'InCall');
  for (const nothing of [null, undefined, 5, 'alert', {}]) api.SetCallBack(nothing);
  assert.equal(api.directCall(...good), 0);
  assert.deepEqual(await desk.advance(10), []);
  assert.deepEqual(second, ['SetCallBack', 'Clear']);
});

test('a callback that comes late gets the present state', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open();
  await desk.advance(100);
  assert.equal(page.api.directCall(...good), 0);
  await desk.advance(10);
  phone.tell('Trying');
  phone.tell('Ringing');
  await desk.advance(10);
  page.listen();
  assert.deepEqual(page.types(), []);
  await desk.advance(1);
  phone.tell('InCall');
  await desk.advance(10);
  assert.deepEqual(page.types(), ['Ringing', 'InCall']);
});

test('what the phone would refuse is refused at once, and nothing follows', async () => {
  const { desk, phone, page, api } = await desks();
  const wrong = {
    0: ['', ' ', undefined, null, 'a b', 'a;b', 'a?b', '.a', '-a', 'a..b', 'a:0', 'a:65536', 'a:', 'a:b', 'a@b', '\uB3C4\uBA54\uC778', 'a\r\nb', '[1.2]', '[::1', 'x'.repeat(129), {}, []],
    1: ['', undefined, null, '1 0', '1<0', '1"', "1'", '1`', '1\\', '10\r\nX: y', '@a', 'a@', 'a@b@c', 'a@b c', '\uB0B4\uC120', 'x'.repeat(129), true, NaN, Infinity],
    2: ['', undefined, null, '\uD64D\uAE38\uB3D9', '010\uAC00', '\u3131', '\u1100', '010 1234', '010\t', '010\n', '010\u007f', '010\u00e9', '\uFF11', 'x'.repeat(129), {}, () => 1],
    3: ['', undefined, null, 'http://a', 'wss:/a', 'wss:a', 'wss://', 'wss://:1', 'wss:///x', 'ws://a:0', 'ws://a:65536', 'ws://a:x', 'ws://u@a', 'ws://u:p@a', 'ws://a b', 'ws://a/ b', 'a', 'undefined',
      'ws://a/\uAC00', ' ws://a', 'ftp://a', 'ws://a/' + 'x'.repeat(2048), 17],
    4: ['a b', '\uD1A0\uD070', 'x'.repeat(4097), 'a\r\nb', '"', '<>'],
  };
  for (const [at, values] of Object.entries(wrong)) {
    for (const value of values) {
      const args = [...good];
      args[at] = value;
      assert.equal(api.directCall(...args), -1, `argument ${at}: ${String(value).slice(0, 20)}`);
    }
  }
  assert.equal(api.directCall(), -1);
  await desk.advance(60_000);
  assert.deepEqual(page.types(), []);
  assert.deepEqual(phone.commands, []);
});

test('what the phone takes is taken', async () => {
  const right = {
    0: ['a', 'nexuscommunity.net', 'my_pbx', '10.1.2.3', '10.1.2.3:5060', '[::1]', '[2001:db8::1]:5061', 'A-b.C', '7', 'x'.repeat(128)],
    1: [1000, '1000', 'kim', 'kim@example.net', 'kim@[::1]:5060', '*5', '#7', 'a!b$c%20d&e=f+g,h;i?j/k', 'x'.repeat(128)],
    2: [1012345678, '010-1234-5678', '+82(0)10', '01012345678@other.net', 'user.id', '0', 0],
    3: ['ws://a', 'WSS://A:1', 'wss://a:65535/path?q=1@2#x', 'ws://10.10.30.71:6080', 'ws://[::1]:6080/', 'wss://a?x', 'wss://a#x', 'ws://my_pbx', 'wss://a/' + 'x'.repeat(2040)],
    4: [undefined, null, '', 'default', 'x'.repeat(4096), 'fcm:APA91b-_~', 5, {}, false],
  };
  const { desk, phone, api } = await desks();
  for (const [at, values] of Object.entries(right)) {
    for (const value of values) {
      const args = [...good];
      args[at] = value;
      assert.equal(api.directCall(...args), 0, `argument ${at}: ${String(value).slice(0, 20)}`);
      await desk.advance(10);
      const sent = Object.values(phone.dials.at(-1)).slice(2, 7)[at];
      assert.equal(typeof sent, 'string');
      if (at < 4) assert.equal(sent, String(value));
      phone.tell('Clear');
      await desk.advance(10);
    }
  }
  assert.equal(api.directCall(...good.slice(0, 4)), 0);
  await desk.advance(10);
  assert.equal(phone.dials.at(-1).push, '');
});

test('in a call: -1 for another one, 0 for Clear and Mute', async () => {
  const { desk, phone, page, api } = await desks();
  assert.equal(api.Clear(), -1);
  assert.equal(api.Mute('Audio', true), -1);
  assert.equal(api.sendDTMF('1'), -1);
  assert.equal(api.take(), -1);
  assert.equal(api.pair('123456'), -1);
  assert.equal(api.directCall(...good), 0);
  assert.equal(api.directCall(...good), -1, 'before the phone has answered');
  assert.equal(api.sendDTMF('1'), -1);
  for (const type of ['Connecting', 'Trying', 'Ringing', 'InCall']) {
    if (type !== 'Connecting') phone.tell(type);
    await desk.advance(10);
    assert.equal(page.types().at(-1), type);
    assert.equal(api.directCall(...good), -1, type);
    assert.equal(api.Mute('Audio', true), 0, type);
    for (const kind of ['audio', 'Screen', '', undefined, null, 'video', 1]) assert.equal(api.Mute(kind, true), -1);
    assert.equal(api.take(), -1, type);
  }
  for (const digits of ['', 'x', '1 2', '0'.repeat(129), undefined, null, {}, Symbol('1')]) assert.equal(api.sendDTMF(digits), -1);
  assert.equal(api.sendDTMF('12#aD*'), 0);
  assert.equal(api.sendDTMF(5), 0);
  await desk.advance(10);
  assert.deepEqual(phone.commands.filter((c) => c.type === 'dtmf').map((c) => c.digits), ['12#aD*', '5']);
  assert.equal(api.Clear(), 0);
  assert.equal(api.Clear(), 0, 'it is up until Clear');
  assert.equal(api.directCall(...good), -1);
  await desk.advance(10);
  assert.equal(api.Clear(), -1);
  assert.equal(api.Mute('Audio', false), -1);
  assert.equal(page.types().filter((t) => t === 'Clear').length, 1);
  assert.equal(phone.commands.filter((c) => c.type === 'clear').length, 1, 'it is asked once');
});

test('nothing is called from inside directCall, Clear and Mute', async () => {
  for (const there of [true, false]) {
    const desk = new Desk();
    if (there) desk.listen(17070, new Phone(desk));
    const page = desk.open().listen().watch();
    await desk.advance(there ? 100 : 0);
    const before = [page.texts.length, page.events.length];
    page.api.directCall(...good);
    page.api.Mute('Video', true);
    page.api.Clear();
    page.api.directCall('x');
    assert.deepEqual([page.texts.length, page.events.length], before);
    await desk.advance(20_000);
    assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  }
});

test('a phone that cannot be reached in 5 s: Connecting and Clear with the id 0', async () => {
  for (const hold of [false, true]) {
    const desk = new Desk();
    if (hold) desk.ports.set(17070, { hold, mute: true });
    const page = desk.open().listen();
    page.api.on('Connecting', page.keep);
    page.api.on('Clear', page.keep);
    assert.equal(page.api.directCall(...good), 0);
    await desk.advance(4990);
    assert.deepEqual(page.types(), []);
    await desk.advance(20);
    assert.deepEqual(page.texts.slice(1), [heritageText('Connecting', '1000', 0), heritageText('Clear', '1000', 0)]);
    await desk.advance(60_000);
    assert.equal(page.texts.length, 3);
    assert.deepEqual(page.events.map((e) => JSON.stringify({ Kind: e.Kind, Type: e.Type, Data: e.Data })), page.texts.slice(1));
  }
});

test('the first call waits for a phone that starts late', async () => {
  const desk = new Desk();
  const page = desk.open().listen();
  await desk.advance(1000);
  assert.equal(page.api.directCall(...good), 0);
  assert.equal(page.api.Mute('Video', true), 0);
  const phone = desk.listen(17073, new Phone(desk));
  await desk.advance(2500);
  assert.deepEqual(page.types(), ['Connecting']);
  assert.equal(page.heard.at(-1).Data.id, 1);
  assert.deepEqual(phone.commands.map((c) => c.type), ['dial', 'mute']);
  await desk.advance(10_000);
  assert.deepEqual(page.types(), ['Connecting'], 'the 5 s are over with the answer');
});

test('a phone that is known not to be there: -1, and nothing follows', async () => {
  const desk = new Desk();
  const page = desk.open().listen();
  await desk.advance(5100);
  assert.equal(page.api.directCall(...good), -1);
  await desk.advance(60_000);
  assert.deepEqual(page.types(), []);
  // The attempt was a reason to look again, and so is every other one.
  desk.listen(17075, new Phone(desk));
  assert.equal(page.api.directCall(...good), -1);
  await desk.advance(50);
  assert.equal(page.api.directCall(...good), 0);
});

test('a phone that was there and is gone: -1 as soon as a round has failed', async () => {
  const { desk, phone, page, api } = await desks();
  await desk.advance(1000);
  phone.die();
  await desk.advance(50);
  assert.equal(api.directCall(...good), -1);
  await desk.advance(10_000);
  assert.deepEqual(page.types(), []);
});

test('Clear before the phone has the call', async () => {
  const desk = new Desk();
  const page = desk.open().listen();
  assert.equal(page.api.directCall(...good), 0);
  assert.equal(page.api.Clear(), 0);
  assert.equal(page.api.Clear(), 0);
  await desk.advance(1);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  const phone = desk.listen(17070, new Phone(desk));
  await desk.advance(20_000);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  assert.deepEqual(phone.commands, []);
});

test('Clear between the dial and its answer', async () => {
  const { desk, phone, page, api } = await desks();
  assert.equal(api.directCall(...good), 0);
  assert.equal(api.Clear(), 0);
  await desk.advance(20);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  assert.deepEqual(phone.commands.map((c) => c.type), ['dial', 'clear']);
  assert.equal(phone.call, null);
});

test('refused by the phone after all: Connecting and Clear with the id 0', async () => {
  const { desk, phone, page, api } = await desks();
  page.watch('Refused');
  phone.refuse.dial = 'bad-tel';
  assert.equal(api.directCall(...good), 0);
  await desk.advance(20);
  assert.deepEqual(page.texts.slice(1), [heritageText('Connecting', '1000', 0), heritageText('Clear', '1000', 0)]);
  assert.deepEqual(page.events.map((e) => e.Data), [{ command: 'dial', code: 'bad-tel' }]);
  phone.refuse = {};
  assert.equal(api.directCall(...good), 0);
  await desk.advance(20);
  assert.equal(page.types().at(-1), 'Connecting');
  assert.equal(page.heard.at(-1).Data.id, 1);
});

test('busy by somebody else: -1', async () => {
  const { desk, phone, page, api } = await desks();
  page.watch('Busy');
  phone.otherCall(true);
  await desk.advance(10);
  assert.equal(api.directCall(...good), -1);
  assert.equal(api.Clear(), -1);
  assert.equal(api.Mute('Audio', true), -1);
  assert.equal(api.state().busy, true);
  phone.otherCall(false);
  await desk.advance(10);
  assert.equal(api.directCall(...good), 0);
  await desk.advance(10);
  assert.deepEqual(page.events.map((e) => e.Data.busy), [true, false]);
  assert.deepEqual(page.types(), ['Connecting']);
});

test('a callback that throws is reported and disturbs nothing', async () => {
  const { desk, phone, page, api } = await desks();
  const heard = [];
  api.SetCallBack((json) => {
    heard.push(JSON.parse(json).Type);
    throw new Error(`oops ${heard.length}`);
  });
  api.on('*', () => { throw new Error('listener'); });
  api.on('Trying', (e) => heard.push(`new ${e.Type}`));
  assert.equal(api.directCall(...good), 0);
  const thrown = await desk.advance(10);
  phone.tell('Trying');
  phone.tell('Clear');
  thrown.push(...await desk.advance(10));
  assert.deepEqual(heard.filter((t) => t !== 'new Trying'), ['SetCallBack', 'Connecting', 'Trying', 'Clear']);
  assert.ok(heard.includes('new Trying'));
  assert.equal(thrown.filter((e) => /^oops/.test(e.message)).length, 4);
  assert.ok(thrown.filter((e) => e.message === 'listener').length >= 4);
  assert.equal(page.api.directCall(...good), 0);
});

test('calling from inside the callback', async () => {
  const { desk, phone, api } = await desks();
  const heard = [];
  const results = [];
  api.SetCallBack((json) => {
    const { Type, Data } = JSON.parse(json);
    heard.push([Type, Data.id]);
    if (Type === 'Connecting' && Data.id < 2) results.push(api.directCall(...good), api.Clear());
    if (Type === 'Clear') phone.refuse = {};
    if (Type === 'Clear' && heard.length < 9) results.push(api.Clear(), api.directCall(...good));
  });
  phone.refuse.dial = 'rate-limited';
  assert.equal(api.directCall(...good), 0);
  await desk.advance(100);
  assert.deepEqual(heard.slice(0, 5), [['SetCallBack', undefined], ['Connecting', 0], ['Clear', 0], ['Connecting', 1], ['Clear', 1]]);
  assert.deepEqual(results.slice(0, 4), [-1, 0, -1, 0]);
});

test('calling from inside a new listener: what it is told is so', async () => {
  const { desk, phone, page, api } = await inCall();
  const said = [];
  api.on('Clear', ({ Data }) => { if (Data.id === 1) said.push(api.Clear(), api.Mute('Audio', true), api.directCall(...good)); });
  phone.tell('Clear');
  await desk.advance(10);
  assert.deepEqual(said, [-1, -1, 0]);
  assert.deepEqual(page.types().slice(-2), ['Clear', 'Connecting']);
  assert.equal(phone.call.id, 2);
});

test('Mute is sent, remembered and not lost', async () => {
  const { desk, phone, page, api } = await inCall();
  assert.equal(api.Mute('Audio', true), 0);
  assert.equal(api.Mute('Video', true), 0);
  await desk.advance(10);
  assert.deepEqual([phone.call.mute, phone.call.video], [true, true]);
  assert.deepEqual([api.state().call.mute, api.state().call.video], [true, true]);
  phone.refuse.mute = 'rate-limited';
  assert.equal(api.Mute('Audio', false), 0);
  await desk.advance(10);
  assert.equal(phone.call.mute, true);
  phone.refuse = {};
  await desk.advance(1100);
  assert.equal(phone.call.mute, false, 'what was too fast is said again');
  phone.drop();
  await desk.advance(0);
  assert.equal(api.Mute('Audio', true), 0);
  assert.equal(api.Mute('Audio', false), 0);
  assert.equal(api.Mute('Audio', true), 0);
  const before = phone.commands.length;
  await desk.advance(50);
  assert.deepEqual(phone.commands.slice(before).map((c) => c.on), [true], 'only the last wish, once');
  assert.equal(phone.call.mute, true);
  assert.ok(!page.types().includes('Mute'), 'old pages know no such event');
});

test('a phone that answers no command any more: the call ends for the page', async () => {
  const { desk, phone, page, api } = await inCall();
  phone.deaf = true;
  assert.equal(api.Clear(), 0);
  desk.ports.delete(17070);
  await desk.advance(7500);
  assert.deepEqual(page.types().filter((t) => t === 'Clear'), ['Clear']);
  assert.equal(api.directCall(...good), -1);
});

test('a dial that is answered after the page has given up is hung up', async () => {
  const { desk, phone, page, api } = await desks();
  phone.deaf = true;
  assert.equal(api.directCall(...good), 0);
  await desk.advance(4999);
  const dial = phone.commands[0];
  await desk.advance(1);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  // The phone had taken it, and the connection is made anew.
  phone.deaf = false;
  const [conn] = phone.conns;
  phone.call = { id: ++phone.calls, dn: dial.dn, origin: 'https://helpline.example', tab: conn?.tab ?? phone.spoken.find(([, m]) => m.tab)[1].tab, type: 'Connecting' };
  phone.drop();
  await desk.advance(100);
  assert.equal(phone.call, null, 'nobody knows of that call: it must not stay');
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
});

test('numbers and keys are never written to the console', async () => {
  const { desk, phone, page, api } = await inCall();
  api.directCall('', '1000', '01099998888', good[3], '');
  api.directCall(good[0], '1000', '010 9999 8888', good[3], 'token');
  phone.drop(4403);
  phone.origins = [];
  await desk.advance(20_000);
  assert.ok(page.warnings.length > 2);
  for (const text of page.warnings) assert.doesNotMatch(text, /\d{3}|[0-9a-f]{16}|token/);
});

test('a dial that waited for the phone and is answered too late is hung up on the same connection', async () => {
  const desk = new Desk();
  const page = desk.open().listen();
  await desk.advance(1000);
  assert.equal(page.api.directCall(...good), 0);
  const phone = new Phone(desk);
  await desk.advance(1500);
  desk.listen(17070, phone);
  phone.deaf = true;
  await desk.advance(3600);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  const [dial] = phone.commands;
  phone.deaf = false;
  phone.obey([...phone.conns][0], dial);
  await desk.advance(20);
  assert.deepEqual(phone.commands.slice(2).map((c) => c.type), ['clear']);
  assert.equal(phone.call, null);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  // One that is refused too late needs nothing.
  phone.deaf = true;
  assert.equal(page.api.directCall(...good), 0);
  phone.drop();
  await desk.advance(10);
  page.api.state();
  await desk.advance(4995);
  assert.deepEqual(page.types().slice(2), ['Connecting', 'Clear']);
});

test('commands that are answered keep the connection', async () => {
  const { desk, phone, page, api } = await inCall();
  const sockets = page.sockets.length;
  api.Mute('Audio', true);
  api.sendDTMF('1');
  await desk.advance(20_000);
  phone.deaf = true;
  api.sendDTMF('0'.repeat(128)); // takes its time
  await desk.advance(20_000);
  assert.equal(page.sockets.length, sockets);
  assert.equal(page.types().at(-1), 'InCall');
});

test('of two wishes the last one counts, though the connection breaks between their answers', async () => {
  const { desk, phone, api } = await inCall();
  let heard = 0;
  phone.hooks.result = (m, conn) => {
    if (++heard !== 2) return m;
    conn.socket.close(1006);
    return undefined;
  };
  api.Mute('Audio', false);
  api.Mute('Audio', true);
  await desk.advance(100);
  assert.deepEqual(phone.commands.slice(1).map((c) => c.on), [false, true, true]);
  assert.equal(phone.call.mute, true);
});
