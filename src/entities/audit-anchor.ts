// The start of the audit event chain after its oldest days were dropped.
import { defineEntity, p } from "@mikro-orm/core";

export const AuditAnchorSchema = defineEntity({
  name: "AuditAnchor",
  tableName: "audit_anchors",
  properties: {
    // The sequence of the last dropped event.
    sequence: p.bigint("string").primary().autoincrement(false),
    mac: p.blob(),
    sealedAt: p.datetime().columnType("timestamptz(3)"),
    /** Proves that the key's owner dropped them. */
    seal: p.blob(),
  },
});
