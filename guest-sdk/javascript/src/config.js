import * as raw from 'vuelo:load/config@0.1.0';

export function get(key) {
  return raw.get(String(key)) ?? undefined;
}

export function require(key) {
  const value = get(key);
  if (value === undefined) {
    throw new Error(`the key ${key} has no value`);
  }
  return value;
}

export function secret(key) {
  const secret = raw.getSecret(String(key));
  return secret ? new Secret(secret, '') : undefined;
}

/** A value that can be sent and not be read. */
export class Secret {
  constructor(raw, prefix) {
    this.raw = raw;
    this.prefix = String(prefix);
  }

  withPrefix(prefix) {
    return new Secret(this.raw, prefix);
  }
}
