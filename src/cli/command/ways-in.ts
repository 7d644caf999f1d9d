// The ways in that the settings switch on, for commands.
import type { WaysIn } from "../../auth/flows/ways-in.ts";
import type { Config } from "../../config/config.ts";

export const waysInOf = ({ passwordLogin, loginCodes, passkeys, identityProviders }: Config): WaysIn => ({
  isPasswordLoginOn: passwordLogin,
  areLoginCodesOn: loginCodes,
  relyingParty: passkeys,
  providers: { list: identityProviders.map((settings) => ({ settings })) },
});
