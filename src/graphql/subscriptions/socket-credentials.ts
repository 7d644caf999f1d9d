// Whose a WebSocket is: the token of connection_init, or the cookie of the upgrade, as the headers that a request would have.
import type { IncomingMessage } from "node:http";
import type { OwnParts } from "../../http/request/record.ts";

/** In the log, in the place of an HTTP method. */
const method = "WEBSOCKET";

/**
 * Each subscription is a request with these headers, so that what authenticates requests authenticates it. Null for a payload
 * with an `authorization` that is no text, or with two of them: a client that tries to authenticate is never served as anonymous.
 */
export const findOwnParts = (
  { headers, rawHeaders }: IncomingMessage,
  payload: Readonly<Record<string, unknown>> | undefined,
  tokenHeader: string,
): OwnParts | null => {
  const given = Object.entries(payload ?? {}).filter(([name]) => /^authorization$/i.test(name));
  const [[, token] = []] = given;
  const isMissing = token === undefined || token === null;
  if (given.length > 1 || (!isMissing && typeof token !== "string")) return null;
  // Only a browser has the cookie of its user by itself, and a browser says for which page it connects.
  const takesCookie = headers.origin !== undefined;
  const { cookie, [tokenHeader]: _none, ...others } = headers;
  return {
    method,
    headers: {
      ...others,
      "content-type": "application/json",
      ...(takesCookie && cookie !== undefined && { cookie }),
      ...(!isMissing && { [tokenHeader]: token }),
    },
    rawHeaders: [...withoutCredentials(rawHeaders, tokenHeader), ...(isMissing ? [] : [tokenHeader, token])],
  };
};

const withoutCredentials = (rawHeaders: readonly string[], tokenHeader: string): readonly string[] => {
  const dropped = new RegExp(`^(cookie|${tokenHeader})$`, "i");
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (!dropped.test(name)) kept.push(name, value);
  }
  return kept;
};
