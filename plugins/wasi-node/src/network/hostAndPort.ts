/**
 * A host with its port, as in `example.org:8443` and `[::1]:443`; undefined
 * where the text is none.
 *
 * @internal
 */
export function hostAndPort(
  text: string,
  defaultPort?: number,
): { host: string; port: number } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = match?.[2] ? Number(match[2]) : defaultPort;
  return match && port !== undefined && port > 0 && port < 65_536
    ? { host: match[1].toLowerCase().replace(/\.$/, ''), port }
    : undefined;
}
