// Fields for every way in which a resolver can end, private like everything that says nothing: access.lock stays as it is.
import { GraphQLError } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import {
  Arg,
  Ctx,
  createUnionType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from "type-graphql";
import type { Context } from "../../src/auth/context.ts";
import { badUserInput, forbidden, notFound, serviceUnavailable } from "../../src/errors.ts";
import { Message } from "../../src/resolvers/messages.ts";

enum Size {
  SMALL = 1,
  LARGE = 2,
}
registerEnumType(Size, { name: "Size" });

@InputType()
class ProbeInput {
  @Field(() => String)
  text!: string;
  @Field(() => Int, { defaultValue: 7 })
  number!: number;
  @Field(() => [ID], { nullable: true })
  ids?: string[];
  @Field(() => ProbeInput, { nullable: true })
  inner?: ProbeInput;
}

@InterfaceType({ resolveType: () => "Probe" })
abstract class Named {
  @Field(() => String)
  name!: string;
}

/** One object for every request, as a constant of a module would be. */
const shared = new GraphQLError("Shared.", { extensions: { code: "SHARED" } });

const thrown: Record<string, () => unknown> = {
  error: () => new Error("select password_hash from users -- /srv/app/src/secret.ts"),
  text: () => "no error at all",
  nothing: () => undefined,
  notFound,
  forbidden,
  unavailable: () => serviceUnavailable(),
  badUserInput: () => badUserInput([{ field: "text", rule: "required", message: "Say something." }]),
  endedConnection: () => Object.assign(new Error("terminating connection"), { code: "57P01" }),
  graphql: () => new GraphQLError("A text of its own.", { extensions: { code: "OF_ITS_OWN", detail: 1 } }),
  teapot: () =>
    new GraphQLError("A teapot.", {
      extensions: { code: "TEAPOT", http: { status: 418, headers: new Map([["x-tea", "green"]]) } },
    }),
  shared: () => shared,
  nullPrototype: () => Object.create(null),
};

@ObjectType({ implements: Named })
export class Probe extends Named {
  override name = "probe";
  @Field(() => GraphQLDateTime)
  at: Date = new Date(0);

  @Field(() => String, { nullable: true })
  nothing(): null {
    return null;
  }
  @Field(() => String)
  missing(): null {
    return null;
  }
  @Field(() => String, { nullable: true })
  fails(@Arg("with", () => String, { defaultValue: "error" }) kind: string): string {
    throw thrown[kind]?.();
  }
  @Field(() => String)
  async failsLate(): Promise<string> {
    await new Promise(setImmediate);
    throw thrown.error?.();
  }
  @Field(() => String, { nullable: true })
  async late(): Promise<string> {
    await new Promise(setImmediate);
    return "late";
  }
  @Field(() => String, { nullable: true })
  returnsError(): Error {
    return new Error("returned, not thrown");
  }
  @Field(() => Int, { nullable: true })
  tooLarge(): number {
    return 2 ** 31;
  }
  @Field(() => [Int], { nullable: true })
  noList(): unknown {
    return 5;
  }
  @Field(() => [Int], { nullable: true })
  holes(): unknown {
    return [1, null, 3];
  }
  @Field(() => [Int], { nullable: "items" })
  items(): unknown {
    return [1, null, 3];
  }
  @Field(() => [Probe])
  many(@Arg("count", () => Int, { defaultValue: 2 }) count: number): Probe[] {
    return Array.from({ length: count }, () => new Probe());
  }
  @Field(() => Probe, { nullable: true })
  inner(): Probe {
    return new Probe();
  }
  @Field(() => Size, { nullable: true })
  size(@Arg("value", () => Int) value: number): number {
    return value;
  }
  @Field(() => Thing, { nullable: true })
  thing(@Arg("kind", () => String) kind: string): unknown {
    return { probe: new Probe(), message: Object.assign(new Message(), { message: "Hi" }) }[kind] ?? {};
  }
  @Field(() => Named, { nullable: true })
  named(): Named {
    return new Probe();
  }
  @Field(() => String)
  async caller(@Ctx() context: Context): Promise<string> {
    return (await context.findViewer())?.user.username ?? "nobody";
  }
}

const Thing = createUnionType({
  name: "Thing",
  types: () => [Probe, Message] as const,
  resolveType: (value: object) =>
    value instanceof Probe ? Probe : value instanceof Message ? Message : undefined,
});

/** The counts of each server, by its port: one process holds both. */
const counts = new Map<number, number>();
const countOne = ({ exchange }: Context): number => {
  const port = exchange.request.socket.localPort ?? 0;
  const count = (counts.get(port) ?? 0) + 1;
  counts.set(port, count);
  return count;
};

@Resolver()
export class ProbeResolver {
  @Query(() => Probe, { nullable: true })
  probe(): Probe {
    return new Probe();
  }
  @Query(() => Probe)
  requiredProbe(): Probe {
    return new Probe();
  }
  @Query(() => String, { nullable: true })
  echo(
    @Arg("text", () => String, { defaultValue: "none" }) text: string | null,
    @Arg("number", () => Int, { nullable: true }) number?: number | null,
    @Arg("decimal", () => Float, { nullable: true }) decimal?: number | null,
    @Arg("flag", () => Boolean, { nullable: true }) flag?: boolean | null,
    @Arg("id", () => ID, { nullable: true }) id?: string | null,
    @Arg("list", () => [Int], { nullable: true }) list?: number[] | null,
    @Arg("input", () => ProbeInput, { nullable: true }) input?: ProbeInput | null,
    @Arg("size", () => Size, { nullable: true }) size?: Size | null,
    @Arg("at", () => GraphQLDateTime, { nullable: true }) at?: Date | null,
  ): string {
    return JSON.stringify({ text, number, decimal, flag, id, list, input, size, at });
  }
  @Mutation(() => Int)
  count(@Ctx() context: Context): number {
    return countOne(context);
  }
  @Mutation(() => Int, { nullable: true })
  countAndFail(@Ctx() context: Context): number {
    countOne(context);
    throw notFound();
  }
}
