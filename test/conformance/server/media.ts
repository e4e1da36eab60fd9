import { deflateSync } from 'node:zlib';

/** A PNG picture of one red pixel, in base64. */
export const picture = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  // Width 1, height 1, 8 bits a channel, RGB.
  chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])),
  chunk('IDAT', deflateSync(Buffer.from([0, 255, 0, 0]))),
  chunk('IEND', Buffer.alloc(0)),
]).toString('base64');

/** A WAV file of one second of silence: 8 bits, mono, 8 samples a second, in base64. */
export const sound = Buffer.concat([
  Buffer.from('RIFF'),
  number32(44),
  Buffer.from('WAVEfmt '),
  number32(16),
  Buffer.from([1, 0, 1, 0]),
  number32(8),
  number32(8),
  Buffer.from([1, 0, 8, 0]),
  Buffer.from('data'),
  number32(8),
  Buffer.alloc(8, 128),
]).toString('base64');

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(checksum(body));
  return Buffer.concat([length, body, sum]);
}

/** CRC-32 as PNG wants it. */
function checksum(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
