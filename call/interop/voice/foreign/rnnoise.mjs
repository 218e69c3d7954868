// RNNoise, as the npm package rnnoise-wasm has it, over files.
//
//   node rnnoise.mjs IN OUT...   16-bit samples at 48 kHz, mono, without a head
//
// For each two of files it prints the mean time of a frame of 10 ms in
// microseconds.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("node_modules/@jitsi/rnnoise-wasm/dist/", import.meta.url);
// The package says that it is CommonJS and holds modules, so it is loaded under a
// name that tells what it is.
const module = new URL("rnnoise-glue.mjs", import.meta.url);
copyFileSync(new URL("rnnoise.js", dist), module);
const wasm = await WebAssembly.compile(readFileSync(new URL("rnnoise.wasm", dist)));
const make = (await import(module)).default;
const library = await make({
  instantiateWasm: (imports, done) => {
    const made = new WebAssembly.Instance(wasm, imports);
    done(made);
    return made.exports;
  },
});

const frame = 480;
const at = library._malloc(frame * 4);
const files = process.argv.slice(2);
for (let i = 0; i + 1 < files.length; i += 2) {
  const b = readFileSync(files[i]);
  const pcm = new Int16Array(b.buffer, b.byteOffset, b.length >> 1);
  const frames = Math.floor(pcm.length / frame);
  const out = new Int16Array(frames * frame);
  const state = library._rnnoise_create();
  let time = 0n;
  for (let k = 0; k < frames; k++) {
    for (let j = 0; j < frame; j++) library.HEAPF32[(at >> 2) + j] = pcm[k * frame + j];
    const began = process.hrtime.bigint();
    library._rnnoise_process_frame(state, at, at);
    time += process.hrtime.bigint() - began;
    for (let j = 0; j < frame; j++) {
      out[k * frame + j] = Math.max(-32768, Math.min(32767, Math.round(library.HEAPF32[(at >> 2) + j])));
    }
  }
  writeFileSync(files[i + 1], Buffer.from(out.buffer));
  library._rnnoise_destroy(state);
  console.log(Number(time) / 1000 / frames);
}
