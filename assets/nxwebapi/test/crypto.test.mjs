// The cryptography that pages on plain http do in script, against the vectors
// of the standards and against Node's.
import assert from 'node:assert/strict';
import { createHash, createHmac, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
import test from 'node:test';
import vm from 'node:vm';
import { source } from '../page.mjs';

const part = source.slice(source.indexOf('  // ---- cryptography'), source.indexOf('  // ---- end of cryptography'));
const { sha256, hmac, x25519, same, hex, unhex, utf8, primes } = vm.runInThisContext(
  `(() => { ${part}; return { sha256, hmac, x25519, same, hex, unhex, utf8, primes }; })()`);
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'hex'));

test('SHA-256: FIPS 180-4 examples', () => {
  for (const [text, sum] of [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['a'.repeat(1000), '41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3'],
  ]) assert.equal(hex(sha256(utf8(text))), sum);
});

test('SHA-256: every length around the block size', () => {
  for (let n = 0; n < 200; n++) {
    const data = randomBytes(n);
    assert.equal(hex(sha256(data)), createHash('sha256').update(data).digest('hex'), `${n} bytes`);
  }
});

// An engine whose cube root is off by one in the last place must still give the
// right constants: none of them lies that near to a whole number.
test('SHA-256: the constants do not depend on the last bits of a root', () => {
  for (const p of primes) {
    for (const x of [Math.cbrt(p), Math.sqrt(p)]) {
      const rest = ((x % 1) * 2 ** 32) % 1;
      assert.ok(rest > 2 ** -12 && rest < 1 - 2 ** -12, `root of ${p}`);
    }
  }
});

test('HMAC-SHA-256: RFC 4231', () => {
  for (const [key, data, sum] of [
    ['0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['4a656665', '7768617420646f2079612077616e7420666f72206e6f7468696e673f', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    ['0102030405060708090a0b0c0d0e0f10111213141516171819', 'cd'.repeat(50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
  ]) assert.equal(hex(hmac(bytes(key), bytes(data))), sum);
});

test('HMAC-SHA-256: random input', () => {
  for (let i = 0; i < 100; i++) {
    const key = randomBytes(i % 65);
    const data = randomBytes(i * 3);
    assert.equal(hex(hmac(key, data)), createHmac('sha256', key).update(data).digest('hex'));
  }
});

test('X25519: RFC 7748 section 5.2', () => {
  for (const [scalar, point, product] of [
    ['a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4', 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'],
    ['4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d', 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957'],
  ]) assert.equal(hex(x25519(bytes(scalar), bytes(point))), product);
});

test('X25519: RFC 7748 section 5.2, iterated', () => {
  let k = bytes('09' + '00'.repeat(31));
  let u = k;
  for (let i = 1; i <= 1000; i++) {
    [k, u] = [x25519(k, u), k];
    if (i === 1) assert.equal(hex(k), '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
  }
  assert.equal(hex(k), '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
});

test('X25519: RFC 7748 section 6.1', () => {
  const alice = bytes('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'); // her public key
  const bob = bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'); // his private one
  assert.equal(hex(x25519(bob, [9])), 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
  assert.equal(hex(x25519(bob, alice)), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
});

test('X25519: random keys, against Node', () => {
  for (let i = 0; i < 20; i++) {
    const theirs = generateKeyPairSync('x25519');
    const mine = generateKeyPairSync('x25519');
    const raw = (key, name) => Uint8Array.from(Buffer.from(key.export({ format: 'jwk' })[name], 'base64url'));
    const secret = raw(mine.privateKey, 'd');
    assert.equal(hex(x25519(secret, [9])), hex(raw(mine.publicKey, 'x')));
    assert.equal(hex(x25519(secret, raw(theirs.publicKey, 'x'))),
      diffieHellman({ privateKey: mine.privateKey, publicKey: theirs.publicKey }).toString('hex'));
  }
});

test('X25519: points of small order give zero, and the highest bit is ignored', () => {
  for (const point of ['00'.repeat(32), '01' + '00'.repeat(31), 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800']) {
    assert.equal(hex(x25519(randomBytes(32), bytes(point))), '00'.repeat(32));
  }
  const secret = randomBytes(32);
  const point = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
  const high = Uint8Array.from(point);
  high[31] |= 128;
  assert.deepEqual(x25519(secret, high), x25519(secret, point));
});

test('proofs are compared whole', () => {
  assert.equal(same('abc', 'abc'), true);
  for (const other of ['abd', 'bbc', 'ab', 'abcd', '']) assert.equal(same('abc', other), false);
  assert.equal(same('', ''), true);
});

test('hex', () => {
  assert.equal(hex([0, 1, 15, 16, 255]), '00010f10ff');
  assert.deepEqual(unhex('00010f10ff'), Uint8Array.of(0, 1, 15, 16, 255));
});
