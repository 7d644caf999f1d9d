// The two smallest fields: one public, one private.

import { Field, ObjectType, Query, Resolver } from "type-graphql";
import { Impersonable, Public, Scope } from "../auth/access/decorators.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { CurrentViewer } from "./current-viewer.ts";

@ObjectType({ description: "A text for people." })
export class Message {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class MessageResolver {
  @Public()
  @Query(() => Message, { description: "Anonymous requests are allowed." })
  public(): Message {
    return { message: "Public access allowed!" };
  }

  @Impersonable()
  @Scope("profile:read")
  @Query(() => Message, { nullable: true, description: "Private by default." })
  private(@CurrentViewer() viewer: Viewer): Message {
    return { message: `Hello ${viewer.user.username}, this is private!` };
  }
}
