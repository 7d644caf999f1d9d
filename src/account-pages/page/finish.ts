// What comes after a login.
import { call } from "./mutation.ts";
import { show } from "./states.ts";

interface FactorsAnswer {
  readonly secondFactors: { readonly required: boolean; readonly totp: object | null };
  readonly passkeys: readonly object[];
}

/** Where a missing second factor keeps the user from everything, the next step is to add one. */
export const finishLogin = async (leadOn: () => void): Promise<void> => {
  const { data } = await call<FactorsAnswer>("secondFactors");
  const isMissing = data?.secondFactors.totp === null && data.passkeys.length === 0;
  if (data?.secondFactors.required && isMissing) show("enrol");
  else leadOn();
};
