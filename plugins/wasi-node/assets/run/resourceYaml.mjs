import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Document, isMap, isSeq, parseAllDocuments, parseDocument } from 'yaml';

// node resourceYaml.mjs '{}', with a request as JSON on standard input
// Reads and writes YAML that others wrote, here because it may keep a reader busy
// for minutes: whoever waits can end this process.
new Worker(new URL('./parentWatch.mjs', import.meta.url)).unref();

const operations = { read, list, clean };

try {
  const { operation, ...request } = JSON.parse(readFileSync(0, 'utf8'));
  process.stdout.write(JSON.stringify(operations[operation](request)));
} catch (error) {
  // A fault of the text, more aliases than anybody has use for, or deeper than the stack.
  process.stdout.write(
    JSON.stringify({ fault: String(error?.message ?? error).split('\n')[0] }),
  );
}

/** Resources of files, each annotated with its place. */
function read({ files, annotations }) {
  const items = [];
  for (const { path, text } of files) {
    for (const [index, document] of [...parseAllDocuments(text)].entries()) {
      const place = index === 0 ? path : `${path}, document ${index + 1}`;
      const item = readOne(document, place, { path, index, annotations });
      if (item?.fault) {
        return item;
      }
      if (item) {
        items.push(item);
      }
    }
  }
  return { items };
}

function readOne(document, place, { path, index, annotations }) {
  try {
    requireSound(document);
    if (document.contents === null) {
      return undefined;
    }
    if (isMap(document.contents)) {
      // A comment above a document belongs to its resource once it is in a list.
      document.contents.commentBefore =
        [document.commentBefore, document.contents.commentBefore]
          .filter(Boolean)
          .join('\n') || undefined;
      document.commentBefore = null;
      if (isMap(document.get('metadata'))) {
        if (document.getIn(['metadata', 'annotations']) === null) {
          document.deleteIn(['metadata', 'annotations']);
        }
        const { path: pathName, index: indexName } = annotations;
        document.setIn(['metadata', 'annotations', pathName], path);
        document.setIn(['metadata', 'annotations', indexName], String(index));
      }
    }
    return {
      place,
      value: document.toJS(),
      text: textOf(document.contents, document.comment),
    };
  } catch (error) {
    return { fault: `${place}: ${String(error.message).split('\n')[0]}` };
  }
}

/** A resource list: all but its items as a value, each item as value and text. */
function list({ text }) {
  const document = parseDocument(text);
  requireSound(document);
  const value = document.toJS();
  const nodes = isMap(document.contents) ? document.get('items') : undefined;
  if (!Array.isArray(value?.items) || !isSeq(nodes)) {
    return { value };
  }
  return {
    value: { ...value, items: undefined },
    items: value.items.map((item, index) => ({
      value: item,
      text: textOfItem(nodes.items[index]),
    })),
  };
}

function textOfItem(node) {
  try {
    return textOf(node);
  } catch {
    // An alias of something outside the item: there is no text without it.
    return undefined;
  }
}

/** Without the marks of a document, so that it can become part of another. */
function textOf(contents, comment = null) {
  const document = new Document();
  document.contents = contents;
  document.comment = comment;
  return document.toString();
}

/** Texts of resources without the annotations named. */
function clean({ texts, annotations }) {
  return {
    texts: texts.map(text => {
      const document = parseDocument(text);
      requireSound(document);
      const kept = document.getIn(['metadata', 'annotations']);
      if (isMap(kept)) {
        for (const name of annotations) {
          kept.delete(name);
        }
        if (kept.items.length === 0) {
          document.deleteIn(['metadata', 'annotations']);
        }
      }
      return document.toString();
    }),
  };
}

function requireSound({ errors }) {
  if (errors.length > 0) {
    throw errors[0];
  }
}
