/**
 * A custom request of the editor's client, declared once: its method, and what it takes and gives for the compiler alone.
 * A rejected request is a bug; what the outside refuses is in its result.
 */
export interface RequestMessage<Params, Result> {
  readonly method: `lockstep/${string}`;
  /** Never there: it carries the types. */
  readonly types?: (params: Params) => Result;
}

/** A custom notification, in either direction, declared once. */
export interface NotificationMessage<Params> {
  readonly method: `lockstep/${string}`;
  /** Never there: it carries the type. */
  readonly types?: (params: Params) => void;
}

export function request<Params, Result>(name: string): RequestMessage<Params, Result> {
  return { method: `lockstep/${name}` };
}

export function notification<Params>(name: string): NotificationMessage<Params> {
  return { method: `lockstep/${name}` };
}
