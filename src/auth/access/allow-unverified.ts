// What an account may use before its address is proven, where REQUIRE_VERIFIED_EMAIL is on.
import { Extensions } from "type-graphql";

/**
 * For private root fields that lead out of being unverified, such as the one that sends the link again. Without it a private
 * field is closed to unverified accounts. It opens nothing else: roles, permissions and scopes are asked all the same.
 */
export const AllowUnverified = (): MethodDecorator => Extensions({ allowUnverified: true });
