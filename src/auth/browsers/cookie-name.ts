// The full name of a cookie.

/** `__Host-`: a sibling subdomain cannot set a cookie of this name. Browsers accept it over https only. */
export const hostCookieName = (name: string, { secure }: { readonly secure: boolean }): string =>
  secure ? `__Host-${name}` : name;
