// sharp, with one thread: there is one process a core. What it says and hears: benchmarks/engines/loop.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);

const SEPIA = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]];
const LUMA = [0.299, 0.587, 0.114];
const SATURATE = [0, 1, 2].map((row) => LUMA.map((luma, column) => 1.3 * (row === column) - 0.3 * luma));
const SLOPE = Math.tan(1.2 * Math.PI / 4);
const SHARPEN = { width: 3, height: 3, scale: 16, kernel: [-2, -2, -2, -2, 32, -2, -2, -2, -2] };

const OPERATIONS = {
  "grayscale": (image) => image.grayscale(),
  "sepia": (image) => image.recomb(SEPIA),
  "blur 2": (image) => image.blur(2),
  "blur 10": (image) => image.blur(10),
  "unsharp": (image) => image.sharpen({ sigma: 2 }),
  "resize 800": (image) => image.resize(800),
  "rotate 90": (image) => image.rotate(90),
  "tones": (image) => image.linear(SLOPE, 127.5 + (25.5 - 127.5) * SLOPE).recomb(SATURATE),
  "chain": (image) =>
    image.rotate().resize(1600, 1600, { fit: "inside" }).linear(SLOPE, 127.5 * (1 - SLOPE)).recomb(SEPIA).convolve(SHARPEN),
  "as it is": (image) => image,
};

// As Darkroom writes them: a baseline JPEG without a second pass, and the effort that gives a file of about its size.
const SAVE = {
  jpeg: (image) => image.jpeg({ quality: 85, optimiseCoding: false }),
  png: (image) => image.png({ adaptiveFiltering: true, compressionLevel: 2 }),
  webp: (image) => image.webp({ quality: 80, effort: 2 }),
  avif: (image) => image.avif({ quality: 60, effort: 0 }),
};

const [row, source, output] = process.argv.slice(2);
const [, operation, format] = row.split(", ");
const data = readFileSync(source);
const render = () => SAVE[format](OPERATIONS[operation](sharp(data))).toBuffer();

writeFileSync(output, await render());
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now(), startedCpu = process.cpuUsage();
  let finished = 0, elapsed = 0;
  while ((elapsed = (performance.now() - started) / 1000) < Number(line)) {
    await render();
    finished += 1;
  }
  const cpu = process.cpuUsage(startedCpu);
  console.log(`${finished} ${elapsed} ${(cpu.user + cpu.system) / 1e6}`);
}
