/** One request that two APIs are sent. */
export interface Request {
  method: string;
  /** Below the modules of the namespace where it is not absolute; NAMESPACE is replaced. */
  path: string;
  body?: unknown;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
}
