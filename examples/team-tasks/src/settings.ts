// The settings of the application, by the names of their environment variables.
import { z } from "graphward";

export const settings = z.object({
  /** How many projects a user may own. */
  MAX_PROJECTS: z.coerce.number().int().min(1).max(1000).default(20),
});

export type Settings = Readonly<z.infer<typeof settings>>;
