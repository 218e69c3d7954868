// Who is let in: pairing, proofs, squatters, the short code.
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import test from 'node:test';
import { Desk } from '../page.mjs';
import { Phone } from '../phone.mjs';

const said = (phone, type) => phone.spoken.filter(([d, m]) => d === 'in' && m.type === type).map(([, m]) => m);
const hexOf = (n) => new RegExp(`^[0-9a-f]{${n}}$`);
const sum = (text) => createHash('sha256').update(text).digest('hex');

test('first contact: a pairing, then the key is known', async () => {
  for (const secure of [true, false]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    const page = desk.open({ secure, origin: secure ? 'https://helpline.example' : 'http://intranet.example:8080' });
    await desk.advance(2000);
    assert.equal(page.api.state().reachable, true);
    assert.equal(page.api.state().version, '0.3.0');
    assert.deepEqual(page.warnings, []);
    assert.deepEqual(page.asked, []);
    assert.equal(said(phone, 'hello')[0].client, '');
    assert.match(said(phone, 'hello')[0].nonce, hexOf(32));
    assert.match(said(phone, 'pair')[0].public, hexOf(64));
    assert.equal(said(phone, 'pair')[0].code, false);
    const { proof, tab, epoch, n } = said(phone, 'prove')[0];
    assert.match(proof, hexOf(64));
    assert.match(tab, hexOf(32));
    assert.deepEqual([epoch, n], ['', 0]);
    phone.drop();
    await desk.advance(100);
    const again = desk.open({ secure, origin: secure ? 'https://helpline.example' : 'http://intranet.example:8080' });
    await desk.advance(100);
    assert.equal(again.api.state().reachable, true);
    assert.equal(said(phone, 'pair').length, 1, 'paired once, for this page and the next');
    assert.match(said(phone, 'hello')[2].client, hexOf(32));
    assert.notEqual(said(phone, 'hello')[2].nonce, said(phone, 'hello')[0].nonce);
    // With crypto.subtle the key is where no script can read it; without, it is text.
    assert.equal(desk.local.items.size, secure ? 0 : 1);
    const records = [...desk.database.records.values()];
    assert.equal(records.length, secure ? 1 : 0);
    if (secure) assert.deepEqual([records[0].id, records[0].key.type], [phone.id, 'secret']);
  }
});

test('the real WebCrypto does the same', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  for (let i = 0; i < 2; i++) {
    const page = desk.open({ crypto: webcrypto });
    for (let t = 0; t < 100 && !page.api.state().reachable; t++) {
      await desk.advance(5);
      await new Promise((done) => { setTimeout(done, 1); });
    }
    assert.equal(page.api.state().reachable, true);
    page.leave();
  }
  assert.equal(said(phone, 'pair').length, 1);
  assert.equal([...desk.database.records.values()][0].key.extractable, false);
});

test('two tabs that pair at the same moment both work, now and later', async () => {
  for (const secure of [true, false]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    const pages = [desk.open({ secure }), desk.open({ secure })];
    await desk.advance(1000);
    assert.deepEqual(pages.map((p) => p.api.state().reachable), [true, true]);
    assert.equal(said(phone, 'pair').length, 2);
    phone.drop();
    await desk.advance(1000);
    assert.deepEqual(pages.map((p) => p.api.state().reachable), [true, true]);
    const third = desk.open({ secure });
    await desk.advance(1000);
    assert.equal(third.api.state().reachable, true);
    assert.equal(said(phone, 'pair').length, 2);
    assert.deepEqual(phone.closed, []);
  }
});

test('a database that never answers delays, and stops nothing', async () => {
  const desk = new Desk();
  desk.listen(17070, new Phone(desk));
  desk.database.silent = true;
  const page = desk.open();
  await desk.advance(900);
  assert.equal(page.api.state().reachable, false);
  await desk.advance(500);
  assert.equal(page.api.state().reachable, true);
});

test('a proof that is wrong: not a word more, until the page is reloaded', async () => {
  for (const secure of [true, false]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    desk.open({ secure }).leave();
    const first = desk.open({ secure });
    await desk.advance(1000);
    first.leave();
    await desk.advance(10);
    // Something else has taken the port and says that it is the phone.
    phone.die();
    const squatter = desk.listen(17070, new Phone(desk));
    squatter.id = phone.id;
    const page = desk.open({ secure }).watch('Phone');
    await desk.advance(20_000);
    assert.equal(page.api.state().reason, 'not-proven');
    assert.equal(page.events.at(-1).Data.reason, 'not-proven');
    assert.equal(squatter.conns.size, 0);
    assert.equal(page.sockets.find((socket) => socket.port === 17070).readyState, 3);
    assert.deepEqual(squatter.spoken.filter(([d]) => d === 'in').map(([, m]) => m.type), ['hello']);
    assert.equal(page.api.directCall('a', '1', '2', 'ws://a'), -1);
    await desk.advance(20_000);
    assert.equal(squatter.spoken.filter(([d]) => d === 'in').length, 1, 'the port is left alone');
    // The phone on another port is found all the same.
    desk.listen(17076, new Phone(desk, { secret: phone.secret }));
    await desk.advance(6000);
    assert.equal(page.api.state().reachable, true);
    page.leave();
    desk.ports.delete(17070);
    const again = desk.open({ secure });
    await desk.advance(1000);
    assert.equal(again.api.state().reachable, true);
  }
});

test('a phone that this page knows may not say that it is new', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  desk.open();
  await desk.advance(1000);
  phone.die();
  const squatter = desk.listen(17070, new Phone(desk));
  squatter.id = phone.id;
  squatter.hooks.proof = () => ({ type: 'unpaired' });
  const page = desk.open();
  await desk.advance(5000);
  assert.equal(page.api.state().reason, 'not-proven');
  assert.equal(said(squatter, 'pair').length, 0);
});

test('a proof for another port, and one that was heard before', async () => {
  for (const replay of [false, true]) {
    const desk = new Desk();
    const phone = desk.listen(17071, new Phone(desk));
    desk.open();
    await desk.advance(1000);
    desk.open();
    await desk.advance(1000);
    const heard = phone.spoken.filter(([d, m]) => d === 'out' && m.type === 'proof')[0][1];
    phone.die();
    // It passes on what the phone would say on its own port, or said before.
    const relay = desk.listen(17070, new Phone(desk, { secret: phone.secret }));
    relay.hooks.proof = replay ? () => heard : (m, conn) => {
      conn.socket.port = 17071;
      return { type: 'proof', proof: conn.proof('phone') };
    };
    const page = desk.open();
    await desk.advance(5000);
    assert.equal(page.api.state().reason, 'not-proven');
    assert.equal(said(relay, 'prove').length, 0);
  }
});

test('somebody new while the page knows another phone: only by the code', async () => {
  for (const secure of [true, false]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    desk.open({ secure });
    await desk.advance(1000);
    phone.die();
    const other = desk.listen(17070, new Phone(desk));
    const page = desk.open({ secure });
    await desk.advance(3000);
    assert.equal(said(other, 'pair')[0].code, true);
    assert.equal(page.asked.length, 1);
    assert.equal(said(other, 'prove').length, 0, 'nobody entered the code');
    assert.equal(page.api.state().reason, 'code');
  }
});

test('the known phone is taken, whoever else answers, on whatever port', async () => {
  for (const [mine, theirs] of [[17070, 17075], [17075, 17070]]) {
    const desk = new Desk();
    const phone = desk.listen(mine, new Phone(desk));
    desk.open();
    await desk.advance(1000);
    const squatter = desk.listen(theirs, new Phone(desk));
    const page = desk.open();
    await desk.advance(3000);
    assert.equal(page.api.state().epoch, phone.epoch);
    assert.deepEqual(page.asked, []);
    assert.equal(said(squatter, 'pair').length, 0);
    assert.equal(squatter.conns.size, 0, 'the other connection is closed');
  }
});

test('two new ones at once: only by the code', async () => {
  const desk = new Desk();
  const phones = [17073, 17072].map((port) => desk.listen(port, new Phone(desk)));
  const page = desk.open({ answers: ['1'] });
  await desk.advance(3000);
  assert.equal(said(phones[1], 'pair')[0].code, true, 'the lower port first');
  assert.equal(said(phones[0], 'pair')[0].code, true, 'then the other');
  assert.equal(page.asked.length, 3, 'one wrong, one given up, one given up');
});

test('of several phones that prove themselves the lowest port is kept', async () => {
  const desk = new Desk();
  const secret = randomBytes(32);
  const first = desk.listen(17074, new Phone(desk, { secret }));
  desk.open();
  await desk.advance(1000);
  const second = desk.listen(17072, new Phone(desk, { secret }));
  desk.listen(17071, { hold: true });
  const page = desk.open();
  await desk.advance(1000);
  assert.equal(page.api.state().epoch, second.epoch);
  assert.equal(said(first, 'prove').length, 1, 'of the first page only');
  assert.equal(first.conns.size, 1);
  assert.equal(page.sockets.filter((s) => s.readyState < 2).length, 1);
});

test('a port that stays silent holds nobody up', async () => {
  const desk = new Desk();
  desk.listen(17070, { hold: true });
  const mute = { accept: () => ({ take() {}, left() {} }) };
  desk.listen(17071, mute);
  const phone = desk.listen(17079, new Phone(desk));
  const page = desk.open();
  await desk.advance(500);
  assert.equal(page.api.state().reachable, true);
  assert.equal(page.api.state().epoch, phone.epoch);
  // Alone, the silent one is given up after 5 s, and tried again.
  const lonely = new Desk();
  lonely.listen(17071, mute);
  const other = lonely.open();
  await lonely.advance(5200);
  assert.equal(other.api.state().reason, 'not-allowed');
  assert.ok(other.sockets.filter((s) => s.port === 17071).length >= 1);
  lonely.listen(17071, new Phone(lonely));
  await lonely.advance(6000);
  assert.equal(other.api.state().reachable, true);
});

const pairings = {
  'a public key that was not promised': (m) => {
    const { publicKey } = generateKeyPairSync('x25519');
    return { ...m, public: Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url').toString('hex') };
  },
  'another key': (m) => ({ ...m, wrapped: sum('other') }),
  'a proof that is wrong': (m) => ({ ...m, proof: sum('other') }),
  'no proof': (m) => ({ ...m, proof: undefined }),
  'an empty proof': (m) => ({ ...m, proof: '' }),
  'a proof in capitals': (m) => ({ ...m, proof: m.proof.toUpperCase() }),
  'a proof that is no text': (m) => ({ ...m, proof: [m.proof] }),
  'no public key': (m) => ({ ...m, public: undefined }),
  'a public key that is too short': (m) => ({ ...m, public: m.public.slice(2) }),
  'no wrapped key': (m) => ({ ...m, wrapped: undefined }),
  'another message': () => ({ type: 'welcome', epoch: '00'.repeat(8), n: 0, state: {} }),
  'no message': () => 'null',
  'no JSON': () => '}',
  'too much': (m) => JSON.stringify({ ...m, more: 'x'.repeat(1 << 22) }),
};
for (const [what, change] of Object.entries(pairings)) {
  test(`pairing with ${what}: nothing is proved`, async () => {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    phone.hooks.paired = change;
    const page = desk.open();
    assert.deepEqual(await desk.advance(9000), []);
    assert.equal(said(phone, 'prove').length, 0);
    assert.equal(page.api.state().reachable, false);
    assert.equal(page.api.state().reason, what === 'too much' ? 'not-allowed' : 'not-proven');
    assert.equal(desk.database.records.size, 0);
  });
}

test('a key that was chosen after the page had shown its own is refused', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.hooks.phone = (m) => ({ ...m, commit: sum('another') }); // all else is right
  const page = desk.open();
  await desk.advance(9000);
  assert.equal(said(phone, 'prove').length, 0);
  assert.equal(page.api.state().reason, 'not-proven');
});

test('a public key of small order is refused', async () => {
  for (const bad of ['00'.repeat(32), '01' + '00'.repeat(31)]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    phone.hooks.phone = (m) => ({ ...m, commit: createHash('sha256').update(Buffer.from(bad, 'hex')).digest('hex') });
    phone.hooks.paired = (m, conn) => { // everybody knows what comes out: zero
      const t = [conn.socket.origin, conn.socket.port, phone.id, conn.pageNonce, conn.nonce, conn.pagePublic, bad].join('\n');
      const mask = createHmac('sha256', Buffer.alloc(32)).update(`nxphone-v1 wrap\n${t}`).digest();
      return { ...m, public: bad, wrapped: Buffer.from(conn.key.map((b, i) => b ^ mask[i])).toString('hex') };
    };
    const page = desk.open();
    await desk.advance(9000);
    assert.equal(said(phone, 'prove').length, 0);
    assert.equal(page.api.state().reason, 'not-proven');
  }
});

const greetings = {
  'an id with a line break': (m) => ({ ...m, id: `${m.id.slice(0, 14)}\n0` }),
  'a nonce that is too short': (m) => ({ ...m, nonce: '00' }),
  'a commitment that is no hex': (m) => ({ ...m, commit: 'x'.repeat(64) }),
  'another type': (m) => ({ ...m, type: 'proof' }),
  'no JSON': () => 'HTTP/1.1 400 Bad Request',
};
for (const [what, change] of Object.entries(greetings)) {
  test(`a greeting with ${what} is not answered`, async () => {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    phone.hooks.phone = change;
    const page = desk.open();
    assert.deepEqual(await desk.advance(9000), []);
    assert.deepEqual(phone.spoken.filter(([d]) => d === 'in'), []);
    assert.equal(page.api.state().reason, 'not-proven');
  });
}

test('members that are not known are ignored', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  for (const type of ['phone', 'unpaired', 'paired', 'welcome']) phone.hooks[type] = (m) => ({ ...m, more: { x: 1 }, also: 'zz' });
  const page = desk.open();
  await desk.advance(1000);
  assert.equal(page.api.state().reachable, true);
});

test('what the page says before the phone has proved itself holds no secret', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  const page = desk.open().listen();
  page.api.directCall('example.net', '1000', '01012345678', 'wss://sbc.example.net', 'token');
  await desk.advance(1000);
  const types = phone.spoken.map(([d, m]) => `${d} ${m.type}`);
  assert.deepEqual(types.slice(0, 7), ['out phone', 'in hello', 'out unpaired', 'in pair', 'out paired', 'in prove', 'out welcome']);
  assert.deepEqual(phone.spoken.slice(0, 6).filter(([d]) => d === 'in').map(([, m]) => Object.keys(m).join()),
    ['type,nonce,client', 'type,public,code', 'type,proof,tab,epoch,n']);
});

test('the code, right at once, by the browser\'s own question', async () => {
  for (const attribute of [false, true]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    phone.code = !attribute;
    const page = desk.open({ attributes: attribute ? { pairing: 'code' } : {}, lang: 'ko-KR',
      prompt: (text) => { page.asked.push(text); return `${phone.shown[0].slice(0, 3)} ${phone.shown[0].slice(3)} `; } });
    await desk.advance(1000);
    assert.equal(page.api.state().reachable, true);
    assert.equal(page.asked.length, 1);
    assert.match(page.asked[0], /\uC22B\uC790 6\uC790\uB9AC/);
    assert.equal(said(phone, 'pair')[0].code, attribute);
  }
});

test('the code, wrong twice and then right, by the Pairing event', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.code = true;
  const page = desk.open().watch('Phone');
  const tries = [];
  page.api.on('Pairing', ({ Data }) => tries.push(Data.tries));
  await desk.advance(1000);
  assert.deepEqual(tries, [3]);
  assert.equal(page.api.state().reason, 'code');
  for (const [wrong, left] of [['000000' === phone.shown[0] ? '000001' : '000000', 2], ['', 1]]) {
    assert.equal(page.api.pair(wrong), 0);
    await desk.advance(10);
    assert.equal(tries.at(-1), left);
  }
  assert.equal(said(phone, 'prove').length, 0);
  await desk.advance(30_000); // a person looks for the phone's window
  assert.equal(page.api.pair(phone.shown[0]), 0);
  await desk.advance(10);
  assert.equal(page.api.state().reachable, true);
  assert.equal(page.api.pair(phone.shown[0]), -1);
  assert.deepEqual(page.events.map((e) => e.Data.reason), ['code', '']);
  assert.deepEqual(page.asked, []);
  assert.equal(phone.shown.length, 1);
});

test('the code as a number', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.code = true;
  const page = desk.open();
  page.api.on('Pairing', () => page.api.pair(phone.shown[0]));
  await desk.advance(1000);
  assert.equal(page.api.state().reachable, true, 'pair() from inside the event');
});

test('three wrong codes, or none: the page stops until it is reloaded', async () => {
  for (const answers of [['1', '2', '3', '4'], [null], []]) {
    const desk = new Desk();
    const phone = desk.listen(17070, new Phone(desk));
    phone.code = true;
    const page = desk.open({ answers: [...answers] });
    await desk.advance(60_000);
    assert.equal(page.asked.length, Math.max(1, Math.min(3, answers.length)));
    assert.equal(page.api.state().reason, 'code');
    assert.equal(said(phone, 'prove').length, 0);
    assert.equal(phone.shown.length, 1, 'the phone is not made to show code after code');
    assert.equal(desk.database.records.size, 0);
    const again = desk.open({ prompt: () => phone.shown.at(-1) });
    await desk.advance(1000);
    assert.equal(again.api.state().reachable, true);
  }
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.code = true;
  const page = desk.open({ prompt: () => { throw new Error('not in a sandbox'); } });
  assert.deepEqual(await desk.advance(3000), []);
  assert.equal(page.api.state().reason, 'code');
});

test('the phone ends the wait for the code', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.code = true;
  const page = desk.open();
  page.api.on('Pairing', () => {});
  await desk.advance(10_000);
  assert.equal(page.api.state().reason, 'code');
  phone.drop(4408);
  await desk.advance(10_000);
  assert.equal(page.api.pair('123456'), -1);
  assert.equal(page.api.state().reason, 'code');
  assert.equal(phone.shown.length, 1);
});

test('another program on a port is no reason for the code', async () => {
  const desk = new Desk();
  desk.listen(17070, new Phone(desk)).hooks.phone = () => '{"jsonrpc":"2.0"}';
  const phone = desk.listen(17071, new Phone(desk));
  const page = desk.open();
  await desk.advance(3000);
  assert.equal(page.api.state().reachable, true);
  assert.equal(said(phone, 'pair')[0].code, false);
  assert.deepEqual(page.asked, []);
});

test('whoever failed the code does not make the next one pair without', async () => {
  const desk = new Desk();
  const squatter = desk.listen(17070, new Phone(desk));
  squatter.code = true;
  const page = desk.open();
  await desk.advance(3000);
  assert.equal(page.asked.length, 1);
  const phone = desk.listen(17071, new Phone(desk));
  await desk.advance(6000);
  assert.equal(said(phone, 'pair')[0].code, true);
});

test('a word out of turn from the phone is not taken for the next one', async () => {
  const desk = new Desk();
  const phone = desk.listen(17070, new Phone(desk));
  phone.hooks.unpaired = (m, conn) => {
    conn.socket.send('{"type":"paired","proof":""}');
    return m;
  };
  const page = desk.open();
  await desk.advance(6000);
  assert.equal(page.api.state().reachable, false);
  assert.equal(said(phone, 'prove').length, 0);
});
