// A brand's logo: a small image file of the application, read at start and served from memory.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { kibibytes } from "../sizes.ts";

export interface Logo {
  readonly type: string;
  readonly body: Buffer;
}

const maxSize = kibibytes(100);

/** Throws an error for developers. */
export function openLogo(path: string, root: string): Logo {
  const file = resolve(root, path);
  const body = read(file);
  const [type] = Object.entries(signs).find(([, isType]) => isType(body)) ?? [];
  if (type === undefined || body.length > maxSize)
    throw new Error(`brand.logo must be a PNG, JPEG, WebP or SVG file of at most 100 KiB: ${file} is not.`);
  return { type, body };
}

const read = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`brand.logo cannot be read: ${file}.`, { cause });
  }
};

/** By content: a page served as an image, or an image served as a page, would be another type than its name says. */
const signs: Readonly<Record<string, (body: Buffer) => boolean>> = {
  "image/png": (body) => body.subarray(0, 8).equals(Buffer.from("\x89PNG\r\n\x1a\n", "latin1")),
  "image/jpeg": (body) => body.subarray(0, 3).equals(Buffer.from("\xff\xd8\xff", "latin1")),
  "image/webp": (body) => /^RIFF.{4}WEBP/s.test(body.subarray(0, 12).toString("latin1")),
  "image/svg+xml": (body) => /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<svg[\s>]/s.test(body.toString()),
};
