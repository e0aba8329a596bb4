/** Writes small WebAssembly binaries byte by byte, independent of the reader under test. */

export const u32 = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];

export const name = (text: string): number[] => {
  const bytes = [...new TextEncoder().encode(text)];
  return [...u32(bytes.length), ...bytes];
};

export const list = (items: number[][]): number[] => [
  ...u32(items.length),
  ...items.flat(),
];

export const section = (id: number, body: number[]): number[] => [
  id,
  ...u32(body.length),
  ...body,
];

export const custom = (title: string, body: number[] = []): number[] =>
  section(0, [...name(title), ...body]);

export const producers = (
  fields: Record<string, [string, string][]>,
): number[] =>
  custom(
    'producers',
    list(
      Object.entries(fields).map(([field, values]) => [
        ...name(field),
        ...list(values.map(pair => pair.flatMap(name))),
      ]),
    ),
  );

export const coreModule = (...sections: number[][]): number[] => [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...sections.flat(),
];

export const component = (...sections: number[][]): number[] => [
  ...[0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00],
  ...sections.flat(),
];

/** One type: a function without parameters and results. */
export const coreTypes = section(1, list([[0x60, 0x00, 0x00]]));

export const coreImports = (...names: [string, string][]): number[] =>
  section(2, list(names.map(pair => [...pair.flatMap(name), 0x00, 0x00])));

export const coreExports = (...names: string[]): number[] =>
  section(7, list(names.map(text => [...name(text), 0x00, 0x00])));

/** Import of instances, all of type 0. */
export const instanceImports = (...names: string[]): number[] =>
  section(10, list(names.map(text => [0x00, ...name(text), 0x05, 0x00])));

export const instanceExports = (...names: string[]): number[] =>
  section(11, list(names.map(text => [0x00, ...name(text), 0x05, 0x00, 0x00])));
