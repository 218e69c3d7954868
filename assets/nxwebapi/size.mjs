// Fails when the script, minified, is not under 12 kB.
import { readFile } from 'node:fs/promises';
import { minify } from 'terser';

const limit = 12_000;
const { code } = await minify(await readFile(new URL('../nxWebApi.js', import.meta.url), 'utf8'), { ecma: 2020, compress: true, mangle: true });
const size = Buffer.byteLength(code);
console.log(`nxWebApi.js: ${size} bytes minified, limit ${limit}`);
if (size >= limit) process.exitCode = 1;
