/*
 * nxWebApi.js: a page places calls with the phone (nxphone) on the same desk.
 *
 *   <script src="nxWebApi.js"></script>
 *   nxWebApi.SetCallBack((json) => { ... });
 *   nxWebApi.directCall('example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', '');
 *
 * Every function and event is described in nxWebApi.d.ts, the protocol in the
 * package documentation of call/webapi. Licence: MIT, as the whole project.
 * One classic script, ES2020, only ASCII (it has to survive pages in EUC-KR),
 * no dependencies, no global but nxWebApi.
 *
 * Attributes of the script element, all optional: data-pairing="code" pairs
 * with a phone only by the six digits that it shows; data-ports="17070-17079"
 * (or a list) is where the phone is looked for.
 *
 * Models: JsSIP's and SIP.js's transports and Socket.IO's manager (reconnection
 * with a growing, jittered delay), Amazon Connect Streams (subscriptions, a
 * state that late subscribers can read), KeePassXC-Browser (a page and a local
 * program that know each other by a key). Different here: the first retry comes
 * at once and the browser's own signals (online, pageshow, visible) cut every
 * delay short; events are numbered, so that a connection that breaks loses and
 * repeats none; both sides prove the key before a word is said, and a key made
 * for one port, origin or phone is worth nothing to another.
 */
(() => {
  'use strict';
  const page = /** @type {any} */ (globalThis);
  if (page.nxWebApi) return; // loaded twice: the first one has the call
  const { setTimeout: later, clearTimeout: cancel } = page;
  const { stringify } = JSON;

  // ---- cryptography: what a page on plain http has to do by itself ----

  const utf8 = (s) => new TextEncoder().encode(s);
  const hex = (bytes) => Array.from(bytes, (b) => (b + 256).toString(16).slice(1)).join('');
  const unhex = (s) => Uint8Array.from(s.match(/../g), (b) => parseInt(b, 16));
  const random = (n) => hex(crypto.getRandomValues(new Uint8Array(n)));

  /** Compares secrets without stopping at the first difference. */
  const same = (a, b) => ![...a].reduce((d, c, i) => d | +(c !== b[i]), a.length ^ b.length);

  // FIPS 180-4 sections 4.2.2 and 5.3.3: its constants are the first 32 bits
  // of the fractions of roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
  const rounds = primes.map((p) => fraction(Math.cbrt(p)));
  const start = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const ror = (x, n) => (x >>> n) | (x << (32 - n));

  /** SHA-256, FIPS 180-4 section 6.2. */
  const sha256 = (data) => {
    const size = ((data.length + 72) >> 6) << 6;
    const view = new DataView(new ArrayBuffer(size));
    data.forEach((b, i) => view.setUint8(i, b));
    view.setUint8(data.length, 128);
    view.setUint32(size - 4, data.length * 8);
    let sum = start;
    const w = [];
    for (let at = 0; at < size; at += 64) {
      let state = sum;
      for (let i = 0; i < 64; i++) {
        const [a, b, c, d, e, f, g, h] = state;
        const x = w[i - 15];
        const y = w[i - 2];
        w[i] = i < 16 ? view.getInt32(at + i * 4)
          : (w[i - 16] + w[i - 7] + (ror(x, 7) ^ ror(x, 18) ^ (x >>> 3)) + (ror(y, 17) ^ ror(y, 19) ^ (y >>> 10))) | 0;
        const t = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i];
        const u = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        state = [(t + u) | 0, a, b, c, (d + t) | 0, e, f, g];
      }
      sum = state.map((v, i) => (v + sum[i]) | 0);
    }
    sum.forEach((v, i) => view.setInt32(i * 4, v));
    return new Uint8Array(view.buffer, 0, 32);
  };

  /** HMAC-SHA-256, RFC 2104, for keys of up to 64 bytes. */
  const hmac = (key, data) => {
    const pad = (x, rest) => sha256([...[...Array(64).keys()].map((i) => key[i] ^ x), ...rest]);
    return pad(0x5c, pad(0x36, data));
  };

  /**
   * X25519, RFC 7748 section 5. Not constant in time, as no BigInt is: the
   * private key lives for one connection, and nobody can ask for it twice.
   */
  const x25519 = (scalar, point) => {
    const p = 2n ** 255n - 19n;
    const number = (bytes) => BigInt('0x' + hex([...bytes].reverse()));
    // Clamped: the lowest three bits 0, the highest set.
    const n = 2n ** 254n + ((number(scalar) >> 3n) << 3n) % 2n ** 254n;
    const x1 = number(point) % 2n ** 255n;
    let [x2, z2, x3, z3, swapped] = [1n, 0n, x1, 1n, 0n];
    for (let t = 254n; t >= 0n; t--) {
      const bit = (n >> t) & 1n;
      if (bit !== swapped) [x2, z2, x3, z3] = [x3, z3, x2, z2];
      swapped = bit; // 0 after the last round
      const a = x2 + z2;
      const b = x2 - z2;
      const aa = (a * a) % p;
      const bb = (b * b) % p;
      const e = aa - bb;
      const da = (x3 - z3) * a;
      const cb = (x3 + z3) * b;
      x3 = (da + cb) ** 2n % p;
      z3 = (x1 * (da - cb) ** 2n) % p;
      x2 = (aa * bb) % p;
      z2 = (e * (aa + 121665n * e)) % p;
    }
    for (let e = p - 2n; e; e >>= 1n) { // division by z2 is multiplication by its power p-2
      if (e & 1n) x2 = (x2 * z2) % p;
      z2 = (z2 * z2) % p;
    }
    return unhex(((x2 + p) % p).toString(16).padStart(64, '0')).reverse();
  };

  // ---- end of cryptography ----

  const KEY = 'nxWebApi';
  const usable = page.document && page.WebSocket && page.crypto;
  const { ports: range = '17070-17079', pairing } = page.document?.currentScript?.dataset || {};

  /** The value of what may throw: storage does in sandboxed frames. */
  const attempt = (fn) => {
    try {
      return fn();
    } catch {
      return undefined;
    }
  };
  /** An object from outside, or an empty one. */
  const parse = (json) => Object(attempt(() => JSON.parse(json)));

  // ---- what the page is told ----

  // One sentence for each reason, saying what to do: English, then Korean.
  const words = {
    'not-running': ['Start the phone and let web pages use it.',
      '\uC804\uD654\uB97C \uCF1C\uACE0 \uC6F9 \uC5F0\uACB0\uC744 \uD5C8\uC6A9\uD574 \uC8FC\uC138\uC694.'],
    browser: ['Allow apps on this device for this page in the browser.',
      '\uBE0C\uB77C\uC6B0\uC800\uC758 \uC0AC\uC774\uD2B8 \uC124\uC815\uC5D0\uC11C \uAE30\uAE30\uC758 \uC571 \uC811\uADFC\uC744 \uD5C8\uC6A9\uD574 \uC8FC\uC138\uC694.'],
    'browser-asks': ['Start the phone; if the browser asks, press Allow.',
      '\uC804\uD654\uB97C \uCF1C\uACE0, \uBE0C\uB77C\uC6B0\uC800\uAC00 \uBB3C\uC73C\uBA74 \uD5C8\uC6A9\uC744 \uB20C\uB7EC \uC8FC\uC138\uC694.'],
    'not-allowed': ['Allow this page in the phone, or ask your administrator.',
      '\uC804\uD654\uC5D0\uC11C \uC774 \uD398\uC774\uC9C0\uB97C \uD5C8\uC6A9\uD558\uAC70\uB098 \uAD00\uB9AC\uC790\uC5D0\uAC8C \uBB38\uC758\uD574 \uC8FC\uC138\uC694.'],
    'not-proven': ['Restart the phone and reload; if it stays, tell your administrator.',
      '\uC804\uD654\uB97C \uB2E4\uC2DC \uCF1C\uACE0 \uC0C8\uB85C \uACE0\uCE68\uD55C \uB4A4, \uACC4\uC18D\uB418\uBA74 \uAD00\uB9AC\uC790\uC5D0\uAC8C \uC54C\uB824 \uC8FC\uC138\uC694.'],
    code: ['Enter the 6 digits that the phone shows, or reload.',
      '\uC804\uD654\uC5D0 \uBCF4\uC774\uB294 \uC22B\uC790 6\uC790\uB9AC\uB97C \uC785\uB825\uD558\uACE0, \uC548 \uB418\uBA74 \uC0C8\uB85C \uACE0\uCE68\uD574 \uC8FC\uC138\uC694.'],
  };
  words.revoked = words['not-allowed'];
  const sentence = (why) => words[why]?.[+/^ko/i.test(document.documentElement.lang || navigator.language)] || '';
  const warn = (text) => console.warn(KEY + ': ' + text);

  let callback; // the function of the old API
  let unheard; // the last event that came while there was none
  let listeners = []; // [type, function] of the new API
  /** @type {NxReason} */
  let reason = 'connecting';
  let advice = ''; // the sentence for it

  /** Calls the page's function; what it throws is the page's, told as uncaught. */
  const run = (fn, arg) => {
    try {
      fn(arg);
    } catch (e) {
      later(() => { throw e; });
    }
  };
  const hear = (json) => {
    const events = [unheard, json];
    unheard = callback ? '' : json;
    if (callback) events.forEach((event) => event && run(callback, event));
  };
  const emit = (Type, Data, n = last, Kind = 'nxphone') => {
    for (const [type, fn] of listeners) if (type === Type || type === '*') run(fn, { n, Kind, Type, Data });
  };

  const reach = (why) => {
    if (why === reason) return;
    reason = why;
    advice = sentence(why);
    if (advice) warn(advice);
    emit('Phone', { reachable: !why, reason, message: advice });
  };

  // ---- what the page keeps ----

  // The tab's name, what it has seen and its call go over a reload in
  // sessionStorage. They lie there only while no page of the tab is alive: a
  // duplicated tab, which begins with a copy, finds nothing and is a new tab.
  // One that stood on other pages for long may have been duplicated there.
  let left = parse(attempt(() => sessionStorage.getItem(KEY)));
  const claim = () => attempt(() => sessionStorage.removeItem(KEY));
  claim();
  if (!(Date.now() - left.at < 60000)) left = {};
  const tab = left.tab || (usable && random(16));

  // Keys of phones: {id, client, key}. Where there is crypto.subtle no script
  // can read the key again, this one included; on plain http it is hex.
  const subtle = page.crypto?.subtle;
  const known = (!subtle && attempt(() => parse(localStorage.getItem(KEY)).slice(0, 9))) || [];
  /** Stores a record, or gives all of them. */
  const database = (record) => new Promise((ok) => {
    later(ok, 1000, []); // it failed, or is one that never answers (some private windows)
    attempt(() => {
      const opening = indexedDB.open(KEY, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(KEY, { keyPath: 'id' });
      opening.onsuccess = () => attempt(() => {
        const db = opening.result;
        const store = db.transaction(KEY, 'readwrite').objectStore(KEY);
        const request = record ? store.put(record) : store.getAll();
        request.onsuccess = () => ok(request.result);
        db.close(); // once the transaction is over
      });
    });
  });
  const remember = async (record) => {
    known.unshift(record);
    if (subtle) {
      record.key = await subtle.importKey('raw', unhex(record.key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      database(record);
    } else {
      attempt(() => localStorage.setItem(KEY, stringify(known)));
    }
  };

  // ---- everything that changes, and the call ----

  let link; // the connection that has proved itself and been welcomed
  let epoch = left.epoch || '';
  let last = left.n || 0; // the number of the last event seen in this epoch
  let base = 0; // what the state of the last welcome stands for
  let catching; // events that were missed may still come
  let seen = {}; // STATE of the protocol, kept up to date by the events
  let version = '';
  /** @type {NxShift | undefined} */
  let shift; // what the counsellor does between calls
  /** @type {any[]} */
  let peers = []; // the connections of this round
  let patient; // those who have proved themselves wait for the others
  let absent; // a whole round has failed
  let revoked;
  let away;
  let tried; // the first round is over
  let delay = 0;
  let retry;
  let asking; // takes the code that pair() brings
  let asked = {}; // the commands without a result
  let ids = 0;
  /** @type {any} */
  let call;
  let { dead } = left; // the last call whose end the page was told; -1 for one that the phone has not answered yet

  const over = () => { // nothing of this call is told from here on
    dead = call.id || (call.tried ? -1 : dead);
    call = null;
  };
  /** Ends the call for the page where no Clear of the phone will come. */
  const finish = (mine) => {
    if (mine !== call) return;
    const tell = (Type, status, desc) => {
      const Data = { status, desc, dn: mine.dn, id: mine.id };
      hear(stringify({ Kind: 'SIP', Type, Data }));
      emit(Type, Data, last, 'SIP');
    };
    if (!mine.told) tell('Connecting', 'connecting', 'Call in progress...');
    over();
    if (!mine.silent) tell('Clear', 'terminated', 'Call terminated');
  };
  const lose = (ms) => { // a live call whose connection does not come back ends
    if (!call?.live) return;
    cancel(call.timer);
    call.timer = later(finish, ms, call);
  };
  const accept = (id) => {
    cancel(call.timer);
    call.live = true;
    call.id = id;
  };

  const revive = ({ id, dn }) => { // a call that was placed before this page was there
    call = { id, dn, live: true, told: true, wishes: new Map() };
  };

  const send = (peer, message) => peer.ws.send(stringify(message));
  const command = (message, done) => {
    const peer = link;
    // A phone that is stopped or stuck keeps its connection but says nothing.
    // Digits take the time that it takes to send them.
    const timer = message.digits ? 0 : later(gone, 5000, peer);
    asked[++ids] = (result) => {
      cancel(timer);
      if (!result.ok) emit('Refused', { command: message.type, code: result.code });
      done?.(result);
    };
    send(peer, { ...message, id: ids });
  };

  const place = () => {
    const mine = call;
    mine.sent = mine.tried = true;
    // By the key, a dial that is sent again (its result was lost) is one call.
    command({ type: 'dial', key: mine.key, ...mine.args }, ({ ok, call: id }) => {
      if (mine !== call) { // given up
        dead = id;
        if (ok) command({ type: 'clear' });
      } else if (ok) {
        accept(id);
        if (seen.call?.id === id) compare(); // its Connecting was missed
      } else {
        mine.tried = false;
        finish(mine);
        compare(); // what was in its way may be a call that this page has given up
      }
    });
  };
  /** Sends what the page wants of a live call and the phone has not confirmed. */
  const flush = () => {
    const mine = call;
    if (!link || catching || !mine?.live) return;
    mine.wishes.forEach((wish, name) => {
      if (wish.sent) return;
      wish.sent = true;
      command(wish.message, ({ code }) => {
        if (code === 'rate-limited') {
          wish.sent = false;
          later(flush, 1000);
        } else if (mine.wishes.get(name) === wish) {
          mine.wishes.delete(name);
        }
      });
    });
  };
  const want = (message) => {
    call.wishes.set(message.kind, { message });
    flush();
  };

  /** Brings the page's call and what the phone says of it together. */
  const compare = (restarted) => {
    const now = seen.control && seen.call;
    if (call && (call.live ? restarted || now?.id !== call.id : restarted && call.tried)) finish(call);
    if (restarted || !now) dead = 0;
    if (call) {
      if (!call.live && !call.sent) place();
    } else if (now) {
      revive(now);
      call.silent = dead < 0 || dead === now.id;
      if (dead < 0) want({ type: 'clear' });
    }
    // A page that missed events, or was reloaded, is told the present state.
    if (call?.live && now?.old && now.old !== call.old) {
      call.old = now.old;
      if (!call.silent) hear(now.old);
    }
    flush();
  };
  const skip = (to) => {
    if (last >= to) return;
    emit('Gap', { missed: to - last });
    last = to;
  };
  /** All that can be learned of the time without a connection is known now. */
  const settle = () => {
    if (!catching) return;
    catching = false;
    skip(base);
    compare();
  };

  const flags = { Mute: 'mute', VideoMute: 'video', RemoteHold: 'hold', EarlyMedia: 'earlyMedia', MediaUp: 'mediaUp' };
  /** @param {{ n: number, state?: string }} e @param {{ Kind?: string, Type: string, Data: any }} event */
  const happen = ({ n, state: name }, { Kind, Type, Data }) => {
    if (n > base) {
      if (Type === 'Clear') seen = {};
      if (Type === 'Busy') seen.busy = Data.busy;
      const now = Object(seen.call);
      if (name) now.state = name;
      if (flags[Type]) now[flags[Type]] = Data.on !== false;
      if (Type === 'Mute') now.mutePending = false;
      if (Type === 'MediaUp') now.codec = Data.codec;
      if (Type === 'InCall') now.since = Date.now();
      if (Type === 'Shift') shift = Data;
    }
    emit(Type, Data, n, Kind);
  };
  const onOld = (e) => {
    const event = parse(e.old);
    const { Type, Data } = event;
    const mine = call;
    const ours = mine && (mine.live ? mine.id === Data.id : dead !== Data.id);
    if (ours) {
      accept(Data.id);
      mine.told = true;
      if (Type === 'Clear') over();
    }
    happen(e, event);
    if (ours && !(e.n <= mine.history)) {
      mine.old = e.old;
      if (!mine.silent) hear(e.old);
    }
    flush();
  };
  const onMessage = (message) => {
    const { type, list, state: now } = message;
    if (type === 'events') {
      for (const e of list.map(Object)) {
        if (e.n !== last + 1) settle();
        if (!(e.n > last)) continue;
        skip(e.n - 1);
        last = e.n;
        if (e.old) onOld(e);
        if (e.new) happen(e, e.new);
        if ('busy' in e) happen(e, { Type: 'Busy', Data: { busy: e.busy } });
      }
      if (last >= base || !list.length) settle();
      return;
    }
    settle();
    if (type === 'result') {
      const done = asked[message.id];
      delete asked[message.id];
      done?.(message);
    } else if (type === 'quality') {
      emit('Quality', message.data);
    } else if (type === 'control') {
      seen = Object(now);
      emit('Control', state());
      compare();
    }
  };
  const onWelcome = (peer, welcome) => {
    const restarted = welcome.epoch !== epoch;
    link = peer;
    absent = revoked = false;
    later(() => link === peer && (delay = 0), 1000);
    version = welcome.version;
    shift = welcome.shift;
    seen = Object(welcome.state);
    base = welcome.n;
    if (call?.live) cancel(call.timer);
    // What was missed over a reload is history: the present state is told.
    if (call && !call.old && seen.control && seen.call.id === call.id) call.history = base;
    if (restarted) {
      epoch = welcome.epoch;
      last = base;
      compare(true);
    } else {
      catching = true;
      if (last >= base) settle();
    }
    reach('');
  };

  // ---- finding the phone ----

  const ports = range.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  const met = new Set(); // the ids of all that greeted as phones
  const blocked = {}; // port -> reason; nothing is said there until the page is reloaded

  const gone = (peer, code) => {
    if (!peer || peer.gone) return;
    peer.gone = true;
    peer.ws?.close();
    peers = peers.filter((p) => p !== peer);
    peer.fail?.();
    if (code === 4403) revoked = true;
    if (link === peer) {
      link = null;
      catching = false;
      asked = {};
      if (call) {
        call.sent = false;
        call.wishes.forEach((wish) => (wish.sent = false));
      }
      lose(2000);
      reach('connecting');
      // At once, unless the phone throws this page out.
      if (revoked || code === 4429) delay = 5000;
    } else if (link || peers.length) {
      elect();
      return;
    } else {
      fail(true);
      return;
    }
    again();
  };
  const fail = (answered) => { // a whole round has
    absent = true;
    if (delay) explain(answered);
    again();
  };
  const again = () => {
    cancel(retry);
    if (!away) retry = later(round, delay * (0.8 + Math.random() / 5));
  };
  const kick = () => {
    if (link || peers.length) return;
    delay = 0;
    again();
  };
  /** The ports on which something answers that a page may fetch. */
  const probe = async () => (await Promise.all(ports.map((port) => blocked[port] || Promise.race([
    fetch('http://127.0.0.1:' + port + '/nxWebApi.js', { mode: 'no-cors' }).then(() => port, () => 0),
    new Promise((ok) => { later(ok, 1000); }),
  ])))).filter(Number);
  // Browsers make pages wait seconds for a WebSocket after some have failed, but
  // not for a fetch: only the first round goes to every port without asking.
  const round = async () => {
    const targets = tried ? await probe() : ports;
    if (link || away || peers.length) return;
    patient = true;
    peers = targets.map((port) => ({ port, rank: 0 }));
    peers.forEach((peer) => open(peer).catch((why) => {
      // Not where the connection broke, or the browser would not even try.
      if (why && peer.ws) blocked[peer.port] = why === 'code' ? why : 'not-proven';
      gone(peer);
    }));
    if (tried) {
      delay = Math.min(5000, delay * 2 || 250);
      if (!targets[0]) fail(false);
    }
    tried = true;
    later(async () => peers[0] && explain((await probe())[0]), 1000);
  };
  const open = async (peer) => {
    const ws = peer.ws = new WebSocket('ws://127.0.0.1:' + peer.port + '/v1', 'nxphone.v1');
    ws.onopen = () => (peer.timer = later(gone, 5000, peer));
    ws.onclose = (e) => gone(peer, e.code);
    ws.onmessage = ({ data }) => {
      if (data.length < 1 << 22) attempt(() => peer.take(parse(data)));
    };
    onWelcome(peer, await meet(peer));
    peer.take = onMessage;
  };
  const sizes = { id: 16, nonce: 32, commit: 64, client: 32, public: 64, wrapped: 64, proof: 64, epoch: 16 };
  /** The next message: of that type, and what has to be hex is. */
  const next = (peer, type) => new Promise((ok, no) => {
    peer.fail = no;
    peer.take = (message) => {
      if (message.type === type && Object.keys(sizes).every((m) => !message[m]
        || RegExp('^[0-9a-f]{' + sizes[m] + '}$').test(message[m]))) ok(message);
      else no(type);
    };
  });

  // A phone that has proved itself waits for lower ports, a new one for all
  // others, but not long: a port may stay silent while its phone or the browser
  // asks the user. Ranks: 1 is new, 2 is being paired with, 3 has proved itself.
  const turn = (peer, rank) => new Promise((ok, no) => {
    peer.fail = no;
    peer.rank = rank;
    peer.go = ok;
    later(() => {
      patient = false;
      elect();
    }, 300);
    elect();
  });
  const elect = () => {
    const [best] = [...peers].sort((a, b) => b.rank - a.rank);
    if (!best?.rank || best.rank === 2) return;
    if (patient && peers.some((p) => !p.rank && (best.rank < 3 || p.port < best.port))) return;
    if (best.rank === 3) peers.forEach((p) => p === best || gone(p));
    else best.rank = 2;
    best.go();
  };

  const meet = async (peer) => {
    const phone = await next(peer, 'phone');
    const records = [...known, ...subtle ? await database() : []];
    const nonce = random(16);
    const { client = '', ...record } = records.find((r) => r.id === phone.id) || {};
    let { key } = record;
    const text = (what, ...rest) => ['nxphone-v1 ' + what, page.origin, peer.port, ...rest].join('\n');
    const proof = async (who) => {
      const data = utf8(text(who, nonce, phone.nonce));
      return hex(key.length ? hmac(unhex(key), data) : new Uint8Array(await subtle.sign('HMAC', key, data)));
    };
    const check = async ({ proof: said }) => {
      const right = await proof('phone');
      if (!same(said, right)) throw phone; // out, whoever it is
    };
    met.add(phone.id);
    send(peer, { type: 'hello', nonce, client });
    if (client) {
      await check(await next(peer, 'proof'));
    } else {
      await next(peer, 'unpaired');
      await turn(peer, 1);
      // Somebody who is not the phone that this page knows must not become one
      // by saying that he is new; nor may one of several that this page has met.
      const strict = pairing === 'code' || !!records[0] || met.size > 1;
      const secret = unhex(random(32));
      const mine = hex(x25519(secret, [9]));
      send(peer, { type: 'pair', public: mine, code: strict });
      const paired = await next(peer, 'paired');
      const theirs = unhex(paired.public);
      const z = x25519(secret, theirs);
      const derive = (what) => hmac(z, utf8(text(what, phone.id, nonce, phone.nonce, mine, paired.public)));
      const mask = derive('wrap');
      key = hex(unhex(paired.wrapped).map((b, i) => b ^ mask[i]));
      if (hex(sha256(theirs)) !== phone.commit || !z.some((b) => b)) throw phone;
      await check(paired);
      if (strict || phone.code) {
        const code = parseInt(hex(derive('code')).slice(0, 8), 16) % 1e6;
        await askCode(peer, String(code).padStart(6, '0'));
      }
      await remember({ id: phone.id, client: paired.client, key });
    }
    await turn(peer, 3);
    send(peer, { type: 'prove', proof: await proof('page'), tab, epoch, n: last });
    const welcome = await next(peer, 'welcome');
    cancel(peer.timer);
    peers = [];
    return welcome;
  };
  const askCode = async (peer, right) => {
    cancel(peer.timer); // the phone's 120 s count
    reach('code');
    for (let tries = 3; tries; tries--) {
      const said = await new Promise((ok, no) => {
        peer.fail = () => {
          asking = null;
          no('code');
        };
        asking = ok;
        if (listeners.some(([type]) => type === 'Pairing')) emit('Pairing', { tries });
        else ok(attempt(() => prompt(sentence('code'))));
      });
      asking = null;
      if (said === null) break;
      if (String(said).replace(/\D/g, '') === right) return;
    }
    throw 'code';
  };

  /** Why there is no phone: a WebSocket's error does not tell. */
  const explain = async (answered) => {
    let permission;
    try {
      const status = await navigator.permissions.query({ name: /** @type {any} */ ('loopback-network') });
      status.onchange = kick;
      permission = status.state;
    } catch {
      // This browser does not know it, and lets every page.
    }
    if (link || asking) return;
    reach(Object.values(blocked)[0] || (answered ? revoked ? 'revoked' : 'not-allowed'
      : { denied: 'browser', prompt: 'browser-asks' }[permission] || (absent ? 'not-running' : reason)));
  };

  // ---- what the page calls ----

  // The rules of call/validate.go; the phone has the last word. What may stand
  // in a SIP URI is printable ASCII without " ' ` < > \ and blank.
  const asText = (v) => (typeof v === 'string' || Number.isFinite(v) ? String(v) : '');
  const isHost = (s) => {
    const [, host, port = 1] = /^(\w[\w.-]*|\[[\da-f:.]*:[\da-f:.]*\])(?::(\d+))?$/i.exec(s) || [];
    return host && !host.includes('..') && +port > 0 && +port < 65536;
  };
  const isPlain = (s, most = 128) => s.length <= most && !/[^!-~]|["'`<>\\]/.test(s);
  const isUser = (s) => {
    const [user, ...hosts] = s.split('@');
    return user && isPlain(s) && !hosts[1] && hosts.every(isHost);
  };
  const rules = {
    realm: (s) => isPlain(s) && isHost(s),
    dn: isUser,
    tel: isUser,
    url: (s) => /^wss?:\/\//i.test(s) && isPlain(s, 2048) && isHost(s.split(/[/?#]/)[2]),
    push: (s) => isPlain(s, 4096),
  };
  const state = () => {
    const { busy = false, control = false, free = false, call: now } = seen;
    const { old, ...details } = Object(now);
    return { reachable: !reason, reason, message: advice, version, epoch, n: last, busy, control, free, call: now ? details : null };
  };

  /** Sends a command that needs nothing but the connection. */
  const ask = (message) => {
    if (!link) return -1;
    command(message);
    return 0;
  };
  const off = (type, fn) => {
    listeners = listeners.filter((l) => l[0] !== type || l[1] !== fn);
  };

  /** @type {NxWebApi} */
  const api = {
    SetCallBack(fn) {
      callback = typeof fn === 'function' && fn;
      if (!callback) return;
      run(callback, '{"Type":"SetCallBack","Data":{"result":"Success"}}');
      later(hear);
    },
    directCall(realm, dn, tel, url, push) {
      const args = { realm, dn, tel, url, push };
      const wrong = Object.keys(args).find((name) => {
        args[name] = asText(args[name]);
        return !rules[name](args[name]);
      });
      if (wrong) warn('refused: ' + wrong);
      if (!usable) return -1;
      kick();
      if (wrong || call || (link ? seen.busy : absent && (version || performance.now() > 5000))) return -1;
      const mine = call = /** @type {any} */ ({ args, dn: args.dn, id: 0, key: random(16), wishes: new Map() });
      mine.timer = later(finish, 5000, mine);
      settle();
      if (link && !mine.sent) place();
      return 0;
    },
    Clear() {
      const mine = call;
      if (!mine) return -1;
      if (!mine.live && !mine.tried) later(finish, 0, mine);
      else if (!mine.wishes.has()) want({ type: 'clear' });
      return 0;
    },
    Mute(kind, enable) {
      if (!call || (kind !== 'Audio' && kind !== 'Video')) return -1;
      want({ type: 'mute', kind, on: !!enable });
      return 0;
    },
    on(type, fn) {
      if (typeof fn === 'function') listeners = [...listeners, [type, fn]];
      return () => off(type, fn);
    },
    off,
    state,
    sendDTMF(digits) {
      const text = asText(digits);
      return call?.live && /^[\d*#A-D]{1,128}$/i.test(text) ? ask({ type: 'dtmf', digits: text }) : -1;
    },
    take: () => (call || !seen.free ? -1 : ask({ type: 'take' })),
    shift: () => shift && { ...shift },
    setShift: (to) => ask({ type: 'shift', state: asText(to) }),
    help: (on) => ask({ type: 'help', on: on === 'seen' ? on : !!on }),
    pair(code) {
      if (!asking) return -1;
      asking(code);
      return 0;
    },
  };
  page.nxWebApi = api;

  if (!usable) return;
  if (left.call) {
    revive(left.call);
    lose(5000);
  }
  addEventListener('pagehide', () => {
    const kept = call?.live && !call.silent && { id: call.id, dn: call.dn };
    attempt(() => sessionStorage.getItem(KEY)
      || sessionStorage.setItem(KEY, stringify({ tab, epoch, n: last, at: Date.now(), dead, call: kept })));
    away = true;
    [...peers, link].forEach((peer) => gone(peer));
    cancel(retry);
  });
  const wake = () => {
    if (document.hidden) return;
    if (away) {
      claim();
      away = false;
      lose(2000);
    }
    kick();
  };
  ['pageshow', 'online', 'visibilitychange'].forEach((type) => addEventListener(type, wake));
  again();
})();
