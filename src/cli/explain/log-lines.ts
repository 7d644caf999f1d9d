// Finds the lines of one request in a log: a file, or standard input.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";

const refusal = z.object({
  code: z.string(),
  reason: z.string().optional(),
  field: z.string().optional(),
  limit: z.string().optional(),
  retryAfter: z.number().optional(),
  credential: z.string().optional(),
  detail: z.string().optional(),
});
export type LoggedRefusal = z.infer<typeof refusal>;

const line = z.looseObject({
  requestId: z.string(),
  time: z.string(),
  msg: z.string(),
  trace_id: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  status: z.number().optional(),
  finished: z.boolean().optional(),
  milliseconds: z.number().optional(),
  address: z.string().optional(),
  userId: z.string().optional(),
  loginUserId: z.string().optional(),
  actorId: z.string().optional(),
  operationName: z.string().optional(),
  outcomes: z.array(z.string()).optional(),
  refusals: z.array(refusal).optional(),
});
export type LogLine = z.infer<typeof line>;

/** `file`: `-` for standard input. A log of years is read line by line, and only what has the id is parsed. */
export async function findLines(file: string, requestId: string): Promise<readonly LogLine[]> {
  const input = file === "-" ? process.stdin : createReadStream(file, "utf8");
  // An error of the file ends the loop only when it is thrown into it.
  const failed = new Promise<never>((_, reject) =>
    input.once("error", (error: NodeJS.ErrnoException) => reject(describeUnreadable(file, error))),
  );
  failed.catch(() => undefined);
  const read = async () => {
    const found: LogLine[] = [];
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!text.includes(requestId)) continue;
      const parsed = line.safeParse(findJson(text)).data;
      if (parsed?.requestId === requestId) found.push(parsed);
    }
    return found;
  };
  return Promise.race([read(), failed]);
}

const describeUnreadable = (file: string, error: NodeJS.ErrnoException): Error => {
  const reason = reasons[error.code ?? ""] ?? error.message;
  return new Error(`--log: ${file} cannot be read: ${reason}.`, { cause: error });
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "its owner does not allow it",
  EISDIR: "it is a directory",
};

/** Container runtimes write a time and a stream before each line. */
const findJson = (text: string): unknown => {
  try {
    return JSON.parse(text.slice(text.indexOf("{")));
  } catch {
    return null;
  }
};
