// Every resolver. Add yours to the list: its fields are private until one says @Public().
import type { NonEmptyArray } from "type-graphql";
import type { Class } from "../auth/access/rules.ts";
import { AccessTokenResolver } from "./access-token.ts";
import { AdministrationResolver } from "./administration.ts";
import { AuditResolver } from "./audit.ts";
import { DeviceResolver } from "./device.ts";
import { EmailChangeResolver } from "./email-change.ts";
import { ImpersonationResolver } from "./impersonation.ts";
import { LeakedTokenResolver } from "./leaked-token.ts";
import { LeavingResolver } from "./leaving.ts";
import { MessageResolver } from "./messages.ts";
import { NewDeviceMailResolver } from "./new-device-mail.ts";
import { PasswordResolver } from "./password.ts";
import { RegistrationResolver } from "./registration.ts";
import { SessionResolver } from "./session.ts";
import { UsernameResolver } from "./username.ts";
import { UsersResolver } from "./users.ts";
import { ViewerResolver } from "./viewer.ts";

export const resolvers: NonEmptyArray<Class> = [
  AccessTokenResolver,
  AdministrationResolver,
  AuditResolver,
  DeviceResolver,
  EmailChangeResolver,
  ImpersonationResolver,
  LeakedTokenResolver,
  LeavingResolver,
  MessageResolver,
  NewDeviceMailResolver,
  PasswordResolver,
  RegistrationResolver,
  SessionResolver,
  UsersResolver,
  UsernameResolver,
  ViewerResolver,
];
