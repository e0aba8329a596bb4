// What a module meets beside the Web APIs that TypeScript knows.

declare module 'wasi:cli/environment@0.2.3' {
  export function getEnvironment(): [name: string, value: string][];
}

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

declare function addEventListener(
  type: 'fetch',
  listener: (event: FetchEvent) => void,
): void;
