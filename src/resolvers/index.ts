// All resolvers. Add yours to the list: its fields are private unless marked @Public().
import type { NonEmptyArray } from "type-graphql";
import type { Class } from "../auth/access/rules.ts";
import { EmailChangeResolver } from "./account/email-change.ts";
import { LeavingResolver } from "./account/leaving.ts";
import { NewDeviceMailResolver } from "./account/new-device-mail.ts";
import { PasswordResolver } from "./account/password.ts";
import { ProfileResolver } from "./account/profile.ts";
import { RegistrationResolver } from "./account/registration.ts";
import { UsernameResolver } from "./account/username.ts";
import { AdministrationResolver } from "./administration/administration.ts";
import { AuditResolver } from "./administration/audit.ts";
import { UserIdentitiesResolver } from "./administration/identities.ts";
import { ImpersonationResolver } from "./administration/impersonation.ts";
import { UsersResolver } from "./administration/users.ts";
import { AccessTokenResolver } from "./credentials/access-token.ts";
import { DeviceResolver } from "./credentials/device.ts";
import { LeakedTokenResolver } from "./credentials/leaked-token.ts";
import { SessionResolver } from "./credentials/session.ts";
import { MessageResolver } from "./messages.ts";
import { NodeResolver } from "./node.ts";
import { IdentityResolver } from "./sign-in/identities.ts";
import { LoginCodeResolver } from "./sign-in/login-codes.ts";
import { LoginMethodsResolver } from "./sign-in/login-methods.ts";
import { PasskeyResolver } from "./sign-in/passkeys.ts";
import { ProviderCodeResolver } from "./sign-in/provider-codes.ts";
import { ReauthenticationResolver } from "./sign-in/reauthentication.ts";
import { SecondFactorsResolver } from "./sign-in/second-factors.ts";
import { SecondStepResolver } from "./sign-in/second-step.ts";
import { TotpResolver } from "./sign-in/totp.ts";
import { TrustedBrowserResolver } from "./sign-in/trusted-browsers.ts";
import { UserResolver } from "./user.ts";
import { ViewerResolver } from "./viewer.ts";

export const resolvers: NonEmptyArray<Class> = [
  AccessTokenResolver,
  AdministrationResolver,
  AuditResolver,
  DeviceResolver,
  EmailChangeResolver,
  IdentityResolver,
  ImpersonationResolver,
  LeakedTokenResolver,
  LeavingResolver,
  LoginCodeResolver,
  ProviderCodeResolver,
  LoginMethodsResolver,
  MessageResolver,
  NewDeviceMailResolver,
  NodeResolver,
  PasskeyResolver,
  PasswordResolver,
  ProfileResolver,
  ReauthenticationResolver,
  RegistrationResolver,
  SecondFactorsResolver,
  SecondStepResolver,
  SessionResolver,
  TotpResolver,
  TrustedBrowserResolver,
  UserIdentitiesResolver,
  UserResolver,
  UsersResolver,
  UsernameResolver,
  ViewerResolver,
];
