// A browser's page, as much of it as nxWebApi.js touches: windows in contexts
// of node:vm, on one desk with its loopback ports and one clock.
import { createHmac, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { Clock } from './clock.mjs';

export const source = readFileSync(new URL('../nxWebApi.js', import.meta.url), 'utf8');
const script = new vm.Script(source, { filename: 'nxWebApi.js' });

/** A storage that lives as long as the test keeps it. */
export class Store {
  items = new Map();
  getItem(key) { return this.items.get(key) ?? null; }
  setItem(key, value) { this.items.set(key, String(value)); }
  removeItem(key) { this.items.delete(key); }
  copy() {
    const other = new Store();
    other.items = new Map(this.items);
    return other;
  }
}

/** crypto.subtle for HMAC, at once instead of on another thread. */
const subtle = {
  async importKey(format, raw, algorithm, extractable, usages) {
    if (format !== 'raw' || algorithm.name !== 'HMAC' || algorithm.hash !== 'SHA-256' || extractable || usages.join() !== 'sign') {
      throw new Error('a key that the page should not ask for');
    }
    const bytes = Buffer.from(raw);
    return Object.freeze({ type: 'secret', sign: (data) => createHmac('sha256', bytes).update(data).digest() });
  },
  async sign(algorithm, key, data) {
    const sum = key.sign(data);
    return sum.buffer.slice(sum.byteOffset, sum.byteOffset + sum.length);
  },
};

/** IndexedDB, as much of it as the script uses. */
export class Database {
  records = new Map();
  stores = [];
  opened = 0;
  silent = false;
  /** For one page's clock. */
  factory(clock) {
    const soon = (request, result) => {
      if (!this.silent) clock.setTimeout(() => { request.result = result(); request.onsuccess?.(); });
      return request;
    };
    const store = {
      getAll: () => soon({}, () => [...this.records.values()]),
      put: (record) => soon({}, () => { this.records.set(record.id, record); return record.id; }),
    };
    const db = {
      createObjectStore: (name) => { this.stores.push(name); },
      transaction: (name, mode) => {
        if (!this.stores.includes(name) || mode !== 'readwrite') throw new Error('NotFoundError');
        return { objectStore: () => store };
      },
      close: () => { this.opened--; },
    };
    return {
      open: () => {
        const request = {};
        return soon(request, () => {
          this.opened++;
          request.result = db;
          if (!this.stores.length) request.onupgradeneeded?.();
          return db;
        });
      },
    };
  }
}

/** Everything on one desk that outlives a page. */
export class Desk {
  clock = new Clock();
  ports = new Map(); // port -> what listens there: { accept(conn) } or { hold: true }
  sockets = [];
  local = new Store();
  database = new Database();

  listen(port, phone) { this.ports.set(port, phone); return phone; }

  /** Moves the time on. What a page threw is returned. */
  advance(ms) { return this.clock.advance(ms); }

  /**
   * Opens a page: options override what the window has; attributes are those of
   * the script element; session is the tab's sessionStorage.
   */
  open({ origin = 'https://helpline.example', session = new Store(), attributes = {}, secure = true, lang = 'en', answers = [], ...over } = {}) {
    const desk = this;
    const { clock } = this;
    const born = clock.now;
    const handlers = {};
    const page = { session, warnings: [], fetched: [], asked: [], permission: { state: 'granted' } };

    class WebSocket {
      readyState = 0;
      constructor(url, protocol) {
        const m = /^ws:\/\/127\.0\.0\.1:(\d+)\/v1$/.exec(url);
        if (!m || protocol !== 'nxphone.v1') throw new SyntaxError('bad address');
        this.port = Number(m[1]);
        this.origin = origin;
        if (!(this.port < 65536)) throw new SyntaxError('bad port');
        desk.sockets.push(this);
        page.sockets.push(this);
        clock.setTimeout(() => {
          if (this.readyState !== 0) return;
          const there = desk.ports.get(this.port);
          if (!there || (there.allows && !there.allows(origin))) this.end(1006);
          else if (!there.hold) this.enter(there);
        }, 1);
      }
      enter(there) {
        this.readyState = 1;
        this.onopen?.({});
        this.there = there.accept({
          port: this.port, origin,
          send: (text) => clock.setTimeout(() => { if (this.readyState === 1) this.onmessage?.({ data: text }); }),
          close: (code) => clock.setTimeout(() => this.end(code)),
        });
      }
      send(text) {
        if (this.readyState === 0) throw new Error('InvalidStateError');
        if (this.readyState === 1) clock.setTimeout(() => this.there.take(text));
      }
      end(code) {
        if (this.readyState === 3) return;
        this.readyState = 3;
        this.there?.left();
        this.onclose?.({ code });
      }
      close() {
        if (this.readyState > 1) return;
        this.readyState = 2;
        clock.setTimeout(() => this.end(1005));
      }
    }

    const window = {
      WebSocket, origin, TextEncoder, BigInt,
      Date: { now: () => clock.now },
      performance: { now: () => clock.now - born },
      setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
      sessionStorage: session, localStorage: this.local,
      crypto: { getRandomValues: (a) => webcrypto.getRandomValues(a), ...secure ? { subtle } : {} },
      console: { warn: (text) => page.warnings.push(text) },
      navigator: { language: lang, permissions: { query: async ({ name }) => {
        if (name !== 'loopback-network') throw new TypeError('unknown');
        return page.permission;
      } } },
      document: { currentScript: { dataset: attributes }, hidden: false, documentElement: { lang: '' } },
      addEventListener: (type, fn) => { (handlers[type] ??= []).push(fn); },
      prompt: (text) => { page.asked.push(text); return answers.length ? answers.shift() : null; },
      fetch: (url, init) => {
        page.fetched.push([url, init]);
        const there = desk.ports.get(Number(/:(\d+)\//.exec(url)[1]));
        return there && !there.mute ? Promise.resolve({ type: 'opaque' }) : Promise.reject(new TypeError('failed'));
      },
      ...secure ? { indexedDB: this.database.factory(clock) } : {},
      ...over,
    };
    for (const [name, value] of Object.entries(over)) if (value === undefined) delete window[name];
    page.sockets = [];
    page.window = window;
    vm.createContext(window);
    script.runInContext(window);
    page.api = window.nxWebApi;
    page.fire = (type) => (handlers[type] || []).forEach((fn) => fn({}));
    /** Leaves the page as a navigation does; what it holds in memory is gone. */
    page.leave = () => {
      page.fire('pagehide');
      window.document.hidden = true;
    };
    page.run = (code) => vm.runInContext(code, window);
    /** What the old callback has been given, as parsed objects, and as text. */
    page.heard = [];
    page.texts = [];
    page.listen = () => {
      page.api.SetCallBack((json) => { page.texts.push(json); page.heard.push(JSON.parse(json)); });
      return page;
    };
    page.types = () => page.heard.map((e) => e.Type).filter((t) => t !== 'SetCallBack');
    page.events = [];
    page.keep = (e) => page.events.push(JSON.parse(JSON.stringify(e)));
    page.watch = (type = '*') => { page.api.on(type, page.keep); return page; };
    return page;
  }
}
