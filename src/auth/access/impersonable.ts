// What can be used by somebody who acts as another user: without a word, nothing.
import { Extensions } from "type-graphql";

/**
 * Lets whoever acts as another user use one root field, as that user. Not for what changes credentials, addresses or names,
 * ends sessions, or carries data away. On an open field without it they are anonymous.
 */
export const Impersonable = (): MethodDecorator => Extensions({ impersonable: true });
