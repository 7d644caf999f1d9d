// From where a request came.

/** What the network told about the device; shown to the owner, believed by nothing. */
export interface Client {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

/** In characters. */
export const longestUserAgent = 512;

/** Of what no request has caused. */
export const noClient: Client = { ipAddress: null, userAgent: null };
