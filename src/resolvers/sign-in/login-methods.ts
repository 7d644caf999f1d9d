// The ways to log in that this service offers, for front ends.
import { Ctx, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import { Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";

@ObjectType({ description: "A provider that users can log in with." })
class LoginProvider {
  @Field(() => ID, { description: "The login begins at /login/ with this id." })
  id!: string;

  @Field(() => String, { description: "For the button." })
  name!: string;
}

@ObjectType({ description: "The ways to log in that this service offers." })
class LoginMethods {
  @Field(() => Boolean, { description: "Whether login accepts a password." })
  password!: boolean;

  @Field(() => Boolean, { description: "Whether requestLoginCode mails a code." })
  emailCode!: boolean;

  @Field(() => Boolean, { description: "Whether loginWithPasskey is on." })
  passkey!: boolean;

  @Field(() => [LoginProvider], { description: "In the order of the settings." })
  providers!: readonly LoginProvider[];

  @Field(() => Boolean, { description: "Whether anyone can register." })
  registration!: boolean;
}

@Resolver()
export class LoginMethodsResolver {
  @Public()
  @Query(() => LoginMethods, { description: "The ways to log in that this service offers." })
  loginMethods(@Ctx() { services }: Context): LoginMethods {
    return {
      password: services.isPasswordLoginOn,
      emailCode: services.areLoginCodesOn,
      passkey: services.relyingParty !== null,
      providers: services.providers.list.map(({ settings: { id, name } }) => ({ id, name })),
      registration: services.isRegistrationOpen,
    };
  }
}
