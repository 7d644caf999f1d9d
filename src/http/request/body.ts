// The body of a POST: JSON in UTF-8, or a form, or a refusal before anything runs.
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { MIMEType } from "node:util";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { badRequest, payloadTooLarge, unsupportedMediaType } from "../../errors.ts";
import { kibibytes } from "../../sizes.ts";

/** After decompression: a small gzip file can hold a very large text (zip bomb). */
export const maxBodySize = kibibytes(100);

/** The largest form: it has some short fields. As the query of a URL, it must fit into a request's head. */
const maxFormSize = kibibytes(8);

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
    // Fatal: replacement characters would make two different passwords equal.
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
};

/** Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or BAD_REQUEST. */
export const readFormBody = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const type = request.headers["content-type"]?.toLowerCase().replace(/; *charset=utf-8$/, "");
  if (type !== "application/x-www-form-urlencoded" || request.headers["content-encoding"] !== undefined)
    throw unsupportedMediaType();
  const bytes = await readWithinLimit(request, request, maxFormSize);
  try {
    return new URLSearchParams(utf8.decode(bytes));
  } catch {
    throw badRequest();
  }
};

const readBody = (request: IncomingMessage): Promise<Uint8Array> => {
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity") return readWithinLimit(request, request);
  const inflater = inflaters.get(encoding)?.();
  if (inflater === undefined) throw unsupportedMediaType();
  return readWithinLimit(request, request.pipe(inflater));
};

/**
 * `content` is the request itself, or the stream that decompresses it. Stops reading at the limit: the rest
 * may never come.
 */
const readWithinLimit = (
  request: IncomingMessage,
  content: Readable,
  maxSize = maxBodySize,
): Promise<Uint8Array> =>
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
      if (size <= maxSize) chunks.push(chunk);
      else stopReading();
    });
    if (content !== request) {
      let packed = 0;
      request.on("data", (chunk: Buffer) => {
        packed += chunk.length;
        if (packed > maxSize) stopReading();
      });
    }
    content.on("end", () => {
      // The compressed data has ended, but the body goes on: another parser may read another body.
      if (content !== request && !request.readableEnded) return content.emit("error");
      resolve(chunks[0] !== undefined && chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
    content.on("error", () => {
      // The next request on this connection comes after the rest of this body.
      request.resume();
      reject(badRequest());
    });
    // `pipe` does not destroy the target when the client disconnects.
    if (content !== request) request.on("error", (error) => content.destroy(error));
  });

/** A page of another site can send forms and plain text without a preflight; UTF-7 passes filters unseen. */
const requireJson = (contentType: string | undefined): void => {
  if (contentType === "application/json") return;
  // With two charsets, we use the first, and another parser perhaps the second.
  if (contentType !== undefined && contentType.split(/charset/i).length <= 2) {
    try {
      const { essence, params } = new MIMEType(contentType);
      if (essence === "application/json" && (params.get("charset") ?? "utf-8").toLowerCase() === "utf-8")
        return;
    } catch {
      // An invalid content type is not JSON.
    }
  }
  throw unsupportedMediaType();
};
