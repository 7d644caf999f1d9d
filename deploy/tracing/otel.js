// The OpenTelemetry SDK for Graphward, loaded before it: see docs/tracing.md.
//
// Load no automatic instrumentation: that of pg records the text of SQL, and that of HTTP sends trace ids to other people's servers.
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

new NodeTracerProvider({
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
  resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
  // OTEL_EXPORTER_OTLP_ENDPOINT, such as http://collector:4318.
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
}).register();
