// The one word that opens a field.
import { Extensions } from "type-graphql";

/** Opens one root field to everybody, and with it all that can be reached below it. `access.lock` shows what that is. */
export const Public = (): MethodDecorator => Extensions({ public: true });
