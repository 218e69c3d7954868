// A phone for tests, written from the protocol and not from the script: its
// cryptography is Node's, so that an error in one of the two shows.
import { createHash, createHmac, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest();
const hmac = (key, text) => createHmac('sha256', key).update(text, 'utf8').digest();
const fromRaw = (raw) => createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') } });

const heritage = {
  Connecting: ['connecting', 'Call in progress...'],
  Trying: [' i_ao_request', 'Trying'],
  Ringing: [' i_ao_request', 'Ringing'],
  InCall: ['connected', 'In call'],
  Clear: ['terminated', 'Call terminated'],
};
const states = { Connecting: 'connecting', Trying: 'trying', Ringing: 'ringing', InCall: 'in-call', Clear: 'idle' };

/** The text that an old page is given. */
export const heritageText = (type, dn, id) => {
  const [status, desc] = heritage[type];
  return JSON.stringify({ Kind: 'SIP', Type: type, Data: { status, desc, dn, id } });
};

export class Phone {
  conns = new Set();
  dials = []; // what was asked for, each key once
  commands = []; // every command that came
  refuse = {}; // command type -> code
  ring = []; // events of this epoch: { n, tab, own, other, old }
  n = 0;
  calls = 0;
  call = null;
  code = false; // the policy wants the short code
  shown = []; // codes that were shown
  origins = null; // null: every origin is allowed
  deaf = false; // takes commands and answers nothing
  closed = []; // why connections were thrown out
  spoken = []; // every message in both directions: [direction, object]
  hooks = {}; // changes what is said in the handshake: type -> (message, connection) => message
  shift = { state: 'ready', since: 0, until: 0, help: false, helpCall: 0, seen: false }; // null: nobody's desk
  keep = 4096; // how many events a page may have missed
  batch = Infinity; // how many of them share a message

  constructor(desk, { secret = randomBytes(32), epoch = randomBytes(8).toString('hex') } = {}) {
    Object.assign(this, { desk, secret, epoch });
    this.id = sha256(Buffer.concat([Buffer.from('nxphone-v1 id\n'), secret])).subarray(0, 8).toString('hex');
  }

  allows(origin) { return !this.origins || this.origins.includes(origin); }

  accept(socket) {
    const c = new Conn(this, socket);
    this.conns.add(c);
    return c;
  }

  /** The phone's process ends: every connection breaks. */
  die() {
    for (const [port, there] of this.desk.ports) if (there === this) this.desk.ports.delete(port);
    this.drop();
  }

  /** Every connection breaks, the phone goes on. */
  drop(code = 1006) { for (const c of [...this.conns]) c.socket.close(code); }

  proven() { return [...this.conns].filter((c) => c.proven); }

  stateFor(c) {
    const call = this.call;
    if (!call) return { busy: false, control: false, free: false, call: null };
    if (call.origin !== c.socket.origin) return { busy: true, control: false, free: false, call: null };
    const control = call.tab === c.tab;
    return {
      busy: true, control, free: !this.proven().some((other) => other.tab === call.tab),
      call: { id: call.id, state: states[call.type], dn: call.dn, mute: call.mute, mutePending: false, video: call.video,
        hold: false, earlyMedia: false, mediaUp: false, codec: '', since: 0,
        ...control ? { old: heritageText(call.type, call.dn, call.id) } : {} },
    };
  }

  /** An event: type is one of the old ones, or new an object of the new ones. */
  tell(type, extra) {
    const { call } = this;
    const e = { n: ++this.n, tab: call?.tab, origin: call?.origin, state: states[call?.type] };
    if (type) {
      call.type = type;
      e.old = heritageText(type, call.dn, call.id);
      e.state = states[type];
    }
    if (extra) e.new = extra;
    if (type === 'Clear') e.new = { Kind: 'nxphone', Type: 'Ended', Data: { id: call.id, rev: this.n, code: 'remote-hangup' } };
    this.ring.push(e);
    if (type === 'Clear') this.call = null;
    e.busy = this.call !== null;
    for (const c of this.proven()) c.say({ type: 'events', list: [this.view(e, c)] });
    if (type === 'Connecting' || type === 'Clear') this.tellControl();
  }

  /** An event of the desk: everybody sees the same. */
  tellDesk(Type, Data) {
    this.ring.push({ n: ++this.n, desk: { Kind: 'nxphone', Type, Data } });
    for (const c of this.proven()) c.say({ type: 'events', list: [this.view(this.ring.at(-1), c)] });
  }

  /** What the counsellor is doing has changed. */
  setShift(change) {
    const was = this.shift;
    this.shift = { ...was, ...change };
    this.tellDesk('Shift', this.shift);
    const { help, helpCall, seen } = this.shift;
    if (help !== was.help || seen !== was.seen) this.tellDesk('Help', { on: help, id: helpCall, seen });
  }

  view(e, c) {
    if (e.desk) return { n: e.n, new: e.desk };
    if (e.origin !== c.socket.origin) return { n: e.n, busy: e.busy };
    return { n: e.n, state: e.state, ...e.new ? { new: e.new } : {}, ...e.old && e.tab === c.tab ? { old: e.old } : {} };
  }

  tellControl() { for (const c of this.proven()) c.say({ type: 'control', state: this.stateFor(c) }); }

  /** Somebody else uses the phone. */
  otherCall(on) {
    this.call = on ? { id: ++this.calls, origin: '', tab: '', type: 'Connecting', dn: '' } : null;
    this.ring.push({ n: ++this.n, busy: on });
    for (const c of this.proven()) c.say({ type: 'events', list: [{ n: this.n, busy: on }] });
  }

  obey(c, m) {
    this.commands.push(m);
    if (this.deaf) return;
    const answer = (result) => c.say({ type: 'result', id: m.id, ...result });
    if (this.refuse[m.type]) { answer({ ok: false, code: this.refuse[m.type] }); return; }
    if (m.type === 'dial') {
      const before = this.dials.find((d) => d.key === m.key);
      if (before) { answer({ ok: true, call: before.call }); return; }
      if (this.call) { answer({ ok: false, code: 'busy-here' }); return; }
      this.call = { id: ++this.calls, dn: m.dn, origin: c.socket.origin, tab: c.tab, type: 'Connecting', mute: false, video: false };
      this.dials.push({ ...m, call: this.call.id });
      answer({ ok: true, call: this.call.id });
      this.tell('Connecting');
      return;
    }
    if (m.type === 'shift' || m.type === 'help') {
      if (!this.shift) { answer({ ok: false, code: 'no-shift' }); return; }
      if (m.type === 'shift' && !['ready', 'after-call', 'rest', 'away'].includes(m.state)) { answer({ ok: false, code: 'bad-request' }); return; }
      answer({ ok: true });
      if (m.type === 'shift') this.setShift({ state: m.state });
      else if (m.on === 'seen') this.setShift({ seen: true });
      else this.setShift({ help: m.on, helpCall: m.on ? this.call?.id || 0 : 0, seen: false });
      return;
    }
    if (m.type === 'take') {
      if (!this.stateFor(c).free) { answer({ ok: false, code: 'not-controller' }); return; }
      this.call.tab = c.tab;
      answer({ ok: true });
      this.tellControl();
      return;
    }
    if (!this.call) { answer({ ok: false, code: 'no-call' }); return; }
    if (this.call.tab !== c.tab) { answer({ ok: false, code: 'not-controller' }); return; }
    answer({ ok: true });
    if (m.type === 'clear') this.tell('Clear');
    if (m.type === 'mute') {
      this.call[m.kind === 'Audio' ? 'mute' : 'video'] = m.on;
      this.tell('', { Kind: 'nxphone', Type: m.kind === 'Audio' ? 'Mute' : 'VideoMute', Data: { id: this.call.id, rev: this.n, on: m.on } });
    }
  }
}

class Conn {
  proven = false;
  constructor(phone, socket) {
    Object.assign(this, { phone, socket });
    const pair = generateKeyPairSync('x25519');
    this.private = pair.privateKey;
    this.public = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x, 'base64url').toString('hex');
    this.nonce = randomBytes(16).toString('hex');
    this.step = 'hello';
    this.say({ type: 'phone', v: 1, id: phone.id, nonce: this.nonce, commit: sha256(Buffer.from(this.public, 'hex')).toString('hex'), code: phone.code });
  }

  say(message) {
    const hook = this.phone.hooks[message.type];
    const said = hook ? hook(message, this) : message;
    if (said === undefined) return;
    this.phone.spoken.push(['out', said]);
    this.socket.send(typeof said === 'string' ? said : JSON.stringify(said));
  }

  left() {
    this.phone.conns.delete(this);
    const { call } = this.phone;
    if (this.proven && call && call.tab === this.tab) this.phone.tellControl();
  }

  out(code) { this.phone.closed.push(code); this.socket.close(code); }

  keyFor(client) { return hmac(this.phone.secret, `nxphone-v1 key\n${this.socket.origin}\n${client}`); }

  proof(who) { return hmac(this.key, `nxphone-v1 ${who}\n${this.socket.origin}\n${this.socket.port}\n${this.pageNonce}\n${this.nonce}`).toString('hex'); }

  take(text) {
    if (Buffer.byteLength(text) > 16384) { this.out(1009); return; }
    const m = JSON.parse(text);
    this.phone.spoken.push(['in', m]);
    if (this.proven) { this.phone.obey(this, m); return; }
    if (m.type !== this.step) { this.out(4400); return; }
    this[m.type](m);
  }

  hello(m) {
    this.pageNonce = m.nonce;
    if (m.client) {
      this.key = this.keyFor(m.client);
      this.step = 'prove';
      this.say({ type: 'proof', proof: this.proof('phone') });
    } else {
      this.step = 'pair';
      this.say({ type: 'unpaired' });
    }
  }

  pair(m) {
    const z = diffieHellman({ privateKey: this.private, publicKey: fromRaw(Buffer.from(m.public, 'hex')) });
    this.pagePublic = m.public;
    const t = [this.socket.origin, this.socket.port, this.phone.id, this.pageNonce, this.nonce, m.public, this.public].join('\n');
    const client = randomBytes(16).toString('hex');
    this.key = this.keyFor(client);
    const mask = hmac(z, `nxphone-v1 wrap\n${t}`);
    const wrapped = Buffer.from(this.key.map((b, i) => b ^ mask[i])).toString('hex');
    if (m.code || this.phone.code) {
      this.phone.shown.push(String(hmac(z, `nxphone-v1 code\n${t}`).readUInt32BE(0) % 1_000_000).padStart(6, '0'));
    }
    this.step = 'prove';
    this.say({ type: 'paired', public: this.public, client, wrapped, proof: this.proof('phone') });
  }

  prove(m) {
    if (m.proof !== this.proof('page')) { this.out(4401); return; }
    const { phone } = this;
    Object.assign(this, { proven: true, tab: m.tab });
    const { call } = phone;
    if (call && call.origin === this.socket.origin && m.epoch === '' && !phone.proven().some((c) => c !== this && c.tab === call.tab)) call.tab = m.tab;
    this.say({ type: 'welcome', epoch: phone.epoch, n: phone.n, version: '0.3.0', state: phone.stateFor(this),
      ...phone.shift ? { shift: phone.shift } : {} });
    if (m.epoch === phone.epoch) {
      const missed = phone.n - m.n > phone.keep ? [] : phone.ring.filter((e) => e.n > m.n);
      const list = missed.map((e) => phone.view(e, this));
      if (!list.length && phone.hooks.empty) this.say({ type: 'events', list });
      for (let i = 0; i < list.length; i += phone.batch) this.say({ type: 'events', list: list.slice(i, i + phone.batch) });
    }
  }
}
