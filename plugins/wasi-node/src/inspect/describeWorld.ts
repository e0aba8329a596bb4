import type { ModuleItem } from './readItems';

/**
 * WIT text of a component's world, from the names of its imports and exports.
 *
 * Interfaces are written as WIT writes them. A function or type that stands
 * alone has a signature that the names do not tell: it appears as a comment.
 *
 * @internal
 */
export function describeWorld(
  imports: ModuleItem[],
  exports: ModuleItem[],
): string {
  const lines = (verb: string, items: ModuleItem[]) =>
    items.map(({ name, kind }) =>
      kind === 'instance' && isInterface(name)
        ? `  ${verb} ${name};`
        : `  // ${verb} ${name.replace(/\s+/g, ' ')}: ${kind}`,
    );
  const blocks = [lines('import', imports), lines('export', exports)]
    .filter(block => block.length > 0)
    .map(block => `${block.join('\n')}\n`);
  return `package root:component;\n\nworld root {\n${blocks.join('\n')}}\n`;
}

/** Two tests, because one that looks for both takes time by the square of the length. */
function isInterface(name: string): boolean {
  return /^[^\s;]+$/.test(name) && /[:/]/.test(name.slice(1, -1));
}
