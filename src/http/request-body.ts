// The body of a POST: JSON in UTF-8, or a refusal before anything runs.
import type { IncomingMessage, ServerResponse } from "node:http";
import { MIMEType, promisify } from "node:util";
import { raw } from "express";
import { badRequest, unsupportedMediaType } from "../errors.ts";
import { kibibytes } from "../sizes.ts";

/** After inflation: a small gzip file can hold a very large text. */
const largestBody = kibibytes(100);

const readBytes = promisify(
  raw({ type: () => true, limit: largestBody }) as unknown as (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void,
);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE (by way of the body parser) or BAD_REQUEST. */
export const readJsonBody = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
  requireJson(request.headers["content-type"]);
  await readBytes(request, response);
  const bytes = (request as IncomingMessage & { body?: unknown }).body;
  try {
    // Fatal: replaced bytes would make two different passwords one.
    return JSON.parse(bytes instanceof Buffer ? utf8.decode(bytes) : "");
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
};

/** A form or plain text is what another site can send without asking; UTF-7 is what a filter does not see through. */
const requireJson = (contentType: string | undefined): void => {
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
