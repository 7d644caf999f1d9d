// `graphward/entities`: what an application may refer to. `id` is the only column of a user that later versions promise to keep.
import "reflect-metadata";

export { Node } from "../entities/node.ts";
export { User } from "../entities/user.ts";
