// A clock that stands still until a test moves it. Node 18 has no timers to
// mock; and a test that decides when each task runs cannot be flaky.

/** Lets every promise that can go on do so. */
const settle = async () => {
  for (let i = 0; i < 3; i++) await new Promise((done) => { setImmediate(done); });
};

export class Clock {
  now = 1_000_000;
  #timers = new Map();
  #last = 0;

  setTimeout = (fn, ms = 0, ...args) => {
    this.#timers.set(++this.#last, { at: this.now + Math.max(0, Number(ms) || 0), fn: () => fn(...args) });
    return this.#last;
  };

  clearTimeout = (id) => { this.#timers.delete(id); };

  /** Moves on by ms, running what falls due in order; returns what was thrown. */
  async advance(ms) {
    const thrown = [];
    const end = this.now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      try {
        due[1].fn();
      } catch (e) {
        thrown.push(e);
      }
      await settle();
    }
    this.now = end;
    return thrown;
  }
}
