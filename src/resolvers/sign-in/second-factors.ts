// The viewer's second factors: what there is, and the recovery codes that stand in for it.

import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, Field, FieldResolver, Int, Mutation, ObjectType, Query, Resolver, Root } from "type-graphql";
import { AllowUnenrolled } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countRecoveryCodes } from "../../auth/factors/recovery-codes.ts";
import { findTotp } from "../../auth/factors/totp-rows.ts";
import { regenerateRecoveryCodes } from "../../auth/flows/factors/recovery-codes.ts";
import { requirePersonal, type Viewer } from "../../auth/viewer/viewer.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "An authenticator app." })
class Totp {
  @Field(() => GraphQLDateTime, { description: "When it was added." })
  since!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Null if it was never used." })
  lastUsedAt!: Date | null;
}

@ObjectType({ description: "The viewer's second factors." })
class SecondFactors {
  readonly userId!: string;

  @Field(() => Boolean, { description: "Whether this service asks the viewer to have one." })
  required!: boolean;
}

@ObjectType({ description: "New recovery codes. The earlier ones have ended." })
export class RecoveryCodesPayload {
  @Field(() => String)
  message!: string;

  @Field(() => [String], { description: "Shown only once. Each stands in once for a second factor." })
  recoveryCodes!: readonly string[];
}

@Resolver(() => SecondFactors)
export class SecondFactorsResolver {
  @AllowUnenrolled()
  @Query(() => SecondFactors, { nullable: true, description: "The viewer's second factors." })
  secondFactors(@CurrentViewer() viewer: Viewer, @Ctx() { services }: Context): SecondFactors {
    const { userId } = requirePersonal(viewer);
    return { userId, required: services.requiresSecondFactor(viewer) };
  }

  @FieldResolver(() => Totp, { nullable: true })
  async totp(@Root() { userId }: SecondFactors, @Ctx() { database }: Context): Promise<Totp | null> {
    return findTotp(database, userId);
  }

  @FieldResolver(() => Int, { description: "How many recovery codes are left." })
  async recoveryCodesLeft(@Root() { userId }: SecondFactors, @Ctx() { database }: Context): Promise<number> {
    return countRecoveryCodes(database, userId);
  }

  @AllowUnenrolled()
  @Mutation(() => RecoveryCodesPayload, {
    nullable: true,
    description: "Creates ten new recovery codes, and ends the earlier ones. Requires a recent login.",
  })
  async regenerateRecoveryCodes(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RecoveryCodesPayload> {
    const recoveryCodes = unwrap(await regenerateRecoveryCodes(context, { viewer }));
    return { message: "Keep these codes in a safe place.", recoveryCodes };
  }
}
