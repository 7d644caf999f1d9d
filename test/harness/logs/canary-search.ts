// Searches a long text for many short ones in one pass.
import { type Canary, shortestCanary } from "./canaries.ts";

export interface Leak {
  readonly canary: Canary;
  /** The line that contains it, truncated when long. */
  readonly line: string;
}

/** A log may truncate long texts: finding the beginning is enough. */
const longestNeedle = 40;

/**
 * The number of bytes compared at once. A constant of this file, because an imported one would be looked up
 * at every byte.
 */
const width = shortestCanary;

interface Needle {
  readonly canary: Canary;
  readonly bytes: Buffer;
}

export interface CanaryIndex {
  /** Keyed by the hash of the first eight bytes. */
  readonly needles: ReadonlyMap<number, readonly Needle[]>;
  /** Keyed by the upper bits of that hash: one look rejects nearly every position in a log. */
  readonly isWanted: Uint8Array;
}

export const indexCanaries = (canaries: readonly Canary[]): CanaryIndex => {
  const needles = new Map<number, Needle[]>();
  const isWanted = new Uint8Array(1 << 20);
  for (const canary of canaries)
    for (const form of formsOf(canary.text)) {
      const bytes = Buffer.from(form);
      let key = 0;
      for (let at = 0; at < width; at += 1) key = extend(key, bytes[at] ?? 0);
      needles.set(key, [...(needles.get(key) ?? []), { canary, bytes }]);
      isWanted[key >>> 12] = 1;
    }
  return { needles, isWanted };
};

/** As it is, as JSON writes it, and in canonical form, as usernames and emails are compared. */
const formsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [text, JSON.stringify(text).slice(1, -1), text.toLowerCase()].map((form) => form.slice(0, longestNeedle)),
  );

/** Rabin-Karp: a rolling hash over the log, and a table of the hashes to find. */
export const findLeaks = (log: Buffer, { needles, isWanted }: CanaryIndex): Leak[] => {
  const found = new Map<Canary, Leak>();
  let key = 0;
  for (let at = 0; at < log.length; at += 1) {
    key = extend(key, log[at] ?? 0);
    if (at >= width) key = (key - Math.imul(log[at - width] ?? 0, weightOfLeaving)) | 0;
    if (isWanted[key >>> 12] === 0) continue;
    const start = at - width + 1;
    for (const { canary, bytes } of needles.get(key) ?? [])
      if (!found.has(canary) && log.subarray(start, start + bytes.length).equals(bytes))
        found.set(canary, { canary, line: lineAt(log, start) });
  }
  return [...found.values()];
};

const base = 0x01000193;

const extend = (key: number, byte: number): number => (Math.imul(key, base) + byte) | 0;

/** The factor of the oldest of eight bytes when the ninth arrives. */
const weightOfLeaving = Array.from({ length: width }).reduce<number>((weight) => Math.imul(weight, base), 1);

const lineAt = (log: Buffer, start: number): string => {
  const from = Math.max(log.lastIndexOf("\n", start) + 1, start - 300);
  const end = log.indexOf("\n", start);
  return log.toString("utf8", from, Math.min(end === -1 ? log.length : end, start + 300));
};
