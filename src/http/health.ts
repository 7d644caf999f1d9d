// Health checks for load balancers: is the process alive, and is it ready for requests?
import { Router } from "express";
import { methodNotAllowed, notReady } from "../errors.ts";

/** `findObstacle`: null when the server is ready for requests. */
export const healthRoutes = (findObstacle: () => Promise<string | null>): Router => {
  const router = Router();
  // Does not check the database: restarting the process does not repair a database that is down.
  router.get("/live", (_request, response) => {
    response.json({ status: "live" });
  });
  router.get("/ready", async (_request, response) => {
    const obstacle = await findObstacle();
    if (obstacle !== null) throw notReady(obstacle);
    response.json({ status: "ready" });
  });
  router.all(["/live", "/ready"], () => {
    throw methodNotAllowed("GET, HEAD");
  });
  return router;
};
