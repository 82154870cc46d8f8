/** What proves to a registry who is asking. Never written, logged or shown. */
export type Credential =
  | { kind: 'password'; username: string; password: string }
  /** A refresh token of the token service (distribution-spec's OAuth2 flow); `identitytoken` in the file. */
  | { kind: 'identity'; token: string }
  /** A token that the registry itself takes; `registrytoken` in the file. */
  | { kind: 'bearer'; token: string }
