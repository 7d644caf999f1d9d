// `graphward`: what an application is written with. Nothing else needs to be imported from type-graphql or graphql.
import "reflect-metadata";

export { GraphQLDateTime, GraphQLUUID } from "graphql-scalars";
export {
  Arg,
  Args,
  ArgsType,
  Authorized,
  Ctx,
  createUnionType,
  Directive,
  Extensions,
  Field,
  FieldResolver,
  Float,
  ID,
  Info,
  InputType,
  Int,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
  Subscription,
} from "type-graphql";
export { v7 as uuidv7, validate as isUuid } from "uuid";
export { z } from "zod";
export type { PageTexts } from "../account-pages/texts/catalogue.ts";
export { defineServer, type SeedTools, type ServerDefinition } from "../application/definition.ts";
export {
  AllowUnverified,
  Charged,
  Impersonable,
  Public,
  ReadsNodes,
  Scope,
} from "../auth/access/decorators.ts";
export type { Context } from "../auth/context.ts";
export { requireMay } from "../auth/viewer/ownership.ts";
export { hasPermission, isAdministrator } from "../auth/viewer/permissions.ts";
export type { Viewer } from "../auth/viewer/viewer.ts";
export type { BrandDefinition } from "../brand/brand.ts";
export { addJob, type JobOptions } from "../database/add-job.ts";
export { type Owned, OwnOnly, OwnOr, ShownToOthers } from "../entities/own.ts";
export {
  type BrokenRule,
  badUserInput,
  brokenRule,
  type ErrorCode,
  forbidden,
  invalidToken,
  notFound,
  rateLimited,
  reauthenticationRequired,
  serviceUnavailable,
  unauthenticated,
} from "../errors.ts";
export type { CronLine, Job, Task } from "../jobs/application-jobs.ts";
export { type Publisher, type PublishOptions, publish } from "../live/publish.ts";
export * from "../live/topic-types.ts";
export type { MailFacts, MailTexts } from "../mail/texts/catalogue.ts";
export type { MailMessage, MailTransport } from "../mail/transport.ts";
export { CurrentViewer } from "../resolvers/current-viewer.ts";
export { days, hours, milliseconds, minutes, seconds } from "../time.ts";
export { createServer, type EmbeddedServer, type EmbeddingOptions } from "./create-server.ts";
