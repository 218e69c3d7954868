// Google's AEC3, as the npm package webrtcaec3.js has it, over files.
//
//   node aec3.mjs FAR MIC OUT...   16-bit samples at 48 kHz, mono, without a head
//
// For each three of files it prints the mean time of a frame of 10 ms in
// microseconds.
import { readFileSync, writeFileSync } from "node:fs";
import make from "@ennuicastr/webrtcaec3.js/dist/webrtcaec3-0.3.0.js";

const frame = 480;
const read = (name) => {
  const b = readFileSync(name);
  return new Int16Array(b.buffer, b.byteOffset, b.length >> 1);
};
const floats = (pcm, at) => Float32Array.from(pcm.subarray(at, at + frame), (v) => v / 32768);

const library = await make();
const files = process.argv.slice(2);
for (let i = 0; i + 2 < files.length; i += 3) {
  const far = read(files[i]), mic = read(files[i + 1]);
  const frames = Math.floor(Math.min(far.length, mic.length) / frame);
  const out = new Int16Array(frames * frame);
  const aec = new library.AEC3(48000, 1, 1);
  let n = 0, time = 0n;
  for (let k = 0; k < frames; k++) {
    const f = [floats(far, k * frame)], m = [floats(mic, k * frame)];
    const began = process.hrtime.bigint();
    aec.analyze(f);
    const o = [new Float32Array(aec.processSize(m))];
    aec.process(o, m);
    time += process.hrtime.bigint() - began;
    for (const v of o[0]) {
      if (n < out.length) out[n++] = Math.max(-32768, Math.min(32767, Math.round(v * 32768)));
    }
  }
  writeFileSync(files[i + 2], Buffer.from(out.buffer));
  console.log(Number(time) / 1000 / frames);
}
