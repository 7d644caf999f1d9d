// What Apollo has decided once and would decide again: which documents are valid, and how an Accept header is answered.
import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";
import { kibibytes } from "../sizes.ts";

export interface DocumentCache {
  readonly documents: {
    find(source: string): DocumentNode | undefined;
    /** Only for a document that was parsed from this source and has passed validation. */
    keep(source: string, document: DocumentNode): void;
  };
  readonly contentTypes: {
    find(accept: string | undefined): string | undefined;
    keep(accept: string | undefined, contentType: string): void;
  };
}

/** A parsed document takes about sixty times its text. */
const documentCacheLimits = { maxSize: kibibytes(512), maxEntrySize: kibibytes(16) };
/** Clients send a handful; whoever sends others gains nothing but Apollo's own pace. */
const acceptHeaderLimits = { max: 100 };
const maxAcceptHeaderLength = 500;

export const createDocumentCache = (): DocumentCache => {
  const documents = new LRUCache<string, DocumentNode>({
    ...documentCacheLimits,
    sizeCalculation: (_document, source) => source.length,
  });
  const contentTypes = new LRUCache<string, string>(acceptHeaderLimits);
  return {
    documents: {
      find: (source) => documents.get(source),
      keep: (source, document) => void documents.set(source, document),
    },
    contentTypes: {
      find: (accept = "") => contentTypes.get(accept),
      keep: (accept = "", contentType) => {
        if (accept.length <= maxAcceptHeaderLength) contentTypes.set(accept, contentType);
      },
    },
  };
};
