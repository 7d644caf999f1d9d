// A port, as a setting says it.
import { z } from "zod";

/** 0: the system chooses one. */
export const portNumber = (): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,5}$/, "must be a port number")
    .transform(Number)
    .refine((port) => port <= 65_535, "must be at most 65535");
