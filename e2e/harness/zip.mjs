// A folder as the zip that a chat's export is, without compression: enough for a fixture.

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** What both of a file's headers say: version, flags, method, time, day, checksum, sizes, lengths. */
function facts(name, bytes) {
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(0x21, 8); // the first of January 1980
  head.writeUInt32LE(crc32(bytes), 10);
  head.writeUInt32LE(bytes.length, 14);
  head.writeUInt32LE(bytes.length, 18);
  head.writeUInt16LE(name.length, 22);
  return head;
}

/** The files under `folder` as one zip, the same bytes each time. */
export async function zipped(folder) {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = all.filter((one) => one.isFile()).map((one) => join(one.parentPath ?? one.path, one.name));
  const [files, index] = [[], []];
  let at = 0;
  for (const path of paths.sort()) {
    const name = Buffer.from(relative(folder, path));
    const bytes = await readFile(path);
    const said = facts(name, bytes);
    const file = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), said, name, bytes]);
    const rest = Buffer.alloc(14); // no comment, first disk, no attributes
    rest.writeUInt32LE(at, 10);
    index.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), said, rest, name]));
    files.push(file);
    at += file.length;
  }
  const size = index.reduce((sum, one) => sum + one.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(index.length, 8);
  end.writeUInt16LE(index.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, ...index, end]);
}
