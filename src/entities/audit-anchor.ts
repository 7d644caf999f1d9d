// Where the chain of audit events begins, once its oldest days have been dropped.
import { defineEntity, p } from "@mikro-orm/core";

export const AuditAnchorSchema = defineEntity({
  name: "AuditAnchor",
  tableName: "audit_anchors",
  properties: {
    // Of the last event that was dropped.
    sequence: p.bigint("string").primary().autoincrement(false),
    mac: p.blob(),
    sealedAt: p.datetime().columnType("timestamptz(3)"),
    /** Shows that whoever dropped them had the key. */
    seal: p.blob(),
  },
});
