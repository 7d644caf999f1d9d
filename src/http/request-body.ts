// The body of a POST: JSON in UTF-8, or a refusal before anything runs.
import type { IncomingMessage, ServerResponse } from "node:http";
import { MIMEType, promisify } from "node:util";
import { raw } from "express";
import { badRequest, payloadTooLarge, unsupportedMediaType } from "../errors.ts";
import { kibibytes } from "../sizes.ts";

/** After inflation: a small gzip file can hold a very large text. */
const largestBody = kibibytes(100);

const readEncoded = promisify(
  raw({ type: () => true, limit: largestBody }) as unknown as (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void,
);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or BAD_REQUEST. */
export const readJsonBody = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
  requireJson(request.headers["content-type"]);
  const bytes = await readBody(request, response);
  try {
    // Fatal: replaced bytes would make two different passwords one.
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
};

const readBody = async (request: IncomingMessage, response: ServerResponse): Promise<Uint8Array> => {
  if (request.headers["content-encoding"] === undefined) return readPlain(request);
  await readEncoded(request, response);
  const { body } = request as IncomingMessage & { body?: unknown };
  return body instanceof Buffer ? body : new Uint8Array();
};

/** What nearly every client sends, without the detours of a general parser. */
const readPlain = (request: IncomingMessage): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > largestBody) {
        request.removeAllListeners("data").pause();
        reject(payloadTooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(chunks[0] !== undefined && chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on("error", () => reject(badRequest("The request ended before its body.")));
  });

/** A form or plain text is what another site can send without asking; UTF-7 is what a filter does not see through. */
const requireJson = (contentType: string | undefined): void => {
  if (contentType === "application/json") return;
  if (contentType !== undefined) {
    try {
      const { essence, params } = new MIMEType(contentType);
      if (essence === "application/json" && (params.get("charset") ?? "utf-8").toLowerCase() === "utf-8")
        return;
    } catch {
      // What does not parse as a type is no JSON.
    }
  }
  throw unsupportedMediaType();
};
