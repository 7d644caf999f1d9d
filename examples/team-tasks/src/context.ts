// What a resolver of this application gets with every request.
import type { Context } from "graphward";
import { createLoaders, type Loaders } from "./loaders.ts";
import type { Settings } from "./settings.ts";

export interface AppContext extends Context {
  readonly load: Loaders;
  readonly settings: Settings;
}

export const extendContext = (context: Context): Pick<AppContext, "load"> => ({
  load: createLoaders(context),
});
