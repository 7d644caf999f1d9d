// The settings of metrics: where Prometheus gets them.
import { z } from "zod";
import { portNumber } from "../port.ts";
import { optionalSetting, setting } from "../setting.ts";

export const metricsSettings = () => ({
  metricsPort: optionalSetting("METRICS_PORT", {
    text: "The port on which `GET /metrics` answers Prometheus. If it is not set, nothing is counted and no port is opened.",
    example: "9464",
    schema: portNumber(),
    otherwise: null,
  }),
  metricsHost: setting("METRICS_HOST", {
    text: "The address to listen on for `METRICS_PORT`. It asks for no password: name an address of a private network, and never put it behind a public proxy.",
    default: "127.0.0.1",
    schema: z.string(),
  }),
});

/** One address cannot serve both. */
export const findSharedPort = (values: {
  readonly port: number;
  readonly metricsPort: number | null;
}): string[] =>
  values.metricsPort !== null && values.metricsPort !== 0 && values.metricsPort === values.port
    ? ["METRICS_PORT: must differ from PORT"]
    : [];
