// Reads PostgreSQL's own log.
import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { inject } from "vitest";
import { isWatchedDatabase, mayQuote } from "./logs.ts";

export const sizeOfPostgresLog = (): number => statSync(inject("graphwardPostgresLog")).size;

/**
 * From the log's earlier size on: the lines of this file's databases, and those of PostgreSQL itself. Other
 * test files run at the same time.
 */
export const readPostgresLog = async (begun: number): Promise<string> => {
  const log = await open(inject("graphwardPostgresLog"));
  try {
    const { size } = await log.stat();
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - begun), 0, size - begun, begun);
    const entries = buffer.toString("utf8", 0, bytesRead).split(/^(?=\d{4}-\d\d-\d\d .{12} UTC \[)/m);
    return entries.filter((entry) => !isOfAnother(entry) && !mayQuote(entry)).join("");
  } finally {
    await log.close();
  }
};

const isOfAnother = (entry: string): boolean => {
  const database = /^[^\]]*\] (\w+) /.exec(entry)?.[1];
  return database !== undefined && !isWatchedDatabase(database);
};
