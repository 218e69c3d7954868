// A walk of many random steps over everything that can happen to a page, its
// phone and the way between them, reloads included. Whatever comes, a call that
// began for the page has one end, and the page can reach its phone and its call
// in the end. Each walk is made from its number alone, so one that fails can be
// walked again.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Desk } from '../page.mjs';
import { Phone } from '../phone.mjs';

const good = ['example.net', '1000', '01012345678', 'wss://sbc.example.net:6081', ''];
const walks = 400;
const steps = 30;

/** A xorshift generator: rnd(n) is 0 to n-1. */
const random = (seed) => {
  let x = (seed * 2654435761) >>> 0;
  return (n) => {
    x ^= x << 13; x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5; x >>>= 0;
    return x % n;
  };
};

class Walk {
  constructor(seed) {
    this.rnd = random(seed);
    this.desk = new Desk();
    this.dialled = 0; // how often directCall has said 0
    this.seen = []; // what the pages before this one were told
    this.stuck = []; // connections that the phone has taken and does not answer
    this.restart();
    this.open();
  }

  open(session) {
    this.page = this.desk.open(session ? { session } : undefined).listen();
  }

  restart() {
    this.phone?.die();
    this.phone = new Phone(this.desk, { secret: Buffer.alloc(32, 7) });
    this.holding = false;
    this.desk.listen(17070, this.phone);
  }

  reload() {
    this.page.leave();
    this.seen.push(this.page.types());
    this.open(this.page.session);
  }

  /** From now on the phone takes connections and says nothing, or no longer. */
  hold(on) {
    this.holding = on;
    if (on) {
      this.phone.accept = (socket) => {
        this.stuck.push(socket);
        return { take() {}, left() {} };
      };
      return;
    }
    delete this.phone.accept;
    this.stuck.splice(0).forEach((socket) => socket.close(1006));
  }

  dial() {
    if (this.page.api.directCall(...good) === 0) this.dialled++;
  }

  step() {
    const { desk, phone, page, rnd } = this;
    const actions = [
      () => this.dial(),
      () => this.dial(),
      () => page.api.Clear(),
      () => page.api.Mute('Audio', !!rnd(2)),
      () => phone.drop(),
      () => { desk.ports.delete(17070); phone.drop(); },
      () => desk.listen(17070, phone),
      () => this.restart(),
      () => { phone.deaf = !phone.deaf; },
      () => { if (phone.call?.origin) phone.tell(['Trying', 'Ringing', 'InCall', 'Clear'][rnd(4)]); },
      () => { if (!phone.call?.origin) phone.otherCall(!phone.call); },
      () => this.hold(!this.holding),
      () => this.reload(),
    ];
    actions[rnd(actions.length)]();
    return desk.advance([0, 1, 10, 300, 1100, 2100, 5100][rnd(7)]);
  }

  /** Everything is well again. */
  async mend() {
    this.hold(false);
    this.phone.deaf = false;
    this.phone.drop();
    if (this.phone.call && !this.phone.call.origin) this.phone.otherCall(false);
    this.desk.listen(17070, this.phone);
    await this.desk.advance(20_000);
  }
}

test('whatever happens, one end for each call, and the phone in the end', async () => {
  for (let seed = 1; seed <= walks; seed++) {
    const w = new Walk(seed);
    const where = `walk ${seed}`;
    for (let i = 0; i < steps; i++) await w.step();
    await w.mend();
    assert.ok(w.page.api.state().reachable, `${where}: the phone is there and not reached`);
    if (w.phone.call?.origin) {
      assert.equal(w.page.api.directCall(...good), -1, `${where}: a dial over one's own call`);
      assert.equal(w.page.api.Clear(), 0, `${where}: Clear with a call that is up`);
      await w.desk.advance(200);
      assert.ok(!w.phone.call, `${where}: the call stays up`);
    } else {
      assert.equal(w.page.api.Clear(), -1, `${where}: Clear without a call`);
    }
    await w.desk.advance(10_000);
    w.seen.push(w.page.types());
    let clears = 0;
    w.seen.forEach((types, at) => {
      let open = at > 0; // a page that was reloaded may go on with a call
      for (const type of types) {
        if (type === 'SetCallBack') continue;
        assert.ok(open || type === 'Connecting', `${where}: ${type} outside a call in ${w.seen.join(' | ')}`);
        open = type !== 'Clear';
        if (!open) clears++;
      }
    });
    assert.ok(clears <= w.dialled, `${where}: ${clears} ends of ${w.dialled} calls in ${w.seen.join(' | ')}`);
  }
});
