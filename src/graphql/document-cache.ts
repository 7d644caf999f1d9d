// Caches two decisions of Apollo: which documents are valid, and the content type for an Accept header.
import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";
import { kibibytes } from "../sizes.ts";

export interface DocumentCache {
  readonly documents: {
    find(source: string): DocumentNode | undefined;
    /** Call it only with a document that was parsed from this source and has passed validation. */
    keep(source: string, document: DocumentNode): void;
  };
  readonly contentTypes: {
    find(accept: string | undefined): string | undefined;
    keep(accept: string | undefined, contentType: string): void;
  };
}

/** A parsed document takes about sixty times the memory of its text. */
const documentCacheLimits = { maxSize: kibibytes(512), maxEntrySize: kibibytes(16) };
/**
 * Clients send a handful of values. Flooding the cache with others gains an attacker nothing: Apollo then
 * decides each time.
 */
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
