// What a backup says about itself: its first entry, and the sums in its last one.
import { z } from "zod";

/** Raised when an older build could not read what a newer one writes. */
export const formatVersion = 1;

/** Schemas may have other names where a backup is restored. `other`: an entity of the application named its schema itself. */
const place = z.enum(["own", "jobs", "application", "other"]);

export type Place = z.infer<typeof place>;

const named = { place, schema: z.string(), name: z.string() };

const table = z.object({
  ...named,
  isPartitioned: z.boolean(),
  columns: z.array(z.string()).min(1),
  /** Its entries in the archive are in this folder: they are pieces of the text of COPY, each compressed with gzip. */
  folder: z.string(),
});

/** `value` as text, because it may be larger than a number of JavaScript. */
const sequence = z.object({ ...named, value: z.string().regex(/^-?\d+$/), isCalled: z.boolean() });

export const manifestShape = z.object({
  format: z.literal(formatVersion),
  /** Graphward's. */
  version: z.string(),
  postgres: z.string(),
  made: z.iso.datetime(),
  schemas: z.object({ own: z.string(), jobs: z.string(), application: z.string() }),
  /** Names of migrations that were run. `jobs`: the number of graphile-worker's newest. */
  migrations: z.object({
    own: z.array(z.string()),
    application: z.array(z.string()),
    jobs: z.number(),
  }),
  /** To notice other secrets where it is restored. Too short to find a secret by. */
  fingerprints: z.object({ sessionSecrets: z.array(z.string()), auditKeys: z.array(z.string()) }),
  tables: z.array(table),
  sequences: z.array(sequence),
});

export type Manifest = z.infer<typeof manifestShape>;
export type BackedUpTable = z.infer<typeof table>;
export type BackedUpSequence = z.infer<typeof sequence>;

export const manifestPath = "manifest.json";
export const sumsPath = "sums.json";

/** By the folder of each table. `sha256`: the hash of the text of COPY. */
export const sumsShape = z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() }));

export type Sums = z.infer<typeof sumsShape>;
