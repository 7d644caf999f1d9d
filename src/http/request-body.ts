// The body of a POST: JSON in UTF-8, or a refusal before anything runs.
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { MIMEType } from "node:util";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { badRequest, payloadTooLarge, unsupportedMediaType } from "../errors.ts";
import { kibibytes } from "../sizes.ts";

/** After inflation: a small gzip file can hold a very large text. */
export const maxBodySize = kibibytes(100);

const inflaters: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or BAD_REQUEST. */
export const readJsonBody = async (request: IncomingMessage): Promise<unknown> => {
  requireJson(request.headers["content-type"]);
  const bytes = await readBody(request);
  try {
    // Fatal: replaced bytes would make two different passwords one.
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
};

const readBody = (request: IncomingMessage): Promise<Uint8Array> => {
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity") return readWithinLimit(request, request);
  const inflater = inflaters.get(encoding)?.();
  if (inflater === undefined) throw unsupportedMediaType();
  return readWithinLimit(request, request.pipe(inflater));
};

/** `content` is the request itself, or what inflates it. Beyond the limit nothing more is read: the rest may never come. */
const readWithinLimit = (request: IncomingMessage, content: Readable): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stopReading = () => {
      content.removeAllListeners("data");
      request.unpipe().removeAllListeners("data").pause();
      if (content !== request) content.destroy();
      reject(payloadTooLarge());
    };
    content.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodySize) chunks.push(chunk);
      else stopReading();
    });
    if (content !== request) {
      let packed = 0;
      request.on("data", (chunk: Buffer) => {
        packed += chunk.length;
        if (packed > maxBodySize) stopReading();
      });
    }
    content.on("end", () => {
      // What is packed has ended, and the body goes on: for another reader it may be another body.
      if (content !== request && !request.readableEnded) return content.emit("error");
      resolve(chunks[0] !== undefined && chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
    content.on("error", () => {
      // The next request of this connection stands behind what is left.
      request.resume();
      reject(badRequest());
    });
    // A client that goes away ends nothing that it is piped to.
    if (content !== request) request.on("error", (error) => content.destroy(error));
  });

/** A form or plain text is what another site can send without asking; UTF-7 is what a filter does not see through. */
const requireJson = (contentType: string | undefined): void => {
  if (contentType === "application/json") return;
  // Of two charsets the first counts here, and elsewhere perhaps the second.
  if (contentType !== undefined && contentType.split(/charset/i).length <= 2) {
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
