// For load balancers: is the process there, and should it get requests?
import { Router } from "express";
import { methodNotAllowed, serviceUnavailable } from "../errors.ts";

export const healthRoutes = (isReady: () => Promise<boolean>): Router => {
  const router = Router();
  // Asks nothing: a process that the orchestrator restarts because its database is down helps nobody.
  router.get("/live", (_request, response) => {
    response.json({ status: "live" });
  });
  router.get("/ready", async (_request, response) => {
    if (!(await isReady())) throw serviceUnavailable();
    response.json({ status: "ready" });
  });
  router.all(["/live", "/ready"], () => {
    throw methodNotAllowed("GET, HEAD");
  });
  return router;
};
