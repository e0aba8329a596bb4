import type { CommitFacts, ObjectReader } from './ObjectReader';

/** What a client asks for and what it has. @internal */
export interface ObjectSelection {
  /** Objects at the tips of the references wanted. */
  wants: string[];
  /** Objects that both sides have. */
  common: string[];
  /** Commits whose parents the client lacks. */
  clientShallow: string[];
  /** Commits from the tip down; undefined for all of the history. */
  depth?: number;
  /** Annotated tags to add when the commit they name is sent. */
  tags?: { oid: string; peeled: string }[];
}

/** Objects to send, and how the client's shallow borders move. @internal */
export interface SelectedObjects {
  oids: string[];
  /** Commits that become a border. */
  shallow: string[];
  /** Borders of the client that are none any more. */
  unshallow: string[];
}

/**
 * Chooses the objects that a client lacks.
 *
 * @internal
 */
export async function selectObjects(
  objects: ObjectReader,
  selection: ObjectSelection,
): Promise<SelectedObjects> {
  const clientShallow = new Set(selection.clientShallow);
  const known = await commitsFrom(objects, selection.common, {
    isBorder: commit => clientShallow.has(commit.oid),
  });
  const wanted = await commitsWanted(objects, selection, clientShallow);

  const sent = new Set<string>();
  const shown = new Set<string>();
  // What the client has of the trees next to those that we send.
  const neighbours = new Set(selection.common);
  for (const commit of wanted.commits.values()) {
    commit.parents
      .filter(parent => known.has(parent))
      .forEach(parent => neighbours.add(parent));
  }
  for (const oid of neighbours) {
    await collectObjects(objects, oid, shown);
  }
  for (const oid of [
    ...selection.wants,
    ...[...wanted.commits.keys()].filter(commit => !known.has(commit)),
  ]) {
    await collectObjects(objects, oid, sent, shown);
  }
  for (const { oid, peeled } of selection.tags ?? []) {
    if (sent.has(peeled) && !shown.has(oid)) {
      await collectObjects(objects, oid, sent, shown);
    }
  }
  const shallow = [...wanted.border].filter(oid => !clientShallow.has(oid));
  return {
    oids: [...sent],
    shallow,
    unshallow: selection.clientShallow.filter(
      oid => wanted.commits.has(oid) && !wanted.border.has(oid),
    ),
  };
}

async function commitsWanted(
  objects: ObjectReader,
  selection: ObjectSelection,
  clientShallow: Set<string>,
): Promise<{ commits: Map<string, CommitFacts>; border: Set<string> }> {
  const border = new Set<string>();
  const { depth } = selection;
  const commits = await commitsFrom(objects, selection.wants, {
    isBorder: (commit, distance) => {
      if (depth === undefined) {
        // Without `deepen`, the history that the client cut off stays cut off.
        return clientShallow.has(commit.oid);
      }
      const cut = distance >= depth && commit.parents.length > 0;
      if (cut) {
        border.add(commit.oid);
      }
      return cut;
    },
  });
  return { commits, border };
}

// Breadth first, so that each commit is met at its least distance from a tip.
async function commitsFrom(
  objects: ObjectReader,
  tips: string[],
  options: { isBorder(commit: CommitFacts, distance: number): boolean },
): Promise<Map<string, CommitFacts>> {
  const commits = new Map<string, CommitFacts>();
  let generation = tips;
  for (let distance = 1; generation.length > 0; distance += 1) {
    const next: string[] = [];
    for (const oid of generation) {
      const commit = commits.has(oid) ? undefined : await objects.commit(oid);
      if (!commit || commits.has(commit.oid)) {
        continue;
      }
      commits.set(commit.oid, commit);
      if (!options.isBorder(commit, distance)) {
        next.push(...commit.parents);
      }
    }
    generation = next;
  }
  return commits;
}

/** Adds an object and all of its tree, never a commit's parents. */
async function collectObjects(
  objects: ObjectReader,
  start: string,
  into: Set<string>,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  const pending = [start];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (into.has(oid) || except.has(oid)) {
      continue;
    }
    into.add(oid);
    const object = await objects.read(oid);
    switch (object.type) {
      case 'commit':
        pending.push(object.commit.tree);
        break;
      case 'tag':
        pending.push(object.target);
        break;
      case 'tree':
        for (const entry of object.entries) {
          if (entry.type === 'tree') {
            pending.push(entry.oid);
          } else if (entry.type === 'blob' && !except.has(entry.oid)) {
            // Not read: a blob points nowhere. Commits in trees are submodules.
            into.add(entry.oid);
          }
        }
        break;
      default:
    }
  }
}
