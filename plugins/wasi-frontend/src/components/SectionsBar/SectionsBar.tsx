import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ModuleSection } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { formatBytes } from '../../format';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { summarizeSections, type BarPart } from './summarizeSections';
import styles from './SectionsBar.module.css';

/**
 * The sections of a module as a bar, with a table as its legend.
 *
 * The bar is one image with a spoken summary; the table holds every number,
 * and a row that has the focus or the pointer is marked in the bar.
 */
export function SectionsBar(props: { sections: readonly ModuleSection[] }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [marked, setMarked] = useState<number>();
  const parts = summarizeSections(props.sections);
  if (parts.length === 0) {
    return null;
  }
  const nameOf = (part: BarPart) =>
    part.name ?? t('sections.other', { count: part.count });
  const rows = parts.map((part, index) => ({ part, index }));
  return (
    <div className={styles.root}>
      <div
        role="img"
        aria-label={t('sections.summary', {
          sections: parts
            .map(part => `${nameOf(part)} ${percent(part)}`)
            .join(', '),
        })}
        className={styles.bar}
      >
        {rows.map(({ part, index }) => (
          <span
            key={index}
            className={styles.part}
            data-colour={index}
            data-marked={marked === index || undefined}
            style={{ flexGrow: part.share }}
            title={`${nameOf(part)}: ${formatBytes(part.size)}`}
            onMouseEnter={() => setMarked(index)}
            onMouseLeave={() => setMarked(undefined)}
          />
        ))}
      </div>
      <DataTable
        label={t('sections.heading')}
        keepColumns
        rows={rows}
        rowKey={({ index }) => String(index)}
        columns={[
          {
            id: 'name',
            label: t('sections.section'),
            isRowHeader: true,
            cell: ({ part, index }) => (
              <button
                type="button"
                className={styles.name}
                aria-pressed={marked === index}
                onFocus={() => setMarked(index)}
                onBlur={() => setMarked(undefined)}
                onMouseEnter={() => setMarked(index)}
                onMouseLeave={() => setMarked(undefined)}
                onClick={() => setMarked(index)}
              >
                <span
                  className={styles.swatch}
                  data-colour={index}
                  aria-hidden
                />
                {nameOf(part)}
              </button>
            ),
          },
          {
            id: 'size',
            label: t('sections.size'),
            numeric: true,
            cell: ({ part }) => formatBytes(part.size),
          },
          {
            id: 'share',
            label: t('sections.share'),
            numeric: true,
            cell: ({ part }) => percent(part),
          },
        ]}
      />
    </div>
  );
}

function percent(part: BarPart): string {
  const value = part.share * 100;
  return value < 1 ? '< 1 %' : `${Math.round(value)} %`;
}
