// All in which Graphward may differ from Apollo Server: each computes our answer from Apollo's, and says what asks for it.
export { changes } from "./changed-errors.ts";
export { detours, refusals } from "./refused-requests.ts";
