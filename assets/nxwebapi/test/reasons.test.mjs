// Why there is no phone, in words, in the console and in the Phone event.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk } from '../page.mjs';
import { Phone } from '../phone.mjs';

const reasons = (page) => page.events.map((e) => e.Data.reason);

/** Opens a page on a desk that set() has laid, and waits until it knows. */
const open = async (set, over) => {
  const desk = new Desk();
  const phone = set(desk);
  const page = desk.open(over).watch('Phone');
  await desk.advance(4000);
  return { desk, phone, page };
};

test('not running', async () => {
  const { desk, page } = await open(() => {});
  assert.deepEqual(reasons(page), ['not-running']);
  assert.deepEqual(page.events[0], { n: 0, Kind: 'nxphone', Type: 'Phone',
    Data: { reachable: false, reason: 'not-running', message: 'Start the phone and let web pages use it.' } });
  await desk.advance(60_000);
  assert.deepEqual(page.warnings, ['nxWebApi: Start the phone and let web pages use it.'], 'said once');
  desk.listen(17070, new Phone(desk));
  await desk.advance(6000);
  assert.deepEqual(reasons(page), ['not-running', '']);
  assert.equal(page.warnings.length, 1);
});

test('the origin is not allowed', async () => {
  const { desk, phone, page } = await open((d) => {
    const p = d.listen(17070, new Phone(d));
    p.origins = ['https://other.example'];
    return p;
  });
  assert.deepEqual(reasons(page), ['not-allowed']);
  assert.deepEqual(phone.spoken, [], 'nothing is spoken to a page that is not allowed');
  phone.origins = null;
  await desk.advance(6000);
  assert.deepEqual(reasons(page), ['not-allowed', '']);
  for (const [url, init] of page.fetched) {
    assert.match(url, /^http:\/\/127\.0\.0\.1:170\d\d\/nxWebApi\.js$/);
    assert.deepEqual({ ...init }, { mode: 'no-cors' });
  }
});

test('the phone asks its user just now', async () => {
  const { desk, page } = await open((d) => { d.listen(17070, { hold: true }); });
  assert.deepEqual(reasons(page), ['not-allowed']);
  const phone = desk.listen(17070, new Phone(desk));
  page.sockets.filter((s) => s.readyState === 0).forEach((s) => s.enter(phone));
  await desk.advance(100);
  assert.deepEqual(reasons(page), ['not-allowed', ''], 'Yes lets it in at once');
});

test('the browser does not let the page', async () => {
  for (const [state, reason] of [['denied', 'browser'], ['prompt', 'browser-asks'], ['granted', 'not-running']]) {
    const desk = new Desk();
    const page = desk.open({ fetch: () => Promise.reject(new TypeError('blocked')) }).watch('Phone');
    page.permission.state = state;
    await desk.advance(4000);
    assert.deepEqual(reasons(page), [reason]);
  }
});

test('the browser asks the user, and nothing is answered meanwhile', async () => {
  const desk = new Desk();
  for (let port = 17070; port < 17080; port++) desk.listen(port, { hold: true });
  const page = desk.open({ fetch: () => new Promise(() => {}) }).watch('Phone').listen();
  page.permission.state = 'prompt';
  assert.equal(page.api.directCall('a', '1', '2', 'ws://a'), 0);
  await desk.advance(3000);
  assert.deepEqual(reasons(page), ['browser-asks']);
  assert.equal(page.sockets.length, 10, 'the browser is not made to ask ten times more');
  await desk.advance(3000);
  assert.deepEqual(page.types(), ['Connecting', 'Clear']);
  // The user says yes.
  desk.ports.clear();
  const phone = desk.listen(17070, new Phone(desk));
  page.permission.state = 'granted';
  for (const socket of page.sockets) {
    if (socket.port === 17070) socket.enter(phone);
    else socket.end(1006);
  }
  await desk.advance(500);
  assert.deepEqual(reasons(page), ['browser-asks', '']);
});

test('browsers without permissions, or without this one', async () => {
  for (const navigator of [{ language: 'en' }, { language: 'en', permissions: { query: async () => { throw new TypeError('no'); } } },
    { language: 'en', permissions: { query: () => { throw new TypeError('no'); } } }]) {
    const { desk, page } = await open(() => {}, { navigator });
    assert.deepEqual(reasons(page), ['not-running']);
    assert.deepEqual(await desk.advance(10_000), []);
  }
});

test('the permission is taken back in the phone, and given again', async () => {
  const { desk, phone, page } = await open((d) => d.listen(17070, new Phone(d)));
  phone.origins = [];
  phone.drop(4403);
  await desk.advance(20_000);
  assert.deepEqual(reasons(page), ['', 'connecting', 'revoked']);
  const tries = page.sockets.length;
  assert.ok(tries < 10 + 8, `a phone that has thrown the page out is left in peace: ${tries}`);
  phone.origins = null;
  await desk.advance(6000);
  assert.deepEqual(reasons(page), ['', 'connecting', 'revoked', '']);
  phone.drop();
  phone.origins = [];
  await desk.advance(6000);
  assert.equal(reasons(page).at(-1), 'not-allowed', 'the next refusal is an ordinary one');
});

test('a phone that is restarted: no false alarm', async () => {
  const { desk, phone, page } = await open((d) => d.listen(17070, new Phone(d)));
  phone.die();
  await desk.advance(100);
  // It answers, but lets nobody in for a moment.
  const next = desk.listen(17070, new Phone(desk, { secret: phone.secret }));
  await desk.advance(2000);
  assert.equal(page.api.state().epoch, next.epoch);
  assert.ok(!reasons(page).includes('not-allowed'), reasons(page).join());
});

test('a phone whose proof was wrong beside none that is right', async () => {
  const { page } = await open((d) => {
    const p = d.listen(17070, new Phone(d));
    p.hooks.paired = (m) => ({ ...m, wrapped: '00'.repeat(32) });
  });
  assert.deepEqual(reasons(page), ['not-proven']);
});

const korean = {
  'not-running': '전화를 켜고 웹 연결을 허용해 주세요.',
  browser: '브라우저의 사이트 설정에서 기기의 앱 접근을 허용해 주세요.',
  'browser-asks': '전화를 켜고, 브라우저가 물으면 허용을 눌러 주세요.',
  'not-allowed': '전화에서 이 페이지를 허용하거나 관리자에게 문의해 주세요.',
  'not-proven': '전화를 다시 켜고 새로 고침한 뒤, 계속되면 관리자에게 알려 주세요.',
  code: '전화에 보이는 숫자 6자리를 입력하고, 안 되면 새로 고침해 주세요.',
  revoked: '전화에서 이 페이지를 허용하거나 관리자에게 문의해 주세요.',
};

/** For each reason, how it comes about. */
const causes = {
  'not-running': () => {},
  browser: (desk, page) => { page.permission.state = 'denied'; },
  'browser-asks': (desk, page) => { page.permission.state = 'prompt'; },
  'not-allowed': (desk) => { desk.listen(17070, new Phone(desk)).origins = []; },
  'not-proven': (desk) => { desk.listen(17070, new Phone(desk)).hooks.unpaired = () => ({ type: 'no' }); },
  code: (desk) => { desk.listen(17070, new Phone(desk)).code = true; },
  revoked: (desk) => { desk.listen(17070, new Phone(desk)).hooks.welcome = (m, conn) => { conn.phone.origins = []; conn.socket.close(4403); return m; }; },
};

test('every reason has its sentence, in Korean for Korean pages and browsers', async () => {
  for (const [reason, cause] of Object.entries(causes)) {
    for (const [lang, browser, isKorean] of [['', 'ko-KR', true], ['ko', 'en', true], ['en', 'ko', false], ['', 'en-US', false], ['', 'fr', false]]) {
      const desk = new Desk();
      const page = desk.open({ lang: browser });
      page.window.document.documentElement.lang = lang;
      cause(desk, page);
      await desk.advance(9000);
      const { reason: got, message, reachable } = page.api.state();
      assert.deepEqual([got, reachable], [reason, false]);
      if (isKorean) assert.equal(message, korean[reason]);
      else assert.match(message, /^[A-Z][ -~]+\.$/);
      assert.equal(page.warnings.filter((w) => w === `nxWebApi: ${message}`).length, 1);
      assert.deepEqual(page.warnings.length, 1);
    }
  }
});
