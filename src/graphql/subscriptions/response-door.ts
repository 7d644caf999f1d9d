// A stream as a response that does not end.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResponseSender } from "../../http/response.ts";
import { findFormat } from "./formats.ts";
import { refusalSender } from "./refusal-events.ts";
import { jsonOf } from "./refusals.ts";
import type { StreamDoor } from "./serve.ts";

export const openResponseDoor = (
  responses: ResponseSender,
  request: IncomingMessage,
  response: ServerResponse,
): StreamDoor => {
  const format = findFormat(request.headers.accept);
  return {
    format,
    refuse: (refusal) => refusalSender(responses, request)(request, response, jsonOf(request, refusal)),
    open() {
      if (response.destroyed || format === null) return null;
      responses.begin(request, response, {
        status: 200,
        // nginx would write to its disk what a reader does not read: nobody would drop such a reader.
        headers: ["Content-Type", format.contentType, "X-Accel-Buffering", "no"],
      });
      return response;
    },
  };
};
