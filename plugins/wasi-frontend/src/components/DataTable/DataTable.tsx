import type { ReactNode } from 'react';
import styles from './DataTable.module.css';

/** A column of a {@link DataTable}. */
export interface DataColumn<Row> {
  id: string;
  label: string;
  cell: (row: Row) => ReactNode;
  /** The cell that names the row. */
  isRowHeader?: boolean;
  numeric?: boolean;
}

/**
 * A plain table that folds into a list of fields where it is narrow.
 *
 * The roles are written out, because folding takes them away in some browsers.
 */
export function DataTable<Row>(props: {
  label: string;
  columns: DataColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row, index: number) => string;
  /** Cells are short enough for a phone, so the columns stay. */
  keepColumns?: boolean;
}) {
  const { columns, rows } = props;
  return (
    <div className={styles.container}>
      <table
        role="table"
        aria-label={props.label}
        className={
          props.keepColumns ? styles.table : `${styles.table} ${styles.folding}`
        }
      >
        <thead>
          <tr role="row">
            {columns.map(column => (
              <th
                role="columnheader"
                scope="col"
                key={column.id}
                data-numeric={column.numeric || undefined}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr role="row" key={props.rowKey(row, index)}>
              {columns.map(column => {
                const shared = {
                  'data-label': column.label,
                  'data-numeric': column.numeric || undefined,
                };
                return column.isRowHeader ? (
                  <th role="rowheader" scope="row" {...shared} key={column.id}>
                    {column.cell(row)}
                  </th>
                ) : (
                  // eslint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role -- restores what folding takes away
                  <td role="cell" {...shared} key={column.id}>
                    {column.cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
