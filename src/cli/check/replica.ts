// What `graphward check` finds out about the replica of DATABASE_REPLICA_URL.
import type { Config } from "../../config/config.ts";
import type { Finding } from "../../config/review.ts";
import type { OpenDatabase } from "../../database/open.ts";
import type { ConnectedReplica } from "../../database/replica/connect.ts";

const name = "DATABASE_REPLICA_URL";

/** Reads only. */
export async function reviewReplica(
  { replicaConnection: connection, replicaLag: atMost }: Config,
  opened: OpenDatabase,
): Promise<Finding[]> {
  if (connection === null) return [];
  const { connectReplica, RefusedReplica } = await import("../../database/replica/connect.ts");
  const identity = await opened.findIdentity();
  const place = { connection, schema: opened.schema, size: 1, identity, primary: opened.description };
  try {
    const replica = await connectReplica(place);
    try {
      return await compare(replica, opened, { identity, atMost });
    } finally {
      await replica.close();
    }
  } catch (error) {
    if (error instanceof RefusedReplica) return [{ severity: "error", name, text: error.reason }];
    const { describeFailure } = await import("../../database/connecting/descriptions.ts");
    const text = `does not respond, and the primary answers all lists: ${describeFailure(error)}`;
    return [{ severity: "warning", name, text }];
  }
}

const compare = async (
  { watch }: ConnectedReplica,
  { database }: OpenDatabase,
  wanted: { readonly identity: string | null; readonly atMost: number },
): Promise<Finding[]> => {
  const { findObstacle, findPosition } = await import("../../database/replica/position.ts");
  const obstacle = await findObstacle(watch, { ...wanted, position: await findPosition(database) });
  if (obstacle === null) return [];
  const text = `is ${obstacle}, and the primary answers its lists: REPLICA_LAG is ${wanted.atMost} ms`;
  return [{ severity: "warning", name, text }];
};
