// Writes a ZIP as a stream: files are stored as they are, because images do not get smaller.

const LARGEST = 0xffffffff;
const UTF8_NAMES = 0x0800;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = LARGEST;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ LARGEST) >>> 0;
}

/** Little-endian numbers of 2, 4 or 8 bytes. @param {...[size: number, value: number]} fields */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((total, [size]) => total + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else if (size === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** The parts of the ZIP, one file after the other. Entries and their places may exceed 4 GiB in total (ZIP64).
 * @param {AsyncIterable<{name: string, content: Blob, at: Date}>} files @returns {AsyncGenerator<Uint8Array | Blob>} */
export async function* zip(files) {
  const central = [];
  let offset = 0;
  for await (const { name, content, at } of files) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(new Uint8Array(await content.arrayBuffer()));
    /** @type {[number, number][]} */
    const shared = [[2, UTF8_NAMES], [2, 0], ...dosTime(at), [4, crc], [4, content.size], [4, content.size], [2, encoded.length]];
    yield* [record([4, 0x04034b50], [2, 20], ...shared, [2, 0]), encoded, content];
    const wide = offset >= LARGEST ? record([2, 1], [2, 8], [8, offset]) : new Uint8Array();
    const head = record(
      [4, 0x02014b50], [2, 45], [2, 45], ...shared, [2, wide.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, Math.min(offset, LARGEST)],
    );
    central.push(head, encoded, wide);
    offset += 30 + encoded.length + content.size;
  }
  yield* central;
  yield end(central.length / 3, central.reduce((total, part) => total + part.length, 0), offset);
}

/** @param {number} count @param {number} size @param {number} offset of the central directory */
function end(count, size, offset) {
  const ending = record(
    [4, 0x06054b50], [2, 0], [2, 0], [2, Math.min(count, 0xffff)], [2, Math.min(count, 0xffff)], [4, size], [4, Math.min(offset, LARGEST)], [2, 0],
  );
  if (offset < LARGEST && count < 0xffff) return ending;
  const wide = record(
    [4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, offset],
    [4, 0x07064b50], [4, 0], [8, offset + size], [4, 1],
  );
  return new Uint8Array([...wide, ...ending]);
}

/** Date and time as MS-DOS had them. @param {Date} at @returns {[number, number][]} */
const dosTime = (at) => [
  [2, (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)],
  [2, ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()],
];
