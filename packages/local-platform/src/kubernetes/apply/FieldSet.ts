import { isObject, type Json, type JsonObject } from '../schema/Schema';

/**
 * A set of fields, as `metadata.managedFields` writes it (FieldsV1).
 *
 * A path is a list of elements: `f:name` for a field, `k:{…}` for an item of
 * a list by its keys, `v:…` for an item of a set by its value. Sets are never
 * changed in place.
 *
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export class FieldSet {
  static readonly empty = new FieldSet(false, new Map());

  private constructor(
    /** Whether the path that leads here is itself in the set. */
    readonly member: boolean,
    readonly children: ReadonlyMap<string, FieldSet>,
  ) {}

  static of(paths: string[][]): FieldSet {
    return paths.reduce(
      (set, path) => set.union(FieldSet.path(path)),
      FieldSet.empty,
    );
  }

  static node(member: boolean, children: Map<string, FieldSet>): FieldSet {
    return new FieldSet(member, children);
  }

  /** Reads FieldsV1; what is not understood is left out. */
  static parse(fields: Json | undefined): FieldSet {
    if (!isObject(fields)) {
      return FieldSet.empty;
    }
    const entries = Object.entries(fields);
    const children = entries
      .filter(([element]) => element !== '.')
      .map(([element, below]): [string, FieldSet] => {
        const child = FieldSet.parse(below);
        return [
          element,
          child.children.size === 0
            ? new FieldSet(true, child.children)
            : child,
        ];
      });
    return new FieldSet(Object.hasOwn(fields, '.'), new Map(children));
  }

  get isEmpty(): boolean {
    return (
      !this.member && [...this.children.values()].every(child => child.isEmpty)
    );
  }

  /** The set below one element; empty where there is none. */
  below(element: string): FieldSet {
    return this.children.get(element) ?? FieldSet.empty;
  }

  has(path: string[]): boolean {
    return path.reduce<FieldSet>((set, element) => set.below(element), this)
      .member;
  }

  union(other: FieldSet): FieldSet {
    return this.combine(other, (left, right) => left || right);
  }

  difference(other: FieldSet): FieldSet {
    return this.combine(other, (left, right) => left && !right);
  }

  intersection(other: FieldSet): FieldSet {
    return this.combine(other, (left, right) => left && right);
  }

  equals(other: FieldSet): boolean {
    return this.combine(other, (left, right) => left !== right).isEmpty;
  }

  paths(): string[][] {
    return [
      ...(this.member ? [[]] : []),
      ...[...this.children].flatMap(([element, child]) =>
        child.paths().map(path => [element, ...path]),
      ),
    ];
  }

  toFieldsV1(): JsonObject {
    const entries = [...this.children]
      .filter(([, child]) => !child.isEmpty)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([element, child]): [string, Json] => {
        const below = child.toFieldsV1();
        const both = child.member && Object.keys(below).length > 0;
        return [element, both ? { '.': {}, ...below } : below];
      });
    return Object.fromEntries(entries);
  }

  private static path(path: string[]): FieldSet {
    return path.reduceRight(
      (below, element) => new FieldSet(false, new Map([[element, below]])),
      new FieldSet(true, new Map()),
    );
  }

  private combine(
    other: FieldSet,
    keep: (left: boolean, right: boolean) => boolean,
  ): FieldSet {
    const elements = new Set([
      ...this.children.keys(),
      ...other.children.keys(),
    ]);
    const children = new Map<string, FieldSet>();
    for (const element of elements) {
      const child = this.below(element).combine(other.below(element), keep);
      if (!child.isEmpty) {
        children.set(element, child);
      }
    }
    return new FieldSet(keep(this.member, other.member), children);
  }
}

/** A path as conflicts print it: `.spec.env[name="A"].value`. */
export function printPath(path: string[]): string {
  return path
    .map(element => {
      const value = element.slice(2);
      switch (element.slice(0, 2)) {
        case 'k:':
          return `[${Object.entries(JSON.parse(value) as JsonObject)
            .map(([key, one]) => `${key}=${JSON.stringify(one)}`)
            .join(',')}]`;
        case 'v:':
          return `[=${value}]`;
        default:
          return `.${value}`;
      }
    })
    .join('');
}
