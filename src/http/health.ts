// Health checks for load balancers: is the process alive, and is it ready for requests?
import { Router } from "express";
import { methodNotAllowed, serviceUnavailable } from "../errors.ts";

export const healthRoutes = (isReady: () => Promise<boolean>): Router => {
  const router = Router();
  // Does not check the database: restarting the process does not repair a database that is down.
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
