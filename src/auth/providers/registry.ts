// The providers of this server, by the ids in its settings.
import type { IdentityProvider } from "../../config/sign-in/identity-providers.ts";
import { createProviderClient, type ProviderClient } from "./client.ts";

export interface Providers {
  find(id: string): ProviderClient | null;
  /** In the order of the settings. */
  readonly list: readonly ProviderClient[];
}

export function createProviders(
  settings: readonly IdentityProvider[],
  { publicUrl, production }: { readonly publicUrl: URL; readonly production: boolean },
): Providers {
  const reach = { allowsPrivate: false, allowsLoopback: !production };
  const clients = new Map(settings.map((it) => [it.id, createProviderClient(it, { publicUrl, reach })]));
  return { find: (id) => clients.get(id) ?? null, list: [...clients.values()] };
}
