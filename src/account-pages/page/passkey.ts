// Asks the browser for a passkey, where it knows how.

/** Not in every version of the library of types, nor in every browser. */
interface PasskeyReader {
  parseRequestOptionsFromJSON?(options: object): PublicKeyCredentialRequestOptions;
}

const reader = (): PasskeyReader | undefined =>
  (globalThis as { PublicKeyCredential?: PasskeyReader }).PublicKeyCredential;

export const knowsPasskeys = (): boolean => typeof reader()?.parseRequestOptionsFromJSON === "function";

/** The response as JSON. Null when the user cancelled, or no passkey fits. */
export const askForPasskey = async (options: object): Promise<object | null> => {
  try {
    const publicKey = reader()?.parseRequestOptionsFromJSON?.(options);
    if (publicKey === undefined) return null;
    const credential = await navigator.credentials.get({ publicKey });
    return (credential as { toJSON?(): object } | null)?.toJSON?.() ?? null;
  } catch {
    return null;
  }
};
