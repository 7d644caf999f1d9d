// The span of an operation: without an SDK, what answers stays itself.
import type { IncomingMessage, ServerResponse } from "node:http";
import { recordOf } from "../http/request/record.ts";
import { failSpan, inSpan } from "../tracing/spans.ts";

type AnswerOperation<Rest, Answered> = (
  request: IncomingMessage,
  response: ServerResponse,
  rest: Rest,
) => Promise<Answered>;

/** Semantic conventions want the name of the operation as that of the span. It is the client's text, so there is no end of them. */
export const inOperationSpan = <Rest, Answered>(
  answer: AnswerOperation<Rest, Answered>,
): AnswerOperation<Rest, Answered> =>
  inSpan(
    {
      name: "graphql",
      conclude: (span, _answered, request) => {
        const { root, operationName, outcomes } = recordOf(request);
        if (operationName !== undefined) span.setAttribute("graphql.operation.name", operationName);
        if (root !== null) {
          const { type, name } = root.label;
          span.updateName(`${type} ${name}`);
          span.setAttributes({ "graphql.operation.type": type, "graphward.root_fields": [...root.fields] });
        }
        const failed = serverErrors.find((code) => outcomes.has(code));
        if (failed !== undefined) failSpan(span, failed);
      },
    },
    answer,
  );

/** The others are the client's. */
const serverErrors = ["INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"];
